internal import CRocksDB
internal import CRocksFlush
internal import Primitives

/// An open database and its column families. It lives inside a `RocksHandle`.
///
/// Records have a family of their own, so that flushed files hold nothing but records in the order of revisions:
/// files that do not overlap are moved to the first level as they are, and no record is written twice.
@unsafe
struct RocksDatabase {
  /// The family of all tables but the records. It came after the default one: `adoptState` fills it.
  static let stateFamily = "state"

  let pointer: OpaquePointer
  /// RocksDB's default family.
  private let records: OpaquePointer
  private let state: OpaquePointer

  /// Opens the database; a missing one is made, and so is a missing family.
  init(_ directory: String, _ settings: RocksSettings) throws(EngineError) {
    let existed = RocksSettings.isDatabase(directory)
    var message: UnsafeMutablePointer<CChar>?
    var families: [OpaquePointer?] = unsafe [nil, nil]
    let options: [OpaquePointer?] = unsafe [settings.options, settings.stateOptions]
    let opened = unsafe "default".withCString { (first) -> OpaquePointer? in
      unsafe Self.stateFamily.withCString { second in
        let names: [UnsafePointer<CChar>?] = unsafe [first, second]
        return unsafe rocksdb_open_column_families(
          settings.options, directory, 2, names, options, &families, &message)
      }
    }
    guard let opened = unsafe opened, let records = unsafe families[0],
      let state = unsafe families[1]
    else {
      throw RocksError.opening(unsafe takeMessage(message), directory, existed: existed)
    }
    unsafe pointer = opened
    unsafe self.records = records
    unsafe self.state = state
    keelson_rocksdb_yield_compactions()
  }

  func close() {
    unsafe rocksdb_column_family_handle_destroy(state)
    unsafe rocksdb_column_family_handle_destroy(records)
    unsafe rocksdb_close(pointer)
  }

  /// Where a table lies.
  func family(_ table: Table) -> OpaquePointer {
    unsafe table == .records ? records : state
  }

  /// Makes everything that was written durable, in all families in one step.
  func flush(_ directory: String) throws(EngineError) {
    var message: UnsafeMutablePointer<CChar>?
    let families: [OpaquePointer?] = unsafe [records, state]
    unsafe keelson_rocksdb_flush(pointer, families, families.count, &message)
    if unsafe message != nil { throw RocksError.during(unsafe takeMessage(message), directory) }
  }

  /// A number that RocksDB keeps for the whole database, by its name; 0 if it has none.
  func number(_ property: String) -> Int64 {
    var number: UInt64 = 0
    guard unsafe rocksdb_property_int(pointer, property, &number) == 0 else { return 0 }
    return Int64(clamping: number)
  }

  /// The sum of a number that RocksDB keeps for each family, by its name.
  func sum(_ property: String) -> Int64 {
    var numbers: (UInt64, UInt64) = (0, 0)
    guard unsafe rocksdb_property_int_cf(pointer, records, property, &numbers.0) == 0,
      unsafe rocksdb_property_int_cf(pointer, state, property, &numbers.1) == 0
    else { return 0 }
    return Int64(clamping: numbers.0) + Int64(clamping: numbers.1)
  }

  /// Moves what earlier builds wrote behind the records of the default family to where it lies now, in one step.
  /// Cost: one seek if there is nothing.
  func adoptState(_ settings: RocksSettings, _ directory: String) throws(EngineError) {
    let batch = unsafe rocksdb_writebatch_create()
    defer { unsafe rocksdb_writebatch_destroy(batch) }
    let reader = unsafe RocksReader(self, settings.read, directory)
    for table in Table.allCases where table != .records {
      try unsafe reader.visit(in: records, from: [table.rawValue]) { key, value in
        guard let start = key.baseAddress, unsafe key[0] == table.rawValue else { return false }
        let name = unsafe start.assumingMemoryBound(to: CChar.self)
        let bytes = unsafe value.baseAddress?.assumingMemoryBound(to: CChar.self)
        unsafe rocksdb_writebatch_put_cf(batch, state, name, key.count, bytes, value.count)
        unsafe rocksdb_writebatch_delete_cf(batch, records, name, key.count)
        return true
      }
    }
    guard unsafe rocksdb_writebatch_count(batch) > 0 else { return }
    var message: UnsafeMutablePointer<CChar>?
    unsafe rocksdb_write(pointer, settings.write, batch, &message)
    if unsafe message != nil { throw RocksError.during(unsafe takeMessage(message), directory) }
    try unsafe flush(directory)
  }
}
