internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

/// A client of one store: a member, or several that serve the same data.
///
/// It connects with the first call, stays with one endpoint while that works, and moves to the next when
/// it does not. Reads are repeated after a lost connection; writes only if they certainly were not sent.
/// All calls may be made from any task, and many at once; they share one connection.
///
/// ```swift
/// let client = try StoreClient(Configuration(endpoints: ["http://127.0.0.1:2379"]))
/// try await client.put("/greeting", "hello")
/// if let record = try await client.get("/greeting") { print(record.valueText) }
/// await client.shutdown()
/// ```
public final class StoreClient: Sendable {
  /// What the client was made with.
  public let configuration: Configuration
  let pool: EndpointPool
  let tokens: TokenKeeper
  let renewals: LeaseRenewer

  /// Makes a client; nothing is sent before the first call.
  /// - Throws: `invalidConfiguration` if an endpoint cannot be read.
  public init(_ configuration: Configuration = Configuration()) throws(KeelsonError) {
    self.configuration = configuration
    pool = try EndpointPool(configuration)
    tokens = TokenKeeper(configuration, pool: pool)
    renewals = LeaseRenewer(pool: pool, tokens: tokens)
  }

  /// Ends all calls, watches and renewals, and closes the connections.
  public func shutdown() async {
    await renewals.stop()
    await pool.close()
  }

  /// When a call whose connection broke may be made again.
  enum Repetition {
    /// It changes nothing, or the same as once: whenever the failure may be transient.
    case always
    /// Only if it was certainly not sent.
    case unsent
  }

  /// Calls a method with one message in both directions; `metadata` travels beside it.
  func call<Request: Message, Response: Message>(
    _ path: String, _ request: Request, returning: Response.Type = Response.self,
    repeating repetition: Repetition, timeout: Timeout, metadata: [(String, String)] = []
  ) async throws(KeelsonError) -> Response {
    let message = try encoded(request)
    let deadline = Deadline(after: timeout.limit(configuration.requestTimeout))
    var attempts = 0
    var hasLoggedInAgain = false
    while true {
      let headers = try await tokens.current(within: deadline)
      let (connection, slot) = try await pool.connection(within: deadline)
      do throws(CallStatus) {
        var fields = headers
        for (name, value) in metadata { fields.append(name, value) }
        let answer = try await connection.unary(
          path, headers: fields, message: message, deadline: deadline.forTransport)
        slot.reportSuccess()
        return try Self.decoded(answer)
      } catch {
        let failure = KeelsonError(error, endpoint: slot.address.text)
        if Task.isCancelled { throw .taskCancelled }
        if !hasLoggedInAgain, tokens.mayRetry(after: failure) {
          hasLoggedInAgain = true
          await tokens.discard(headers)
          continue
        }
        guard failure.isTransient else { throw failure }
        pool.reportFailure(of: slot)
        attempts += 1
        guard repetition == .always, attempts < Self.attemptsMax, !deadline.hasPassed else {
          throw failure
        }
      }
      try await deadline.sleep(.milliseconds(25 << attempts))
    }
  }

  /// Reads are tried so often before their failure is reported.
  private static let attemptsMax = 6

  /// Opens a streaming call and sends its first message.
  func open(
    _ path: String, first: some Message, closing: Bool, within deadline: Deadline
  ) async throws(KeelsonError) -> (stream: ClientStream, slot: EndpointSlot) {
    let message = try encoded(first)
    let headers = try await tokens.current(within: deadline)
    let (connection, slot) = try await pool.connection(within: deadline)
    do throws(CallStatus) {
      let stream = try await connection.openStream(
        path, headers: headers, deadline: deadline.forTransport)
      try await stream.send(message)
      if closing { stream.halfClose() }
      return (stream, slot)
    } catch {
      let failure = KeelsonError(error, endpoint: slot.address.text)
      if failure.isTransient { pool.reportFailure(of: slot) }
      throw failure
    }
  }

  private func encoded(_ request: some Message) throws(KeelsonError) -> Bytes {
    let bytes: Bytes
    do {
      bytes = try request.serializedBytes()
    } catch {
      throw KeelsonError(.invalidArgument, "the request cannot be encoded: \(error)")
    }
    guard bytes.count <= configuration.maxRequestBytes else {
      throw KeelsonError(
        .invalidArgument,
        "the request has \(bytes.count) bytes, more than the limit of \(configuration.maxRequestBytes)"
      )
    }
    return bytes
  }

  /// - Throws: a status, so that a broken answer takes the same way as every other failed call.
  static func decoded<Response: Message>(_ bytes: Bytes) throws(CallStatus) -> Response {
    do {
      return try Response(serializedBytes: bytes)
    } catch {
      throw CallStatus(.internalError, "the answer cannot be decoded: \(error)")
    }
  }
}

/// How long a call may take.
public enum Timeout: Sendable, Hashable {
  /// As the client's configuration says.
  case standard
  /// As long as the server needs.
  case unlimited
  /// So long, connecting and repetitions included.
  case after(Duration)

  func limit(_ standard: Duration?) -> Duration? {
    switch self {
    case .standard: standard
    case .unlimited: nil
    case .after(let duration): duration
    }
  }
}
