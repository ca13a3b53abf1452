internal import HTTPTransport
internal import SwiftProtobuf

/// The messages that a server streams in answer to one request; the call is made when iteration begins.
///
/// Not repeated by itself: after an error the caller decides where to begin again. The server is held
/// back while nobody asks for the next message.
public struct MessageStream<Element: Sendable>: AsyncSequence, Sendable {
  private let start: @Sendable () async throws(KeelsonError) -> Source

  init<Answer: Message>(
    client: StoreClient, path: String, timeout: Timeout, request: some Message,
    _ transform: @escaping @Sendable (Answer) -> Element
  ) {
    start = { () async throws(KeelsonError) in
      let deadline = Deadline(after: timeout.limit(client.configuration.requestTimeout))
      let (stream, slot) = try await client.open(
        path, first: request, closing: true, within: deadline)
      return Source(stream: stream, endpoint: slot.address.text) { bytes throws(CallStatus) in
        transform(try StoreClient.decoded(bytes))
      }
    }
  }

  /// Makes the call with the first `next`.
  public func makeAsyncIterator() -> Iterator { Iterator(start: start) }

  /// Takes messages from the call.
  public struct Iterator: AsyncIteratorProtocol {
    let start: @Sendable () async throws(KeelsonError) -> Source
    var source: Source?
    var isDone = false

    init(start: @escaping @Sendable () async throws(KeelsonError) -> Source) { self.start = start }

    /// The next message; nil when the server has sent all.
    public mutating func next() async throws(KeelsonError) -> Element? {
      if isDone { return nil }
      do throws(KeelsonError) {
        if source == nil { source = try await start() }
        if let element = try await source?.next() { return element }
        isDone = true
        return nil
      } catch {
        isDone = true
        throw error
      }
    }

    /// The next message; nil when the server has sent all.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(KeelsonError) -> Element? { try await next() }
  }

  /// A call under way; dropping it cancels the call.
  final class Source: Sendable {
    let stream: ClientStream
    let endpoint: String
    let decode: @Sendable ([UInt8]) throws(CallStatus) -> Element

    init(
      stream: ClientStream, endpoint: String,
      decode: @escaping @Sendable ([UInt8]) throws(CallStatus) -> Element
    ) {
      self.stream = stream
      self.endpoint = endpoint
      self.decode = decode
    }

    deinit { stream.cancel() }

    func next() async throws(KeelsonError) -> Element? {
      do throws(CallStatus) {
        guard let bytes = try await stream.receive() else { return nil }
        return try decode(bytes)
      } catch {
        if Task.isCancelled { throw .taskCancelled }
        throw KeelsonError(error, endpoint: endpoint)
      }
    }
  }
}
