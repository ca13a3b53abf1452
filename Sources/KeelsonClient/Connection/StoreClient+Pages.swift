internal import HTTPTransport
public import Primitives

extension StoreClient {
  /// A page that the server has beside gRPC, such as `/metrics` or `/version`, whole: 8 MiB at most.
  ///
  /// It is fetched on a connection of its own from the first endpoint.
  /// - Throws: `connectionFailed`; `unavailable` for any status but 200.
  public func page(_ path: String) async throws(KeelsonError) -> Bytes {
    try await pool.first.page(path)
  }
}

extension EndpointSlot {
  fileprivate func page(_ path: String) async throws(KeelsonError) -> Bytes {
    let answer: HTTPAnswer
    do throws(TransportError) {
      answer = try await HTTPAnswer.fetch(path, from: address.endpoint, tls: settings.tls)
    } catch {
      throw KeelsonError(error, endpoint: address.text)
    }
    guard answer.status == 200 else {
      throw KeelsonError(
        .unavailable, "\(address.text) answers \(answer.status) to a request for \(path)")
    }
    return answer.body
  }
}
