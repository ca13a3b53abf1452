internal import EtcdProtocol
internal import HTTPTransport
internal import SwiftProtobuf

/// Logs in with the configuration's name and password when the first call needs it, and again when the server no
/// longer takes the token.
actor TokenKeeper {
  private let credentials: Configuration.Credentials?
  private let pool: EndpointPool
  private let timeout: Duration?
  private var headers: Headers?
  /// A login under way, which all that need a token wait for.
  private var login: Task<Result<Headers, KeelsonError>, Never>?

  init(_ configuration: Configuration, pool: EndpointPool) {
    credentials = configuration.credentials
    timeout = configuration.requestTimeout
    self.pool = pool
  }

  /// What a call's headers must carry; nothing without credentials, or while the server wants none.
  /// - Throws: `authenticationFailed`, and whatever a call can fail with.
  nonisolated func current(within deadline: Deadline) async throws(KeelsonError) -> Headers {
    credentials == nil ? [] : try await token(within: deadline)
  }

  /// Whether a refused call may succeed after another login.
  nonisolated func mayRetry(after error: KeelsonError) -> Bool {
    credentials != nil && error.isStaleLogin
  }

  /// Forgets what the server refused, unless it has been replaced meanwhile.
  func discard(_ refused: Headers) {
    if headers == refused { headers = nil }
  }

  /// Forgets what a stream was opened with, whatever it was.
  func discard() { headers = nil }

  private func token(within deadline: Deadline) async throws(KeelsonError) -> Headers {
    if let headers { return headers }
    guard let credentials else { return [] }
    let task =
      login
      ?? Task { [pool, timeout] in
        await Self.logIn(credentials, pool, within: Deadline(after: timeout))
      }
    login = task
    let result = await task.value
    if login == task { login = nil }
    let made = try result.get()
    headers = made
    return made
  }

  private static func logIn(
    _ credentials: Configuration.Credentials, _ pool: EndpointPool, within deadline: Deadline
  ) async -> Result<Headers, KeelsonError> {
    var request = Etcdserverpb_AuthenticateRequest()
    request.name = credentials.user
    request.password = credentials.password
    do throws(KeelsonError) {
      let (connection, slot) = try await pool.connection(within: deadline)
      do throws(CallStatus) {
        let message: [UInt8] = (try? request.serializedBytes()) ?? []
        let bytes = try await connection.unary(
          Method.authenticate, message: message, deadline: deadline.forTransport)
        let answer: Etcdserverpb_AuthenticateResponse = try StoreClient.decoded(bytes)
        return .success([("token", answer.token)])
      } catch {
        var failure = KeelsonError(error, endpoint: slot.address.text)
        if failure.isTransient { pool.reportFailure(of: slot) }
        // A server without users takes everybody as they are.
        if failure.message == "etcdserver: authentication is not enabled" { return .success([]) }
        if failure.code == .invalidArgument || failure.code == .unknown {
          failure.code = .authenticationFailed
        }
        return .failure(failure)
      }
    } catch { return .failure(error) }
  }
}

extension KeelsonError {
  /// Whether the server refused a call for its token alone: nothing was done then.
  var isStaleLogin: Bool {
    code == .unauthenticated || message.hasSuffix("etcdserver: invalid auth token")
      || message.hasSuffix("etcdserver: revision of auth store is old")
      || message.hasSuffix("etcdserver: user name is empty")
  }
}
