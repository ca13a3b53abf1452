public import Primitives

/// An instance of a service that made itself known: a key `SERVICE/INSTANCE` with a lease, whose value says where it is.
public struct Registration: Sendable, Hashable {
  /// The service.
  public var service: Bytes
  /// The instance's key.
  public var key: Bytes
  /// Whose end takes the instance away.
  public var lease: LeaseID
  /// The revision of the registration.
  public var revision: Revision
}

extension StoreClient {
  /// Makes an instance of a service known for as long as its lease lives, which the caller keeps alive.
  ///
  /// ```swift
  /// let lease = try await client.grantLease(seconds: 10).lease
  /// let renewals = client.keepAlive(lease)
  /// let registration = try await client.register(
  ///   "/services/web", instance: "web-1", value: "10.0.0.1:8080", lease: lease)
  /// ```
  /// - Parameters:
  ///   - instance: what tells it from others of the service.
  ///   - value: where it is, such as an address.
  ///   - replacing: takes an instance's place that is there already, such as that of an earlier process whose lease has
  ///     not ended yet.
  /// - Throws: `failedPrecondition` if the instance is there already.
  public func register(
    _ service: some BytesConvertible, instance: some BytesConvertible,
    value: some BytesConvertible, lease: LeaseID, replacing: Bool = false
  ) async throws(KeelsonError) -> Registration {
    let key = service.storedBytes + [UInt8(ascii: "/")] + instance.storedBytes
    let put = Operation.put(PutRequest(key, value, lease: lease))
    let absence = Condition.created(key, .equal, .zero)
    let answer = try await commit(
      replacing ? Transaction().then(put) : Transaction().when(absence).then(put))
    guard answer.succeeded else {
      throw KeelsonError(
        .failedPrecondition,
        "\(String(decoding: key, as: UTF8.self)) is registered already; choose another instance, or"
          + " replace it")
    }
    return Registration(
      service: service.storedBytes, key: key, lease: lease, revision: answer.header.revision)
  }

  /// Takes an instance away, unless another has taken its place.
  /// - Returns: whether it was there.
  @discardableResult
  public func unregister(_ registration: Registration) async throws(KeelsonError) -> Bool {
    try await commit(
      Transaction()
        .when(
          .lease(registration.key, .equal, registration.lease),
          .created(registration.key, .greater, .zero)
        )
        .then(.delete(DeleteRequest(.key(registration.key))))
    ).succeeded
  }
}
