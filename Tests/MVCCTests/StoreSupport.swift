import Engine
import MVCC
import Primitives

func bytes(_ text: String) -> Bytes { Bytes(text.utf8) }

/// A store that is told one command at a time, each a batch of its own.
struct SteppedStore {
  let engine: MemoryEngine
  var store: Store
  var configuration = StoreConfiguration()

  init(_ configuration: StoreConfiguration = StoreConfiguration()) throws {
    engine = MemoryEngine()
    self.configuration = configuration
    store = try Store(engine: engine, configuration: configuration)
  }

  var revision: Int64 { store.currentRevision.rawValue }

  @discardableResult
  func apply(_ command: StoreCommand) throws(StoreError) -> SeenResult {
    let index = store.appliedIndex.next
    let result = store.apply(command, at: index)
    store.finishBatch(appliedIndex: index)
    return SeenResult(.success(try result.get()))
  }

  @discardableResult
  func put(_ key: String, _ value: String, lease: Int64 = 0) throws(StoreError) -> SeenResult {
    try apply(.put(Self.put(key, value, lease: lease)))
  }

  @discardableResult
  func delete(_ key: String, end: String = "") throws(StoreError) -> SeenResult {
    try apply(.deleteRange(DeleteRangeOperation(KeyRange(bytes(key), end: bytes(end)))))
  }

  @discardableResult
  func transact(_ body: (inout TransactionOperation) -> Void) throws(StoreError) -> SeenResult {
    var transaction = TransactionOperation()
    body(&transaction)
    return try apply(.transaction(transaction))
  }

  static func put(_ key: String, _ value: String, lease: Int64 = 0) -> PutOperation {
    var put = PutOperation(key: bytes(key), value: bytes(value))
    put.lease = LeaseID(lease)
    return put
  }

  static func range(_ key: String, end: String = "", at revision: Int64 = 0) -> RangeOperation {
    var range = RangeOperation(KeyRange(bytes(key), end: bytes(end)))
    range.revision = Revision(revision)
    return range
  }

  func get(_ key: String, at revision: Int64 = 0) throws(StoreError) -> SeenRecord? {
    try store.range(Self.range(key, at: revision)).records.first.map { SeenRecord($0) }
  }

  func value(_ key: String, at revision: Int64 = 0) throws(StoreError) -> String? {
    try get(key, at: revision).map { String(decoding: $0.value, as: UTF8.self) }
  }

  /// The keys of an answer, in its order.
  static func keys(_ result: RangeResult) -> [String] {
    result.records.map { String(decoding: $0.key, as: UTF8.self) }
  }

  func compactAll() throws(StoreError) {
    while store.compactSlice() {}
    try store.feedEngine()
  }

  mutating func reopen() throws { store = try Store(engine: engine, configuration: configuration) }
}
