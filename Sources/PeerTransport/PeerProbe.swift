public import HTTPTransport
internal import Member
internal import NIOCore
public import Primitives

/// Asks a member what cluster it belongs to, before one has an identity of one's own.
public enum PeerProbe {
  /// Asks who the members of a cluster are, as `PeerInbox.serve` with `.members` answers it.
  /// - Parameters:
  ///   - peerURL: where a member listens for others.
  ///   - tls: the certificate to show and the authority to trust, for an `https` URL.
  /// - Throws: nobody answers there, or what answers is no member.
  public static func cluster(
    at peerURL: String, tls: TLSConfiguration?, timeout: Duration
  ) async throws(TransportError) -> Bytes {
    guard let url = PeerURL(peerURL) else {
      throw TransportError(
        .connect, "\(peerURL) is no peer URL such as http://10.0.0.1:2380")
    }
    do {
      let connection = try await PeerDialer.connect(at: url, tls: tls, group: nil)
      do {
        let answer = try await connection.unary(
          PeerPath.members, message: [],
          deadline: .now() + .nanoseconds(timeout.nanoseconds))
        await connection.close()
        return answer
      } catch {
        await connection.close()
        throw error
      }
    } catch PeerDialer.Failure.unreachable(let reason) {
      throw TransportError(.connect, reason)
    } catch {
      throw TransportError(.connect, "\(peerURL) did not tell its members: \(error)")
    }
  }
}
