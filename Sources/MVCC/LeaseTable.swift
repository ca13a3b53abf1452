internal import Primitives

/// The leases and the keys that hang on them.
struct LeaseTable: Sendable {
  struct Entry: Sendable {
    var lease: Lease
    /// Never iterated in an order that shows.
    var keys: Set<Bytes> = []
  }

  private var entries: [LeaseID: Entry] = [:]

  var count: Int { entries.count }

  subscript(_ id: LeaseID) -> Entry? { entries[id] }

  func contains(_ id: LeaseID) -> Bool { entries[id] != nil }

  /// All leases, in order of their identifiers.
  var sorted: [Lease] { entries.values.map(\.lease).sorted { $0.id < $1.id } }

  mutating func insert(_ lease: Lease) { entries[lease.id] = Entry(lease: lease) }

  /// Forgets a lease.
  mutating func remove(_ id: LeaseID) { entries[id] = nil }

  /// Notes what a lease has left; answers the lease if it exists.
  mutating func setRemaining(_ id: LeaseID, seconds: Int64) -> Lease? {
    entries[id]?.lease.remainingSeconds = seconds
    return entries[id]?.lease
  }

  /// Hangs a key on a lease; one that does not exist, in data from elsewhere, is passed over.
  mutating func attach(_ key: Bytes, to id: LeaseID) {
    if id != .none { entries[id]?.keys.insert(key) }
  }

  /// Takes a key off a lease.
  mutating func detach(_ key: Bytes, from id: LeaseID) {
    if id != .none { entries[id]?.keys.remove(key) }
  }

  /// The keys of a lease in their order.
  func keys(of id: LeaseID) -> [Bytes] {
    (entries[id]?.keys ?? []).sorted { isOrdered($0, before: $1) }
  }

  /// Whether something holds for each key of a lease; it is asked in no particular order.
  func everyKey(of id: LeaseID, satisfies isTrue: (Bytes) -> Bool) -> Bool {
    entries[id]?.keys.allSatisfy(isTrue) ?? true
  }

  /// The number of keys on all leases.
  var attachedKeys: Int { entries.values.reduce(0) { $0 + $1.keys.count } }
}
