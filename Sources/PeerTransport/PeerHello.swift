internal import Member
public import Primitives

/// The protocols that this release speaks.
enum PeerProtocol {
  /// The oldest and the newest.
  static let spoken: ClosedRange<UInt32> = 1...2

  /// The first in which votes, and requests for them, name the last entry known to be committed.
  static let commitsInVotes: UInt32 = 2
  /// The first in which followers that ask about reads may confirm with it that the leader leads.
  static let confirmingReadRequests: UInt32 = 2

  /// The newest that both ends speak, if there is one.
  static func common(_ other: ClosedRange<UInt32>) -> UInt32? {
    let newest = min(spoken.upperBound, other.upperBound)
    return newest >= max(spoken.lowerBound, other.lowerBound) ? newest : nil
  }
}

/// How a connection between members begins: who speaks, to whom, in which cluster, and with what.
public struct PeerHello: Hashable, Sendable {
  /// The cluster that both must belong to.
  public var cluster: ClusterID
  /// Who speaks.
  public var from: MemberID
  /// Whom it means to reach.
  public var to: MemberID
  /// The protocols that it speaks.
  public var protocols: ClosedRange<UInt32>
  /// Its release.
  public var version: String

  /// Describes a greeting.
  public init(
    cluster: ClusterID, from: MemberID, to: MemberID, protocols: ClosedRange<UInt32>,
    version: String
  ) {
    self.cluster = cluster
    self.from = from
    self.to = to
    self.protocols = protocols
    self.version = version
  }

  private static let format: UInt8 = 1

  func encoded() -> Bytes {
    var writer = ByteWriter(capacity: 64)
    writer.append(Self.format)
    writer.appendVarint(cluster.rawValue)
    writer.appendVarint(from.rawValue)
    writer.appendVarint(to.rawValue)
    writer.appendVarint(UInt64(protocols.lowerBound))
    writer.appendVarint(UInt64(protocols.upperBound))
    writer.append(counted: version)
    return writer.bytes
  }

  /// Decodes a greeting; what a later release writes behind the known fields is passed over.
  static func decode(_ bytes: Bytes) throws(DecodingError) -> PeerHello {
    var reader = ByteReader(bytes)
    guard try reader.readByte() == format else { throw .malformed }
    let cluster = ClusterID(try reader.readVarint())
    let from = MemberID(try reader.readVarint())
    let to = MemberID(try reader.readVarint())
    guard let oldest = UInt32(exactly: try reader.readVarint()),
      let newest = UInt32(exactly: try reader.readVarint()), oldest <= newest
    else { throw .malformed }
    return PeerHello(
      cluster: cluster, from: from, to: to, protocols: oldest...newest,
      version: try reader.readCountedText())
  }
}

/// What a member answers to a greeting that it accepts.
struct PeerWelcome: Hashable, Sendable {
  /// The protocol to speak.
  var protocolNumber: UInt32
  /// The release of the member that answers.
  var version: String

  private static let accepted: UInt8 = 1
  private static let refused: UInt8 = 2

  static func encode(_ answer: Result<PeerWelcome, PeerRefusal>) -> Bytes {
    var writer = ByteWriter(capacity: 64)
    switch answer {
    case .success(let welcome):
      writer.append(accepted)
      writer.appendVarint(UInt64(welcome.protocolNumber))
      writer.append(counted: welcome.version)
    case .failure(let refusal):
      writer.append(refused)
      writer.append(refusal)
    }
    return writer.bytes
  }

  static func decode(
    _ bytes: Bytes
  ) throws(DecodingError) -> Result<PeerWelcome, PeerRefusal> {
    var reader = ByteReader(bytes)
    switch try reader.readByte() {
    case accepted:
      guard let number = UInt32(exactly: try reader.readVarint()) else { throw .malformed }
      return .success(PeerWelcome(protocolNumber: number, version: try reader.readCountedText()))
    case refused: return .failure(try reader.readRefusal())
    default: throw .malformed
    }
  }
}

/// What each stream says of itself in a header: the greeting in short.
struct StreamIdentity: Hashable, Sendable {
  static let header = "keelson-peer"

  var cluster: ClusterID
  var from: MemberID
  var to: MemberID
  var protocolNumber: UInt32

  var text: String { "\(cluster) \(from) \(to) \(protocolNumber)" }

  init(cluster: ClusterID, from: MemberID, to: MemberID, protocolNumber: UInt32) {
    self.cluster = cluster
    self.from = from
    self.to = to
    self.protocolNumber = protocolNumber
  }

  init?(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false)
    guard parts.count == 4, let cluster = UInt64(parts[0], radix: 16),
      let from = UInt64(parts[1], radix: 16), let to = UInt64(parts[2], radix: 16),
      let number = UInt32(parts[3])
    else { return nil }
    self.init(
      cluster: ClusterID(cluster), from: MemberID(from), to: MemberID(to), protocolNumber: number)
  }
}
