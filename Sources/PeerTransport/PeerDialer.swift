internal import HTTPTransport
internal import Member
internal import NIOCore
internal import NIOPosix
internal import Primitives
internal import Synchronization

/// Makes connections to other members and greets them.
final class PeerDialer: Sendable {
  /// Why there is no connection.
  enum Failure: Error {
    /// Nobody answers, or what answers is no member.
    case unreachable(String)
    /// A member answers, and will not talk to this one.
    case refused(PeerRefusal)
  }

  let configuration: PeerConfiguration
  /// The loop on which all connections to other members live.
  let group: MultiThreadedEventLoopGroup

  init(_ configuration: PeerConfiguration, group: MultiThreadedEventLoopGroup) {
    self.configuration = configuration
    self.group = group
  }

  var loop: any EventLoop { group.next() }

  /// Connects to a member and greets it. The greeting ends with a refusal where the two do not belong
  /// together.
  func connect(
    to member: MemberID, at url: PeerURL, keepsAlive: Bool = false
  ) async throws(Failure) -> (ClientConnection, PeerWelcome) {
    let connection = try await Self.connect(
      at: url, tls: configuration.clientTLS, group: group, keepsAlive: keepsAlive)
    let hello = PeerHello(
      cluster: configuration.cluster, from: configuration.member, to: member,
      protocols: PeerProtocol.spoken, version: configuration.version)
    do {
      let answer = try await connection.unary(
        PeerPath.hello, message: hello.encoded(),
        deadline: .now() + .milliseconds(Int64(PeerTimes.connectSeconds * 1_000)))
      switch try PeerWelcome.decode(answer) {
      case .success(let welcome):
        guard PeerProtocol.spoken.contains(welcome.protocolNumber) else {
          throw Failure.refused(.incompatible(theirs: "\(welcome.protocolNumber)"))
        }
        return (connection, welcome)
      case .failure(let refusal): throw Failure.refused(refusal)
      }
    } catch {
      await connection.close()
      if let failure = error as? Failure { throw failure }
      throw .unreachable("\(error)")
    }
  }

  /// Connects without a word.
  /// - Parameter keepsAlive: whether silence is looked into by pings of HTTP/2.
  static func connect(
    at url: PeerURL, tls: TLSConfiguration?, group: MultiThreadedEventLoopGroup?,
    keepsAlive: Bool = false
  ) async throws(Failure) -> ClientConnection {
    var options = ClientConfiguration()
    options.connectSeconds = PeerTimes.connectSeconds
    options.userAgent = "keelson-peer/\(Version.keelson)"
    if keepsAlive {
      options.keepaliveIntervalSeconds = Double(PeerTimes.pingTimeout.milliseconds) / 1_000
      options.keepaliveTimeoutSeconds = Double(PeerTimes.pingTimeout.milliseconds) / 1_000
    }
    if url.isSecure { options.tls = tls ?? .client() }
    do throws(TransportError) {
      return try await ClientConnection.connect(
        to: url.endpoint, configuration: options, group: group)
    } catch {
      throw .unreachable(explain(error.message))
    }
  }

  /// Says what to do about a failure whose own text does not.
  private static func explain(_ text: String) -> String {
    guard text.contains("CERTIFICATE_VERIFY_FAILED") else { return text }
    return "its certificate is not trusted: no authority in --peer-trusted-ca-file signed it, or it"
      + " is not for the host in the peer URL (\(text))"
  }

  /// The header by which a stream says whose it is.
  func headers(to member: MemberID, _ welcome: PeerWelcome) -> Headers {
    let identity = StreamIdentity(
      cluster: configuration.cluster, from: configuration.member, to: member,
      protocolNumber: welcome.protocolNumber)
    return [(StreamIdentity.header, identity.text)]
  }
}

/// The methods of the peer ports.
enum PeerPath {
  static let hello = "/keelson.peer.v1.Peer/Hello"
  static let messages = "/keelson.peer.v1.Peer/Messages"
  static let state = "/keelson.peer.v1.Peer/State"
  static let members = "/keelson.peer.v1.Peer/Members"
}

extension PeerRefusal {
  static func incompatible(theirs: String) -> PeerRefusal {
    PeerRefusal(
      .incompatible,
      "the members speak no common protocol: this one speaks"
        + " \(PeerProtocol.spoken.lowerBound) to \(PeerProtocol.spoken.upperBound), the other"
        + " \(theirs); upgrade members one release at a time")
  }
}

/// Pauses between attempts: each twice as long as the one before, up to a bound, and cut by up to half at
/// random, so that members do not try in step.
struct BackOff {
  private var pause = PeerTimes.firstPause

  mutating func next() -> Duration {
    defer { pause = min(pause * 2, PeerTimes.longestPause) }
    return pause * Double.random(in: 0.5...1)
  }

  mutating func reset() { pause = PeerTimes.firstPause }

  /// Goes to the longest pause: what failed will not be better soon.
  mutating func exhaust() { pause = PeerTimes.longestPause }
}
