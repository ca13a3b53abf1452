public import Primitives

internal import EtcdAPI
internal import HTTPTransport
internal import Registry
internal import ReplicaCore
internal import SnapshotFile
internal import WriteAheadLog

/// A parser of bytes that come from outside, or from a disk, as a plain function that takes any bytes.
///
/// An entry returns for every input; what it must not do ends the process.
public enum FuzzEntry: String, CaseIterable, Sendable {
  /// Frames from a client, HPACK and gRPC's messages included.
  case serverFrames = "server-frames"
  /// Frames from a server.
  case clientFrames = "client-frames"
  /// Compressed messages.
  case gzip
  /// The protobuf of requests that are decoded without message objects.
  case requests
  /// Bodies of the JSON gateway's requests.
  case gateway
  /// Commands as the log carries them.
  case commands
  /// Segments of the log.
  case logSegment = "log-segment"
  /// Snapshot files.
  case snapshot
  /// Manifests, YAML and JSON.
  case yaml
  /// What members send each other.
  case peerFrame = "peer-frame"
  /// Parts of a state on its way between members.
  case peerState = "peer-state"
  /// Objects as kube-apiserver stores them.
  case protobufObject = "protobuf-object"

  /// Hands the bytes to the parser.
  public func run(_ bytes: Bytes) {
    switch self {
    case .serverFrames: fuzzHTTP2Server(bytes)
    case .clientFrames: fuzzHTTP2Client(bytes)
    case .gzip: fuzzGzip(bytes)
    case .requests: fuzzRequests(bytes)
    case .gateway: fuzzGatewayBody(bytes)
    case .commands: Self.runCommand(bytes)
    case .logSegment: fuzzLogSegment(bytes)
    case .snapshot: fuzzSnapshot(bytes)
    case .peerFrame: PeerSeeds.runFrame(bytes)
    case .peerState: PeerSeeds.runState(bytes)
    case .yaml: fuzzYAML(bytes)
    case .protobufObject: fuzzStoredObject(bytes)
    }
  }

  /// Valid inputs, from which mutation starts; the same in every process.
  public var seeds: [Bytes] {
    switch self {
    case .serverFrames: FrameSeeds.server
    case .clientFrames: FrameSeeds.client
    case .gzip: GzipSeeds.all
    case .requests: RequestSeeds.all
    case .gateway: GatewaySeeds.all
    case .commands: CommandSeeds.all
    case .logSegment: LogSeeds.all
    case .snapshot: SnapshotSeeds.all
    case .peerFrame: PeerSeeds.frames
    case .peerState: PeerSeeds.states
    case .yaml: ManifestSeeds.all
    case .protobufObject: ObjectSeeds.all
    }
  }

  /// A command that is accepted must survive its own encoding: replicas compare what they applied.
  private static func runCommand(_ bytes: Bytes) {
    guard let command = try? Command.decode(bytes) else { return }
    let again = try? Command.decode(command.encoded())
    invariant(again == command, "a command does not survive its encoding: \(command)")
  }
}
