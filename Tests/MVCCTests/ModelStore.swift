import MVCC
import Primitives

/// What a test sees of a version, whoever it comes from.
struct SeenRecord: Hashable {
  var key: Bytes
  var value: Bytes
  var revision: SubRevision
  var create: Int64
  var version: Int64
  var lease: Int64
  var isTombstone: Bool

  init(_ record: Record) {
    key = record.key
    value = record.value
    revision = record.revision
    create = record.createRevision.rawValue
    version = record.version
    lease = record.lease.rawValue
    isTombstone = record.isTombstone
  }

  init(key: Bytes, value: Bytes, revision: SubRevision, create: Int64, version: Int64, lease: Int64)
  {
    self.key = key
    self.value = value
    self.revision = revision
    self.create = create
    self.version = version
    self.lease = lease
    isTombstone = false
  }

  init(tombstoneOf key: Bytes, revision: SubRevision) {
    self.init(key: key, value: [], revision: revision, create: 0, version: 0, lease: 0)
    isTombstone = true
  }

  var stored: Bytes {
    var writer = ByteWriter()
    writer.appendBytesField(1, key)
    if isTombstone { return writer.bytes }
    writer.appendVarintField(2, create)
    writer.appendVarintField(3, revision.main.rawValue)
    writer.appendVarintField(4, version)
    writer.appendBytesField(5, value)
    writer.appendVarintField(6, lease)
    return writer.bytes
  }
}

/// What a test sees of an answer.
indirect enum SeenResult: Hashable {
  case failed(StoreError)
  case range([SeenRecord], count: Int64, more: Bool, revision: Int64)
  case put(previous: SeenRecord?, revision: Int64)
  case deleted(Int64, previous: [SeenRecord], revision: Int64)
  case transaction(Bool, [SeenResult], revision: Int64)
  case compacted(Int64)
  case granted(Int64, Int64, Int64)
  case revoked(Int64)
  case checkpointed

  init(_ result: Result<StoreResult, StoreError>) {
    switch result {
    case .failure(let error): self = .failed(error)
    case .success(.put(let put)): self = SeenResult(put)
    case .success(.deleteRange(let deletion)): self = SeenResult(deletion)
    case .success(.transaction(let transaction)): self = SeenResult(transaction)
    case .success(.compacted(let revision)): self = .compacted(revision.rawValue)
    case .success(.leaseGranted(let id, let seconds, let revision)):
      self = .granted(id.rawValue, seconds, revision.rawValue)
    case .success(.leaseRevoked(let revision)): self = .revoked(revision.rawValue)
    case .success(.leasesCheckpointed): self = .checkpointed
    }
  }

  init(_ put: PutResult) {
    self = .put(previous: put.previous.map { SeenRecord($0) }, revision: put.revision.rawValue)
  }

  init(_ deletion: DeleteRangeResult) {
    self = .deleted(
      deletion.deleted, previous: deletion.previous.map { SeenRecord($0) },
      revision: deletion.revision.rawValue)
  }

  init(_ range: RangeResult) {
    self = .range(
      range.records.map { SeenRecord($0) }, count: range.count, more: range.more,
      revision: range.revision.rawValue)
  }

  init(_ transaction: TransactionResult) {
    let steps = transaction.steps.map { step in
      switch step {
      case .range(let range): SeenResult(range)
      case .put(let put): SeenResult(put)
      case .deleteRange(let deletion): SeenResult(deletion)
      case .transaction(let nested): SeenResult(nested)
      }
    }
    self = .transaction(transaction.succeeded, steps, revision: transaction.revision.rawValue)
  }
}

/// The store's rules in their plainest form: every version in one dictionary, every read a walk over all keys.
struct ModelStore {
  struct ModelLease: Hashable {
    var seconds: Int64
    var remaining: Int64 = 0
  }

  var versions: [Bytes: [SeenRecord]] = [:]
  var leases: [Int64: ModelLease] = [:]
  var revision: Int64 = 1
  var floor: Int64 = -1
  /// The writes of the transaction under way.
  private var writes: [SeenRecord] = []

  init() {}

  var keys: [Bytes] { versions.keys.sorted { isOrdered($0, before: $1) } }
  var effective: Int64 { writes.isEmpty ? revision : revision + 1 }

  func version(_ key: Bytes, at revision: Int64) -> SeenRecord? {
    versions[key]?.last { $0.revision.main.rawValue <= revision }
  }

  func live(_ key: Bytes, at revision: Int64) -> SeenRecord? {
    version(key, at: revision).flatMap { $0.isTombstone ? nil : $0 }
  }

  func live(in range: KeyRange, at revision: Int64) -> [SeenRecord] {
    keys.filter { range.contains($0) }.compactMap { live($0, at: revision) }
  }

  /// All versions in the order of their revisions.
  var history: [SeenRecord] {
    versions.values.flatMap { $0 }.sorted { $0.revision < $1.revision }
  }

