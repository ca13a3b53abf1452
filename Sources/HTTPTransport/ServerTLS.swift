internal import Certificates
internal import NIOCore
internal import NIOSSL
internal import Primitives
internal import Synchronization

/// A listener's TLS, made anew when the files have changed.
final class ServerTLS: Sendable {
  /// What one reading of the files gave.
  private struct Reading {
    var context: NIOSSLContext
    var verifier: PeerCertificateVerifier?

    init(_ options: TLSConfiguration) throws(TransportError) {
      context = try TLSFiles.serverContext(options)
      verifier = try TLSFiles.verifier(options)
    }
  }

  private struct State {
    var reading: Reading
    var generation: Int
    /// The generation whose files could not be read, so that they are complained about once.
    var failedGeneration: Int?
  }

  private let options: TLSConfiguration
  private let generation: (@Sendable () -> Int)?
  private let onProblem: (@Sendable (String) -> Void)?
  private let state: Mutex<State>

  init(_ configuration: ServerConfiguration, _ options: TLSConfiguration) throws(TransportError) {
    self.options = options
    generation = configuration.tlsGeneration
    onProblem = configuration.onTLSProblem
    // Before the files are read: what changes meanwhile is seen next time.
    let first = generation?() ?? 0
    state = Mutex(State(reading: try Reading(options), generation: first))
  }

  /// The handler of the next connection.
  func makeHandler() -> NIOSSLServerHandler {
    let reading = current()
    guard let verifier = reading.verifier else {
      return NIOSSLServerHandler(context: reading.context)
    }
    let onProblem = onProblem
    return NIOSSLServerHandler(
      context: reading.context,
      customVerificationCallbackWithMetadata: { presented, promise in
        do {
          let chain = try verifier.verify(presented.map { try $0.toDERBytes() })
          let certificates = try chain.map { try NIOSSLCertificate(bytes: $0, format: .der) }
          promise.succeed(
            .certificateVerified(VerificationMetadata(ValidatedCertificateChain(certificates))))
        } catch {
          onProblem?("\(error)")
          promise.succeed(.failed)
        }
      })
  }

  /// The client's certificates after the handshake, leaf first; nil if it must not be served.
  ///
  /// A session that goes on where an earlier one ended shows no certificate: what the earlier one showed is checked
  /// against the lists and names of today.
  func certificates(of handler: NIOSSLServerHandler) -> [Bytes]? {
    let chain = TLSFiles.chain(of: handler)
    guard handler.peerValidatedCertificateChain == nil, let verifier = current().verifier,
      !chain.isEmpty || options.verification == .require
    else { return chain }
    do throws(CertificateError) { return try verifier.verify(chain) } catch {
      onProblem?("\(error)")
      return nil
    }
  }

  /// What the files say now. Files that cannot be read leave the last reading in place.
  private func current() -> Reading {
    guard let generation else { return state.withLock { $0.reading } }
    let wanted = generation()
    return state.withLock { state in
      if state.generation == wanted { return state.reading }
      do throws(TransportError) {
        state.reading = try Reading(options)
        state.generation = wanted
        state.failedGeneration = nil
      } catch {
        if state.failedGeneration != wanted {
          onProblem?("the renewed files are left aside: \(error)")
        }
        state.failedGeneration = wanted
      }
      return state.reading
    }
  }
}
