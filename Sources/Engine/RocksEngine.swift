internal import CRocksDB
internal import Glibc
public import Primitives
internal import Synchronization

/// The engine over RocksDB, with RocksDB's own log switched off: the caller's log is durable already.
///
/// Without that log RocksDB survives a crash at the state of its last completed flush, its own or one that
/// `flush()` asked for, and a batch never lies in two flushes: its two column families, the records' and that of
/// everything else, are flushed in one step. A table is the first byte of the key.
///
/// A full disk is thrown as `.noSpace` by the calls that met it and by those after it, until RocksDB finds, within
/// about five seconds of there being space again, that it can go on.
public final class RocksEngine: Engine {
  /// How values are packed in the files.
  public enum Compression: Int32, Sendable {
    case none = 0
    case lz4 = 4
  }

  /// What an engine is opened with.
  public struct Options: Sendable {
    /// Bytes of writes that gather in memory before they are flushed. Up to three times as much may wait.
    public var memtableBytes = 32 << 20
    /// Bytes of decoded blocks that are kept for reads.
    public var blockCacheBytes = 64 << 20
    /// Flushed files that gather before they are merged into the first level.
    public var level0Files = 4
    /// Bytes of one file of the first level. A merge rewrites the last one: with 16 MiB a put of 1 KiB costs
    /// 2.5 µs of processor in all, with 64 MiB 4.3.
    public var fileBytes = 16 << 20
    /// Bytes of the first level, beyond which its files are merged into the next; by default never, in practice.
    public var levelBytes = 64 << 30
    /// Threads for flushes and compactions.
    public var backgroundJobs = 2
    /// How values are packed.
    public var compression = Compression.none

    /// The defaults, which were measured with records of 1 KiB.
    public init() {}
  }

  /// What an engine has done and has under way.
  public struct Statistics: Hashable, Sendable {
    /// Calls of `flush` that completed.
    public var flushes = 0
    /// Seconds that callers of `flush` waited, in all.
    public var flushSeconds = 0.0
    /// Batches that were applied.
    public var batches = 0
    /// Bytes in memory that are not flushed.
    public var memtableBytes: Int64 = 0
    /// Flushed files that are not merged into a level.
    public var level0Files = 0
    /// Bytes that compaction still has to rewrite, as RocksDB estimates them.
    public var pendingCompactionBytes: Int64 = 0
    /// Errors of background flushes and compactions.
    public var backgroundErrors = 0
  }

  private struct Writer {
    /// The batch in RocksDB's form; its memory is used again.
    var batch: UInt
    var statistics = Statistics()
  }

  private let directory: String
  private let handle: RocksHandle
  private let writer: Mutex<Writer>

  /// Opens the database in `directory`, which is made if it is missing; its parent must exist.
  ///
  /// Throws `.locked` if another process, or another engine of this one, has it open; `.corrupt`, naming the
  /// file, if it is damaged; `.noSpace` if less than a mebibyte is free. Cost: milliseconds, and one read of each file's index.
  public init(directory: String, options: Options = Options()) throws(EngineError) {
    try Self.makeDirectory(directory)
    try Self.checkSpace(directory)
    self.directory = directory
    handle = try RocksHandle(directory: directory, options: options)
    writer = Mutex(Writer(batch: UInt(bitPattern: unsafe rocksdb_writebatch_create())))
  }

  deinit {
    handle.close()
    writer.withLock { unsafe rocksdb_writebatch_destroy(OpaquePointer(bitPattern: $0.batch)) }
  }

  public func apply(_ batch: EngineBatch) throws(EngineError) {
    if batch.isEmpty { return }
    try writer.withLock { (writer) throws(EngineError) in
      let target = unsafe OpaquePointer(bitPattern: writer.batch)
      unsafe rocksdb_writebatch_clear(target)
      try unsafe handle.use { (database, settings) throws(EngineError) in
        unsafe Self.add(batch, to: target, of: database)
        var message: UnsafeMutablePointer<CChar>?
        unsafe rocksdb_write(database.pointer, settings.write, target, &message)
        if unsafe message != nil {
          throw RocksError.during(unsafe takeMessage(message), directory)
        }
      }
      writer.statistics.batches += 1
    }
  }

  public func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes? {
    try unsafe handle.use { (database, settings) throws(EngineError) in
      try unsafe RocksReader(database, settings.read, directory).value(table, key)
    }
  }

  public func visit(
    _ table: Table, from: Bytes, to: Bytes?, _ body: EngineVisitor
  ) throws(EngineError) {
    unsafe try handle.visit(table, from: from, to: to, at: nil, directory, body)
  }

  public func snapshot() throws(EngineError) -> any EngineSnapshot {
    RocksSnapshot(try handle.createSnapshot(), of: handle, directory)
  }

