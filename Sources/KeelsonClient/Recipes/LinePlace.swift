public import Primitives

/// A place in the line for a name: what a lock and an election are made of.
///
/// The layout is etcd's: a key `NAME/LEASE` (the lease in hexadecimal) with the lease attached; the lowest creation
/// revision is first. So everybody may stand in one line: this library, etcd's, `etcdctl lock` and `elect`, and the Lock
/// and Election services.
///
/// What it can't promise: a holder that was stopped for longer than its lease lives does not know that another has
/// followed. Whoever must not be fooled is given `revision` with each request, and refuses a lower one than it has seen.
public struct LinePlace: Sendable, Hashable {
  /// What it is about.
  public var name: Bytes
  /// The key that stands for the place; it goes with its lease.
  public var key: Bytes
  /// Whose end gives the place up.
  public var lease: LeaseID
  /// The revision that created the key: it orders the line, and is the fencing token of the one whose turn it is.
  public var revision: Revision
  /// The revision at which it was known to be first.
  public var heldRevision: Revision
}

extension StoreClient {
  /// Stands in line for a name, and returns when it is this lease's turn. To be called once per name and lease.
  ///
  /// The lease must be kept alive meanwhile. When the task is cancelled the place is given up.
  ///
  /// ```swift
  /// let lease = try await client.grantLease(seconds: 10).lease
  /// let renewals = client.keepAlive(lease)
  /// let place = try await client.waitForTurn("/locks/backup", lease: lease)
  /// try await client.giveUp(place)
  /// ```
  /// - Parameter value: what others read there, such as a leader's address.
  /// - Throws: `leaseNotFound` if the lease ended meanwhile.
  public func waitForTurn(
    _ name: some BytesConvertible, value: Bytes = [], lease: LeaseID
  ) async throws(KeelsonError) -> LinePlace {
    let prefix = name.storedBytes + [UInt8(ascii: "/")]
    let key = prefix + Bytes(String(UInt64(bitPattern: lease.rawValue), radix: 16).utf8)
    let taken = try await commitToTheEnd(
      Transaction()
        .when(.created(key, .equal, .zero))
        .then(.put(PutRequest(key, value, lease: lease)))
        .otherwise(.range(RangeRequest(.key(key)))))
    var place = LinePlace(
      name: name.storedBytes, key: key, lease: lease, revision: taken.header.revision,
      heldRevision: taken.header.revision)
    if !taken.succeeded, case .range(let range)? = taken.results.first,
      let record = range.records.first
    {
      place.revision = record.createRevision
    }
    do throws(KeelsonError) {
      place.heldRevision = try await waitUntilFirst(place, prefix)
      return place
    } catch {
      let given = place
      await evenIfCancelled { _ = try? await self.giveUp(given) }
      throw error
    }
  }

  /// Gives a place up: who comes next, has its turn.
  public func giveUp(_ place: LinePlace) async throws(KeelsonError) {
    try await commit(
      Transaction()
        .when(.created(place.key, .equal, place.revision))
        .then(.delete(DeleteRequest(.key(place.key)))))
  }

  /// The record of who is first in the line for a name, or none, in a whole answer.
  public func firstInLine(
    _ name: some BytesConvertible
  ) async throws(KeelsonError) -> RangeResponse {
    var request = RangeRequest(.prefix(name.storedBytes + [UInt8(ascii: "/")]))
    request.sortOrder = .ascending
    request.sortTarget = .created
    request.limit = 1
    return try await range(request)
  }

  /// Waits until nobody stands before a place; returns the revision of that.
  private func waitUntilFirst(
    _ place: LinePlace, _ prefix: Bytes
  ) async throws(KeelsonError) -> Revision {
    var before = RangeRequest(.prefix(prefix))
    before.sortOrder = .descending
    before.sortTarget = .created
    before.limit = 1
    before.maxCreateRevision = Revision(place.revision.rawValue - 1)
    while true {
      let answer = try await range(before)
      guard let other = answer.records.first else { break }
      try await waitForDeletion(of: other.key, from: answer.header.revision.next)
    }
    let mine = try await range(RangeRequest(.key(place.key)))
    guard mine.records.first?.createRevision == place.revision else { throw .leaseNotFound }
    return mine.header.revision
  }
}
