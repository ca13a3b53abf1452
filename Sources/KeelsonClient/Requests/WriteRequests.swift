package import EtcdProtocol
internal import FoundationEssentials
public import Primitives

/// One key to write.
public struct PutRequest: Sendable, Hashable {
  /// The key; not empty.
  public var key: Bytes
  /// The value.
  public var value: Bytes
  /// The lease whose end deletes the key.
  public var lease: LeaseID
  /// Whether the answer brings the record that was there before.
  public var returnsPrevious = false
  /// Keeps the value that is there; `value` must be empty.
  public var keepsValue = false
  /// Keeps the lease that is there; `lease` must be none.
  public var keepsLease = false

  /// Writes a key, by default without a lease.
  public init(
    _ key: some BytesConvertible, _ value: some BytesConvertible, lease: LeaseID = .none
  ) {
    self.key = key.storedBytes
    self.value = value.storedBytes
    self.lease = lease
  }

  package var message: Etcdserverpb_PutRequest {
    var message = Etcdserverpb_PutRequest()
    message.key = Data(key)
    message.value = Data(value)
    message.lease = lease.rawValue
    message.prevKv = returnsPrevious
    message.ignoreValue = keepsValue
    message.ignoreLease = keepsLease
    return message
  }
}

/// Keys to delete.
public struct DeleteRequest: Sendable, Hashable {
  /// Which keys.
  public var keys: KeySelection
  /// Whether the answer brings the records that were there before.
  public var returnsPrevious: Bool

  /// Deletes these keys.
  public init(_ keys: KeySelection, returnsPrevious: Bool = false) {
    self.keys = keys
    self.returnsPrevious = returnsPrevious
  }

  package var message: Etcdserverpb_DeleteRangeRequest {
    var message = Etcdserverpb_DeleteRangeRequest()
    message.key = Data(keys.key)
    message.rangeEnd = Data(keys.rangeEnd)
    message.prevKv = returnsPrevious
    return message
  }
}
