internal import CRocksDB
internal import Glibc
internal import Primitives
internal import Synchronization

/// An open RocksDB database, and the promise that nothing of it is used after, or still open at, its closing.
///
/// RocksDB ends the process when it is closed while an iterator is alive, and reads freed memory when it is used
/// afterwards. So every use runs inside `use`, which `close` waits for; snapshots are registered and end with the
/// database. The lock prefers readers: a use inside another one, as from a scan's body, does not deadlock.
@safe
final class RocksHandle: @unchecked Sendable {
  private let lock: UnsafeMutablePointer<pthread_rwlock_t>
  /// Nil once closed; changed under the write lock alone.
  private var database: RocksDatabase?
  private let settings: RocksSettings
  private let snapshots = Mutex<Set<UInt>>([])
  private let closing = Atomic(false)

  init(directory: String, options: RocksEngine.Options) throws(EngineError) {
    settings = try RocksSettings(options)
    let opened = try unsafe RocksDatabase(directory, settings)
    do throws(EngineError) {
      try unsafe opened.adoptState(settings, directory)
    } catch {
      unsafe opened.close()
      throw error
    }
    unsafe database = opened
    unsafe lock = .allocate(capacity: 1)
    let result = unsafe pthread_rwlock_init(lock, nil)
    invariant(result == 0, "a lock could not be made: error \(result)")
  }

  deinit {
    close()
    unsafe pthread_rwlock_destroy(lock)
    unsafe lock.deallocate()
  }

  /// Whether `close` has begun: long reads end early.
  var isClosing: Bool { closing.load(ordering: .relaxed) }

  /// Runs `body` with the open database, or throws if it is closed.
  func use<Answer>(
    _ body: (RocksDatabase, RocksSettings) throws(EngineError) -> Answer
  ) throws(EngineError) -> Answer {
    unsafe pthread_rwlock_rdlock(lock)
    defer { unsafe pthread_rwlock_unlock(lock) }
    guard let database = unsafe database, !isClosing else { throw RocksError.closed }
    return try unsafe body(database, settings)
  }

  /// Pins the present state until `release` or `close`.
  func createSnapshot() throws(EngineError) -> UInt {
    try unsafe use { (database, _) throws(EngineError) in
      guard let snapshot = unsafe rocksdb_create_snapshot(database.pointer) else {
        throw .failed(detail: "RocksDB made no snapshot")
      }
      let address = UInt(bitPattern: snapshot)
      snapshots.withLock { _ = $0.insert(address) }
      return address
    }
  }

  /// Releases a snapshot; nothing happens if the database has been closed since.
  func release(_ snapshot: UInt) {
    unsafe pthread_rwlock_rdlock(lock)
    defer { unsafe pthread_rwlock_unlock(lock) }
    guard let database = unsafe database else { return }
    guard snapshots.withLock({ $0.remove(snapshot) }) != nil else { return }
    unsafe rocksdb_release_snapshot(database.pointer, OpaquePointer(bitPattern: snapshot))
  }

  /// Ends long reads and reclaims, waits for every use, and closes. Later calls do nothing.
  func close() {
    closing.store(true, ordering: .relaxed)
    unsafe pthread_rwlock_rdlock(lock)
    if let database = unsafe database { unsafe rocksdb_disable_manual_compaction(database.pointer) }
    unsafe pthread_rwlock_unlock(lock)
    unsafe pthread_rwlock_wrlock(lock)
    defer { unsafe pthread_rwlock_unlock(lock) }
    guard let open = unsafe database else { return }
    snapshots.withLock { pinned in
      for snapshot in pinned.sorted() {
        unsafe rocksdb_release_snapshot(open.pointer, OpaquePointer(bitPattern: snapshot))
      }
      pinned.removeAll()
    }
    unsafe open.close()
    unsafe database = nil
  }
}

/// Copies RocksDB's message and frees it.
func takeMessage(_ message: UnsafeMutablePointer<CChar>?) -> String {
  guard let message = unsafe message else { return "" }
  defer { unsafe rocksdb_free(message) }
  return unsafe String(cString: message)
}