  var logicalBytes: Int64 {
    history.reduce(0) { $0 + Int64($1.stored.count + ($1.revision.sub == 0 ? 8 : 12)) }
  }

  func keys(of lease: Int64) -> [Bytes] {
    keys.filter { live($0, at: .max)?.lease == lease && leases[lease] != nil }
  }

  // MARK: Writing

  mutating func apply(_ command: StoreCommand) -> SeenResult {
    let before = self
    do {
      let result = try execute(command)
      if !writes.isEmpty { revision += 1 }
      writes = []
      return result
    } catch {
      self = before
      return .failed(error)
    }
  }

  private mutating func execute(_ command: StoreCommand) throws(StoreError) -> SeenResult {
    switch command {
    case .put(let put):
      if put.lease != .none, leases[put.lease.rawValue] == nil { throw .leaseNotFound }
      if put.ignoresValue || put.ignoresLease, live(put.key, at: .max) == nil {
        throw .keyNotFound
      }
      return write(put)
    case .deleteRange(let deletion): return delete(deletion)
    case .transaction(let transaction):
      let base = self
      try base.checkPuts(transaction)
      try base.checkRanges(transaction)
      guard case .transaction(let succeeded, let steps, _) = try run(transaction, base) else {
        fatalError("a transaction's result")
      }
      return .transaction(succeeded, steps, revision: effective)
    case .compact(let target): return try compact(target.rawValue)
    case .grantLease(let id, let seconds):
      if seconds > Limits.leaseSeconds { throw .leaseTimeTooLong }
      if leases[id.rawValue] != nil { throw .leaseExists }
      leases[id.rawValue] = ModelLease(seconds: seconds)
      return .granted(id.rawValue, seconds, revision)
    case .revokeLease(let id):
      if leases[id.rawValue] == nil { throw .leaseNotFound }
      for key in keys(of: id.rawValue) { append(tombstone: key) }
      leases[id.rawValue] = nil
      return .revoked(effective)
    case .checkpointLeases(let checkpoints):
      for checkpoint in checkpoints {
        leases[checkpoint.lease.rawValue]?.remaining = checkpoint.remainingSeconds
      }
      return .checkpointed
    }
  }

  private var nextWrite: SubRevision {
    SubRevision(main: Revision(revision + 1), sub: Int64(writes.count))
  }

  private mutating func append(tombstone key: Bytes) {
    append(SeenRecord(tombstoneOf: key, revision: nextWrite))
  }

  private mutating func append(_ record: SeenRecord) {
    versions[record.key, default: []].append(record)
    writes.append(record)
  }

  private mutating func write(_ put: PutOperation) -> SeenResult {
    let old = live(put.key, at: .max)
    append(
      SeenRecord(
        key: put.key, value: put.ignoresValue ? old?.value ?? [] : put.value, revision: nextWrite,
        create: old?.create ?? revision + 1, version: (old?.version ?? 0) + 1,
        lease: put.ignoresLease ? old?.lease ?? 0 : put.lease.rawValue))
    return .put(previous: put.returnsPrevious ? old : nil, revision: effective)
  }

  private mutating func delete(_ deletion: DeleteRangeOperation) -> SeenResult {
    let doomed = live(in: deletion.keys, at: .max)
    for record in doomed { append(tombstone: record.key) }
    return .deleted(
      Int64(doomed.count), previous: deletion.returnsPrevious ? doomed : [], revision: effective)
  }

  private mutating func compact(_ target: Int64) throws(StoreError) -> SeenResult {
    if target <= floor { throw .compacted }
    if target > revision { throw .futureRevision }
    floor = target
    for key in keys {
      guard var chain = versions[key] else { continue }
      if let newest = chain.lastIndex(where: { $0.revision.main.rawValue <= target }) {
        let isGone = chain[newest].isTombstone && chain[newest].revision.main.rawValue < target
        chain.removeFirst(isGone ? newest + 1 : newest)
      }
      versions[key] = chain.isEmpty ? nil : chain
    }
    return .compacted(revision)
  }

  // MARK: Transactions

  private func branch(_ transaction: TransactionOperation) -> [TransactionOperation.Step] {
    holds(transaction) ? transaction.success : transaction.failure
  }

  private func holds(_ transaction: TransactionOperation) -> Bool {
    transaction.comparisons.allSatisfy { comparison in
      let found = live(in: comparison.keys, at: .max)
      if found.isEmpty {
        if case .value = comparison.target { return false }
        let zero = SeenRecord(
          key: [], value: [], revision: SubRevision(main: .zero, sub: 0), create: 0, version: 0,
          lease: 0)
        return holds(comparison, zero)
      }
      return found.allSatisfy { holds(comparison, $0) }
    }
  }

