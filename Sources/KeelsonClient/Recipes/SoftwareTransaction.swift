public import Primitives

/// A transaction of any shape, written as if nobody else were there: what it reads is of one revision, what it writes
/// is committed together, and only if nothing that it read has changed meanwhile; else it is run again.
///
/// Isolation: serializable. A transaction that commits has happened as a whole at the revision of its commit; one that
/// only reads, at the revision of its first read.
public struct SoftwareTransaction: Sendable {
  private enum Write: Sendable {
    case put(Bytes, LeaseID)
    case delete
  }

  private let client: StoreClient
  /// The revision of all reads; zero before the first.
  private var snapshot = Revision.zero
  /// What was read: the record, or that there is none.
  private var reads: [Bytes: KeyValue?] = [:]
  private var ranges: [KeySelection: [KeyValue]] = [:]
  private var writes: [Bytes: Write] = [:]
  /// Whether what it should read is compacted away: others went on too far.
  private var isTooOld = false

  fileprivate init(_ client: StoreClient) { self.client = client }

  /// The value of a key, with this transaction's own writes; nil if there is none.
  public mutating func get(_ key: some BytesConvertible) async throws(KeelsonError) -> Bytes? {
    let key = key.storedBytes
    switch writes[key] {
    case .put(let value, _): return value
    case .delete: return nil
    case nil: break
    }
    if let known = reads[key] { return known?.value }
    let record = try await read(RangeRequest(.key(key))).first
    reads[key] = .some(record)
    return record?.value
  }

  /// The keys and values of a range in the order of the keys, with this transaction's own writes.
  ///
  /// Each key that it finds counts among the conditions of the commit, of which a server takes 128 by default.
  public mutating func range(
    _ keys: KeySelection
  ) async throws(KeelsonError) -> [(key: Bytes, value: Bytes)] {
    let records: [KeyValue]
    if let known = ranges[keys] {
      records = known
    } else {
      records = try await read(RangeRequest(keys))
      ranges[keys] = records
    }
    var values = Dictionary(
      records.map { ($0.key, $0.value) }, uniquingKeysWith: { _, later in later })
    for (key, write) in writes where keys.contains(key) {
      if case .put(let value, _) = write { values[key] = value } else { values[key] = nil }
    }
    return values.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { ($0.key, $0.value) }
  }

  /// Writes a key, when the transaction commits.
  public mutating func put(
    _ key: some BytesConvertible, _ value: some BytesConvertible, lease: LeaseID = .none
  ) { writes[key.storedBytes] = .put(value.storedBytes, lease) }

  /// Deletes a key, when the transaction commits.
  public mutating func delete(_ key: some BytesConvertible) { writes[key.storedBytes] = .delete }

  private mutating func read(_ request: RangeRequest) async throws(KeelsonError) -> [KeyValue] {
    var request = request
    request.revision = snapshot
    do throws(KeelsonError) {
      let answer = try await client.range(request)
      if snapshot == .zero { snapshot = answer.header.revision }
      return answer.records
    } catch {
      if error.code == .compacted { isTooOld = true }
      throw error
    }
  }

  /// Whether what went wrong is that the transaction took too long.
  fileprivate var mustBeRunAgain: Bool { isTooOld }

  /// Commits; false if something that was read has changed.
  fileprivate func commit() async throws(KeelsonError) -> Bool {
    if writes.isEmpty { return true }
    var transaction = Transaction()
    for (key, record) in reads.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      transaction.conditions.append(.modified(key, .equal, record?.modRevision ?? .zero))
    }
    for (keys, records) in ranges {
      // Nothing new and nothing changed since, and nothing gone.
      transaction.conditions.append(.modified(of: keys, .less, snapshot.next))
      for record in records {
        transaction.conditions.append(.created(record.key, .equal, record.createRevision))
      }
    }
    for (key, write) in writes.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      switch write {
      case .put(let value, let lease):
        transaction.success.append(.put(PutRequest(key, value, lease: lease)))
      case .delete: transaction.success.append(.delete(DeleteRequest(.key(key))))
      }
    }
    return try await client.commit(transaction).succeeded
  }

  fileprivate static func begun(by client: StoreClient) -> Self { Self(client) }
}

extension StoreClient {
  /// Runs a software transaction until it commits, or its body throws.
  ///
  /// ```swift
  /// try await client.atomically { transaction in
  ///   let count = try await transaction.get("/count").flatMap { Int(String(decoding: $0, as: UTF8.self)) }
  ///   transaction.put("/count", String((count ?? 0) + 1))
  /// }
  /// ```
  /// The body runs once for each attempt, and must do nothing else that cannot be done again.
  /// - Parameter attempts: how often it is run at most.
  /// - Throws: what the body throws; `failedPrecondition` after too many attempts; `unavailable` and
  ///   `deadlineExceeded` leave open whether the transaction was committed.
  public func atomically<Result>(
    attempts: Int = 1_000, _ body: (inout SoftwareTransaction) async throws -> Result
  ) async throws -> Result {
    for attempt in 1...max(1, attempts) {
      var transaction = SoftwareTransaction.begun(by: self)
      do {
        let result = try await body(&transaction)
        if try await transaction.commit() { return result }
      } catch {
        if !transaction.mustBeRunAgain { throw error }
      }
      try await pause(afterAttempt: attempt)
    }
    throw KeelsonError(
      .failedPrecondition,
      "the transaction was run \(attempts) times, and each time others had changed what it read")
  }
}

extension KeySelection {
  /// Whether a key is among these.
  fileprivate func contains(_ other: Bytes) -> Bool {
    if rangeEnd.isEmpty { return other == key }
    if other.lexicographicallyPrecedes(key) { return false }
    return rangeEnd == [0] || other.lexicographicallyPrecedes(rangeEnd)
  }
}
