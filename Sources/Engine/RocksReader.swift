internal import CRocksDB
internal import Glibc
internal import Primitives

/// Reads of an open database, at one set of read options. It lives inside a `RocksHandle.use`.
@unsafe
struct RocksReader {
  private let database: RocksDatabase
  private let options: OpaquePointer
  private let directory: String

  init(_ database: RocksDatabase, _ options: OpaquePointer, _ directory: String) {
    unsafe self.database = database
    unsafe self.options = options
    unsafe self.directory = directory
  }

  func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes? {
    var message: UnsafeMutablePointer<CChar>?
    var scratch: Bytes = []
    let found = unsafe withCharacters(prefixed(table, key, &scratch)) { key, length in
      unsafe rocksdb_get_pinned_cf(
        database.pointer, options, database.family(table), key, length, &message)
    }
    if unsafe message != nil {
      throw unsafe RocksError.during(takeMessage(message), directory)
    }
    guard let found = unsafe found else { return nil }
    defer { unsafe rocksdb_pinnableslice_destroy(found) }
    var length = 0
    let start = unsafe rocksdb_pinnableslice_value(found, &length)
    return unsafe copied(start, length)
  }

  /// Lends a table's records until `body` answers false; `options` bound the range above.
  func visit(_ table: Table, from first: Bytes, _ body: EngineVisitor) throws(EngineError) {
    try unsafe visit(in: database.family(table), from: first) { key, value in
      invariant(key.count > 0, "a stored key has no table")
      return unsafe body(UnsafeRawBufferPointer(rebasing: key[1...]), value)
    }
  }

  /// Lends keys as they lie on disk, with their values, until `body` answers false.
  func visit(
    in family: OpaquePointer, from first: Bytes, _ body: EngineVisitor
  ) throws(EngineError) {
    guard let iterator = unsafe rocksdb_create_iterator_cf(database.pointer, options, family) else {
      throw .failed(detail: "\(unsafe directory): RocksDB made no iterator")
    }
    defer { unsafe rocksdb_iter_destroy(iterator) }
    unsafe withCharacters(first) { unsafe rocksdb_iter_seek(iterator, $0, $1) }
    while unsafe rocksdb_iter_valid(iterator) != 0 {
      var keyLength = 0
      var valueLength = 0
      let key = unsafe rocksdb_iter_key(iterator, &keyLength)
      let value = unsafe rocksdb_iter_value(iterator, &valueLength)
      let more = unsafe body(
        UnsafeRawBufferPointer(start: key, count: keyLength),
        UnsafeRawBufferPointer(start: value, count: valueLength))
      if !more { return }
      unsafe rocksdb_iter_next(iterator)
    }
    var message: UnsafeMutablePointer<CChar>?
    unsafe rocksdb_iter_get_error(iterator, &message)
    if unsafe message != nil {
      throw unsafe RocksError.during(takeMessage(message), directory)
    }
  }
}

extension RocksHandle {
  /// Visits a range of a table, at a snapshot or at the present state.
  func visit(
    _ table: Table, from: Bytes, to: Bytes?, at snapshot: UInt?, _ directory: String,
    _ body: EngineVisitor
  ) throws(EngineError) {
    let limit = to.map { [table.rawValue] + $0 } ?? [table.rawValue + 1]
    let first = [table.rawValue] + from
    guard isOrdered(first, before: limit) else { return }
    var wasClosed = false
    try unsafe use { (database, _) throws(EngineError) in
      guard let options = unsafe rocksdb_readoptions_create() else {
        throw .failed(detail: "RocksDB gave no options")
      }
      defer { unsafe rocksdb_readoptions_destroy(options) }
      unsafe rocksdb_readoptions_set_verify_checksums(options, 1)
      // What is read in passing would push out what is read again and again.
      unsafe rocksdb_readoptions_set_fill_cache(options, 0)
      if let snapshot {
        unsafe rocksdb_readoptions_set_snapshot(options, OpaquePointer(bitPattern: snapshot))
      }
      // RocksDB keeps the pointer to the limit: it lives in memory of its own until the scan has ended.
      let limitCopy = UnsafeMutablePointer<CChar>.allocate(capacity: limit.count)
      defer { unsafe limitCopy.deallocate() }
      for (place, byte) in limit.enumerated() { unsafe limitCopy[place] = CChar(bitPattern: byte) }
      unsafe rocksdb_readoptions_set_iterate_upper_bound(options, limitCopy, limit.count)
      try unsafe RocksReader(database, options, directory).visit(table, from: first) { key, value in
        wasClosed = isClosing
        return unsafe !wasClosed && body(key, value)
      }
    }
    if wasClosed { throw RocksError.closed }
  }
}

/// One state of a RocksDB database. It ends with the database at the latest.
final class RocksSnapshot: EngineSnapshot {
  private let snapshot: UInt
  private let handle: RocksHandle
  private let directory: String

  init(_ snapshot: UInt, of handle: RocksHandle, _ directory: String) {
    self.snapshot = snapshot
    self.handle = handle
    self.directory = directory
  }

  deinit { handle.release(snapshot) }

  func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes? {
    try unsafe handle.use { (database, _) throws(EngineError) in
      guard let options = unsafe rocksdb_readoptions_create() else {
        throw .failed(detail: "RocksDB gave no options")
      }
      defer { unsafe rocksdb_readoptions_destroy(options) }
      unsafe rocksdb_readoptions_set_verify_checksums(options, 1)
      unsafe rocksdb_readoptions_set_snapshot(options, OpaquePointer(bitPattern: snapshot))
      return try unsafe RocksReader(database, options, directory).value(table, key)
    }
  }

  func visit(
    _ table: Table, from: Bytes, to: Bytes?, _ body: EngineVisitor
  ) throws(EngineError) {
    unsafe try handle.visit(table, from: from, to: to, at: snapshot, directory, body)
  }
}

/// A key as it lies on disk, in memory that is used again.
func prefixed(_ table: Table, _ key: Bytes, _ scratch: inout Bytes) -> Bytes {
  scratch.removeAll(keepingCapacity: true)
  scratch.append(table.rawValue)
  scratch.append(contentsOf: key)
  return scratch
}

/// Passes bytes as C characters.
func withCharacters<Answer>(
  _ bytes: Bytes, _ body: (UnsafePointer<CChar>?, Int) -> Answer
) -> Answer {
  unsafe bytes.withUnsafeBytes { raw in
    unsafe body(raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
  }
}

/// Copies C characters.
func copied(_ start: UnsafePointer<CChar>?, _ count: Int) -> Bytes {
  unsafe Bytes(unsafeUninitializedCapacity: count) { buffer, initialized in
    if count > 0, let start = unsafe start, let target = buffer.baseAddress {
      unsafe memcpy(target, start, count)
    }
    initialized = count
  }
}
