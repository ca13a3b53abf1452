internal import CRocksDB
internal import Glibc
internal import Primitives

/// RocksDB's options for records that are written once, in order, and for a caller who has a log already.
@safe
final class RocksSettings: @unchecked Sendable {
  /// Of the database, and of the records' family.
  let options: OpaquePointer
  /// Of the family of everything else.
  let stateOptions: OpaquePointer
  let write: OpaquePointer
  let read: OpaquePointer
  let compact: OpaquePointer
  private let cache: OpaquePointer

  private static let stateMemtableBytes = 8 << 20

  /// Whether a directory holds a database, however damaged.
  static func isDatabase(_ directory: String) -> Bool {
    unsafe access(directory + "/CURRENT", F_OK) == 0
  }

  init(_ chosen: RocksEngine.Options) throws(EngineError) {
    unsafe cache = rocksdb_cache_create_lru(chosen.blockCacheBytes)
    unsafe options = try Self.databaseOptions(chosen, cache)
    unsafe stateOptions = try Self.databaseOptions(chosen, cache)
    // Applied indices and leases are small and mostly replace each other.
    unsafe rocksdb_options_set_write_buffer_size(
      stateOptions, min(chosen.memtableBytes, Self.stateMemtableBytes))
    unsafe write = rocksdb_writeoptions_create()
    unsafe rocksdb_writeoptions_disable_WAL(write, 1)
    unsafe read = rocksdb_readoptions_create()
    unsafe rocksdb_readoptions_set_verify_checksums(read, 1)
    unsafe compact = rocksdb_compactoptions_create()
    unsafe rocksdb_compactoptions_set_exclusive_manual_compaction(compact, 0)
    // Rewrites the lowest level too, where deletions that a snapshot kept alive may lie, but no file twice.
    unsafe rocksdb_compactoptions_set_bottommost_level_compaction(compact, 3)
  }

  deinit {
    unsafe rocksdb_compactoptions_destroy(compact)
    unsafe rocksdb_readoptions_destroy(read)
    unsafe rocksdb_writeoptions_destroy(write)
    unsafe rocksdb_options_destroy(stateOptions)
    unsafe rocksdb_options_destroy(options)
    unsafe rocksdb_cache_destroy(cache)
  }

  private static func databaseOptions(
    _ chosen: RocksEngine.Options, _ cache: OpaquePointer
  ) throws(EngineError) -> OpaquePointer {
    guard let base = unsafe rocksdb_options_create(),
      let options = unsafe rocksdb_options_create()
    else { throw .failed(detail: "RocksDB gave no options") }
    defer { unsafe rocksdb_options_destroy(base) }
    // Only as text: RocksDB would flush when it is closed, and the caller says when to flush.
    var message: UnsafeMutablePointer<CChar>?
    unsafe rocksdb_get_options_from_string(
      base, "avoid_flush_during_shutdown=true", options, &message)
    if unsafe message != nil {
      unsafe rocksdb_options_destroy(options)
      throw .failed(detail: unsafe takeMessage(message))
    }
    unsafe rocksdb_options_set_create_if_missing(options, 1)
    unsafe rocksdb_options_set_create_missing_column_families(options, 1)
    // What a batch changes in several families becomes durable in one step, whoever asks for the flush.
    unsafe rocksdb_options_set_atomic_flush(options, 1)
    unsafe rocksdb_options_set_paranoid_checks(options, 1)
    unsafe setMemory(options, chosen)
    unsafe setLevels(options, chosen)
    unsafe setFiles(options)
    unsafe setTables(options, cache)
    return unsafe options
  }

  private static func setMemory(_ options: OpaquePointer, _ chosen: RocksEngine.Options) {
    unsafe rocksdb_options_set_write_buffer_size(options, chosen.memtableBytes)
    unsafe rocksdb_options_set_max_write_buffer_number(options, 3)
    // There is one writer: what serves several at once costs it time.
    unsafe rocksdb_options_set_allow_concurrent_memtable_write(options, 0)
    unsafe rocksdb_options_set_enable_write_thread_adaptive_yield(options, 0)
    unsafe rocksdb_options_set_max_background_jobs(options, Int32(chosen.backgroundJobs))
  }

  private static func setLevels(_ options: OpaquePointer, _ chosen: RocksEngine.Options) {
    unsafe rocksdb_options_set_compression(options, chosen.compression.rawValue)
    unsafe rocksdb_options_set_level0_file_num_compaction_trigger(
      options, Int32(chosen.level0Files))
    // Compactions yield to requests. Files that wait for them do not overlap, so that many cost reads nothing.
    unsafe rocksdb_options_set_level0_slowdown_writes_trigger(options, 100)
    unsafe rocksdb_options_set_level0_stop_writes_trigger(options, 200)
    unsafe rocksdb_options_set_target_file_size_base(options, UInt64(chosen.fileBytes))
    unsafe rocksdb_options_set_max_bytes_for_level_base(options, UInt64(chosen.levelBytes))
    // Records come in order, so a flushed file overlaps the first level's last file alone, and deeper levels
    // would save nothing.
    unsafe rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 0)
  }

  private static func setFiles(_ options: OpaquePointer) {
    // Every table stays open: a damaged one is found at the start, and no read opens a file.
    unsafe rocksdb_options_set_max_open_files(options, -1)
    unsafe rocksdb_options_set_keep_log_file_num(options, 4)
    unsafe rocksdb_options_set_max_log_file_size(options, 4 << 20)
    // Fatal errors only: RocksDB ends the process when a line for its own log follows one that a full disk
    // refused. What went wrong comes back from the calls.
    unsafe rocksdb_options_set_info_log_level(options, 4)
    unsafe rocksdb_options_set_max_manifest_file_size(options, 16 << 20)
    unsafe rocksdb_options_set_stats_dump_period_sec(options, 0)
    unsafe rocksdb_options_set_stats_persist_period_sec(options, 0)
    // Writes out steadily rather than all at the end, where the log's sync would wait for it.
    unsafe rocksdb_options_set_bytes_per_sync(options, 1 << 20)
  }

  private static func setTables(_ options: OpaquePointer, _ cache: OpaquePointer) {
    let table = unsafe rocksdb_block_based_options_create()
    defer { unsafe rocksdb_block_based_options_destroy(table) }
    unsafe rocksdb_block_based_options_set_block_cache(table, cache)
    unsafe rocksdb_block_based_options_set_block_size(table, 16 << 10)
    unsafe rocksdb_block_based_options_set_format_version(table, 5)
    unsafe rocksdb_options_set_block_based_table_factory(options, table)
  }
}