  private func holds(_ comparison: Comparison, _ record: SeenRecord) -> Bool {
    let sign =
      switch comparison.target {
      case .version(let number): record.version - number
      case .createRevision(let number): record.create - number
      case .modRevision(let number): record.revision.main.rawValue - number
      case .lease(let number): record.lease - number
      case .value(let value): Int64(compare(record.value, value))
      }
    return switch comparison.relation {
    case .equal: sign == 0
    case .notEqual: sign != 0
    case .greater: sign > 0
    case .less: sign < 0
    }
  }

  private func checkPuts(_ transaction: TransactionOperation) throws(StoreError) {
    for step in branch(transaction) {
      if case .put(let put) = step {
        if put.ignoresValue || put.ignoresLease, live(put.key, at: .max) == nil {
          throw .keyNotFound
        }
        if put.lease != .none, leases[put.lease.rawValue] == nil { throw .leaseNotFound }
      }
      if case .transaction(let nested) = step { try checkPuts(nested) }
    }
  }

  private func checkRanges(_ transaction: TransactionOperation) throws(StoreError) {
    for step in branch(transaction) {
      if case .range(let range) = step, range.revision != .zero {
        if range.revision.rawValue > revision { throw .futureRevision }
        if range.revision.rawValue < floor { throw .compacted }
      }
      if case .transaction(let nested) = step { try checkRanges(nested) }
    }
  }

  private mutating func run(_ transaction: TransactionOperation, _ base: ModelStore)
    throws(StoreError) -> SeenResult
  {
    var results: [SeenResult] = []
    for step in base.branch(transaction) {
      switch step {
      case .range(let range):
        results.append(
          read(range, at: range.revision == .zero ? effective : range.revision.rawValue))
      case .put(let put): results.append(write(put))
      case .deleteRange(let deletion): results.append(delete(deletion))
      case .transaction(let nested): results.append(try run(nested, base))
      }
    }
    return .transaction(base.holds(transaction), results, revision: 0)
  }

  // MARK: Reading

  func range(_ operation: RangeOperation) -> SeenResult {
    let target = operation.revision.rawValue
    if target > revision { return .failed(.futureRevision) }
    if target > 0, target < floor { return .failed(.compacted) }
    return read(operation, at: target > 0 ? target : revision)
  }

  private func read(_ operation: RangeOperation, at target: Int64) -> SeenResult {
    var found = live(in: operation.keys, at: target)
    let count = Int64(found.count)
    if operation.countOnly { return .range([], count: count, more: false, revision: effective) }
    let filters: [(Revision, (SeenRecord, Int64) -> Bool)] = [
      (operation.minModRevision, { $0.revision.main.rawValue >= $1 }),
      (operation.maxModRevision, { $0.revision.main.rawValue <= $1 }),
      (operation.minCreateRevision, { $0.create >= $1 }),
      (operation.maxCreateRevision, { $0.create <= $1 }),
    ]
    let isPlain = operation.sortOrder == .none && filters.allSatisfy { $0.0 == .zero }
    if isPlain, operation.limit > 0 { found = Array(found.prefix(Int(operation.limit) + 1)) }
    for (bound, keeps) in filters where bound != .zero {
      found = found.filter { keeps($0, bound.rawValue) }
    }
    var rank = Array(found.enumerated())
    rank.sort { left, right in
      let order = Self.order(left.element, right.element, operation.sortTarget)
      if order != 0 { return operation.sortOrder == .descending ? order > 0 : order < 0 }
      return left.offset < right.offset
    }
    found = rank.map(\.element)
    var more = false
    if operation.limit > 0, found.count > operation.limit {
      found = Array(found.prefix(Int(operation.limit)))
      more = true
    }
    return .range(found, count: count, more: more, revision: effective)
  }

  private static func order(
    _ left: SeenRecord, _ right: SeenRecord, _ target: RangeOperation.SortTarget
  ) -> Int {
    switch target {
    case .key: compare(left.key, right.key)
    case .version: Int(left.version - right.version)
    case .create: Int(left.create - right.create)
    case .mod: Int(left.revision.main.rawValue - right.revision.main.rawValue)
    case .value: compare(left.value, right.value)
    }
  }

  /// etcd's HashKV, from the definition.
  func hash(at asked: Int64) -> UInt32 {
    let target = asked == 0 ? revision : asked
    let noneLive = live(in: KeyRange([0], end: [0]), at: target).isEmpty
    let keepAt = noneLive ? floor : target
    var crc = CRC32C.checksum(Bytes("key".utf8))
    for record in history where record.revision.main.rawValue <= target {
      if record.revision.main.rawValue <= floor {
        guard !record.isTombstone, version(record.key, at: keepAt) == record else { continue }
      }
      var key = ByteWriter()
      key.appendBigEndian(record.revision.main.rawValue)
      key.append(UInt8(ascii: "_"))
      key.appendBigEndian(record.revision.sub)
      if record.isTombstone { key.append(UInt8(ascii: "t")) }
      crc = CRC32C.checksum(key.bytes + record.stored, continuing: crc)
    }
    return crc
  }
}