  public func flush() throws(EngineError) {
    let start = Self.monotonicSeconds()
    try unsafe handle.use { (database, _) throws(EngineError) in
      try unsafe database.flush(directory)
    }
    let seconds = Self.monotonicSeconds() - start
    writer.withLock {
      $0.statistics.flushes += 1
      $0.statistics.flushSeconds += seconds
    }
  }

  public func reclaim(_ table: Table, from: Bytes?, to: Bytes?) throws(EngineError) {
    let first = [table.rawValue] + (from ?? [])
    let limit = to.map { [table.rawValue] + $0 } ?? [table.rawValue + 1]
    guard isOrdered(first, before: limit) else { return }
    try unsafe handle.use { (database, settings) throws(EngineError) in
      let before = unsafe database.number("rocksdb.background-errors")
      unsafe withCharacters(first) { start, startLength in
        unsafe withCharacters(limit) { end, endLength in
          unsafe rocksdb_compact_range_cf_opt(
            database.pointer, database.family(table), settings.compact, start, startLength, end,
            endLength)
        }
      }
      // RocksDB does not say how a compaction went; its counter of errors does.
      if unsafe database.number("rocksdb.background-errors") != before {
        throw .failed(detail: "\(directory): a compaction failed")
      }
    }
  }

  public var sizeOnDisk: Int64 {
    let size = try? unsafe handle.use { (database, _) throws(EngineError) in
      unsafe database.sum("rocksdb.total-sst-files-size")
    }
    return size ?? 0
  }

  /// What the engine has done and has under way. Cost: a few microseconds.
  public var statistics: Statistics {
    var statistics = writer.withLock { $0.statistics }
    try? unsafe handle.use { (database, _) throws(EngineError) in
      statistics.memtableBytes = unsafe database.sum("rocksdb.cur-size-all-mem-tables")
      statistics.level0Files = Int(unsafe database.sum("rocksdb.num-files-at-level0"))
      statistics.pendingCompactionBytes = unsafe database.sum(
        "rocksdb.estimate-pending-compaction-bytes")
      statistics.backgroundErrors = Int(unsafe database.number("rocksdb.background-errors"))
    }
    return statistics
  }

  public func close() { handle.close() }

  /// Copies the changes from the batch's buffer, where keys already bear their table's byte.
  private static func add(
    _ batch: EngineBatch, to target: OpaquePointer?, of database: RocksDatabase
  ) {
    unsafe withCharacters(batch.bytes) { base, _ in
      guard let base = unsafe base else { return }
      for entry in batch.entries {
        let family = unsafe database.family(entry.table)
        let key = unsafe base + entry.start
        let keyLength = entry.middle - entry.start
        let rest = unsafe base + entry.middle
        let restLength = entry.end - entry.middle
        switch entry.kind {
        case .put:
          unsafe rocksdb_writebatch_put_cf(
            target, family, key, keyLength, rest, restLength)
        case .delete: unsafe rocksdb_writebatch_delete_cf(target, family, key, keyLength)
        case .deleteRange:
          let end =
            unsafe [entry.table.rawValue]
            + Bytes(UnsafeRawBufferPointer(start: rest, count: restLength))
          guard
            unsafe isOrdered(
              Bytes(UnsafeRawBufferPointer(start: key, count: keyLength)), before: end)
          else { continue }
          unsafe withCharacters(end) { end, endLength in
            unsafe rocksdb_writebatch_delete_range_cf(
              target, family, key, keyLength, end, endLength)
          }
        }
      }
    }
  }

  private static func makeDirectory(_ directory: String) throws(EngineError) {
    if unsafe mkdir(directory, 0o700) == 0 {
      // The entry in the parent has to survive a power loss as well.
      let parent = unsafe open(directory + "/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      defer { if parent >= 0 { Glibc.close(parent) } }
      if parent >= 0, fsync(parent) == 0 { return }
    } else if errno == EEXIST {
      return
    }
    let reason = unsafe String(cString: strerror(errno))
    if errno == ENOSPC { throw .noSpace(detail: "\(directory): \(reason)") }
    throw .failed(detail: "\(directory): \(reason)")
  }

  /// RocksDB writes a few small files when it opens, and ends the process if its own log is refused.
  private static func checkSpace(_ directory: String) throws(EngineError) {
    var space = statvfs()
    guard unsafe statvfs(directory, &space) == 0 else { return }
    let free = UInt64(space.f_bavail) * UInt64(space.f_frsize)
    if free < 1 << 20 { throw .noSpace(detail: "\(directory): \(free) bytes are free") }
  }

  private static func monotonicSeconds() -> Double {
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
