public import Primitives

/// The parts of an engine's key space; each key belongs to one. The raw value is the first byte of its keys on
/// disk.
public enum Table: UInt8, CaseIterable, Hashable, Sendable {
  /// One record for each write that is not yet compacted, by revision.
  case records = 0x10
  /// One record for each lease, by identifier.
  case leases = 0x20
  /// Applied index, compaction floor, membership, alarms and the like, by name.
  case meta = 0x30
}

/// Why an engine could not do what it was asked to.
public enum EngineError: Error, Hashable, Sendable {
  /// What is stored fails its checks. `detail` names the file where the engine knows it.
  case corrupt(detail: String)
  /// The disk is full.
  case noSpace(detail: String)
  /// Any other refusal of the operating system or of the engine's library.
  case failed(detail: String)
  /// The directory belongs to another process.
  case locked(detail: String)
}

/// Changes that an engine makes together or not at all, in order.
///
/// Keys and values lie one behind the other in one buffer: a change costs a copy of its bytes and no allocation of
/// its own.
public struct EngineBatch: Sendable {
  /// One change.
  public enum Change: Sendable {
    case put(Table, key: Bytes, value: Bytes)
    case delete(Table, key: Bytes)
    /// Deletes every key from `from` up to, and without, `to`.
    case deleteRange(Table, from: Bytes, to: Bytes)
  }

  /// What is done with the two parts of an entry: a key and a value, a key and nothing, or two keys.
  enum Kind: UInt8 {
    case put
    case delete
    case deleteRange
  }

  /// A change whose parts lie in `bytes`: behind the table's byte the key up to `middle`, then the rest.
  struct Entry {
    let kind: Kind
    let table: Table
    let start: Int
    let middle: Int
    let end: Int
  }

  private(set) var entries: [Entry] = []
  private(set) var bytes: Bytes = []

  /// No changes yet.
  public init() {}

  /// Whether there is nothing to do.
  public var isEmpty: Bool { entries.isEmpty }

  /// Bytes of keys and values in the batch.
  public var byteCount: Int { bytes.count - entries.count }

  /// The changes, in the order in which they take effect. Cost: an allocation for each key and value.
  public var changes: [Change] {
    entries.map { entry in
      let first = Bytes(bytes[entry.start + 1..<entry.middle])
      let second = Bytes(bytes[entry.middle..<entry.end])
      return switch entry.kind {
      case .put: .put(entry.table, key: first, value: second)
      case .delete: .delete(entry.table, key: first)
      case .deleteRange: .deleteRange(entry.table, from: first, to: second)
      }
    }
  }

  /// Makes room for more changes at once; `extraBytes` are those of their keys and values.
  public mutating func reserve(_ extraChanges: Int, extraBytes: Int) {
    entries.reserveCapacity(entries.count + extraChanges)
    bytes.reserveCapacity(bytes.count + extraBytes + extraChanges)
  }

  /// Sets a key.
  public mutating func put(_ table: Table, key: Bytes, value: Bytes) {
    unsafe value.withUnsafeBytes { unsafe put(table, key: key, value: $0) }
  }

  /// Sets a key to a value that is lent.
  public mutating func put(_ table: Table, key: Bytes, value: UnsafeRawBufferPointer) {
    let (start, middle) = begin(table, key)
    unsafe bytes.append(contentsOf: value)
    add(.put, table, start, middle)
  }

  /// Deletes a key; it need not exist.
  public mutating func delete(_ table: Table, key: Bytes) {
    let (start, middle) = begin(table, key)
    add(.delete, table, start, middle)
  }

  /// Deletes every key from `from` up to, and without, `to`.
  public mutating func deleteRange(_ table: Table, from: Bytes, to: Bytes) {
    let (start, middle) = begin(table, from)
    bytes.append(contentsOf: to)
    add(.deleteRange, table, start, middle)
  }

  /// Appends another batch's changes.
  public mutating func append(_ other: EngineBatch) {
    let shift = bytes.count
    bytes.append(contentsOf: other.bytes)
    for entry in other.entries {
      entries.append(
        Entry(
          kind: entry.kind, table: entry.table, start: entry.start + shift,
          middle: entry.middle + shift, end: entry.end + shift))
    }
  }

  /// Forgets all changes and keeps the memory.
  public mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  private mutating func begin(_ table: Table, _ key: Bytes) -> (start: Int, middle: Int) {
    let start = bytes.count
    bytes.append(table.rawValue)
    bytes.append(contentsOf: key)
    return (start, bytes.count)
  }

  private mutating func add(_ kind: Kind, _ table: Table, _ start: Int, _ middle: Int) {
    entries.append(
      Entry(kind: kind, table: table, start: start, middle: middle, end: bytes.count))
  }
}

/// An engine's state at one moment, readable while later batches go in. It ends when it is released.
public protocol EngineSnapshot: AnyObject, Sendable {
  /// The value of a key, or nil.
  func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes?

  /// Lends each key from `from` up to, and without, `to` (nil: the table's end) with its value, in ascending
  /// order, until `body` answers false.
  func visit(_ table: Table, from: Bytes, to: Bytes?, _ body: EngineVisitor) throws(EngineError)
}

/// Sees a key and its value, which are lent for as long as the call takes; false ends the visit.
public typealias EngineVisitor = (
  _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
) -> Bool

/// An ordered key-value store that survives crashes at some state it was in: not always the last, but never
/// one between batches' halves, and never one older than the last completed `flush`.
///
/// Reads may come from any thread, batches and flushes from one thread at a time. The caller keeps a log that
/// brings the engine forward again, so single batches are not synced.
public protocol Engine: AnyObject, Sendable {
  /// Applies a batch: visible to reads that start afterwards; durable only after the next `flush`.
  func apply(_ batch: EngineBatch) throws(EngineError)

  /// The value of a key, or nil.
  func value(_ table: Table, _ key: Bytes) throws(EngineError) -> Bytes?

  /// Lends each key from `from` up to, and without, `to` (nil: the table's end) with its value, in ascending
  /// order, until `body` answers false. It sees one state of the engine.
  func visit(_ table: Table, from: Bytes, to: Bytes?, _ body: EngineVisitor) throws(EngineError)

  /// Pins the present state for reading.
  func snapshot() throws(EngineError) -> any EngineSnapshot

  /// Makes everything that was applied before the call durable, and returns when it is.
  func flush() throws(EngineError)

  /// Gives space that deletions left back to the file system, within a table's range of keys (nil: its ends).
  /// It may take long; run it off the request path.
  func reclaim(_ table: Table, from: Bytes?, to: Bytes?) throws(EngineError)

  /// Bytes of the engine's files, or of its contents where it has none.
  var sizeOnDisk: Int64 { get }

  /// Flushes nothing; ends reads that are under way, and snapshots, and releases files and memory. Calls that
  /// follow throw, and a second `close` does nothing.
  func close()
}

extension EngineSnapshot {
  /// Passes each key from `from` up to, and without, `to` (nil: the table's end) in ascending order, until
  /// `body` answers false. Keys and values are copied out.
  public func scan(
    _ table: Table, from: Bytes, to: Bytes?, _ body: (_ key: Bytes, _ value: Bytes) -> Bool
  ) throws(EngineError) {
    try unsafe visit(table, from: from, to: to) { unsafe body(Bytes($0), Bytes($1)) }
  }
}

extension Engine {
  /// Passes each key from `from` up to, and without, `to` (nil: the table's end) in ascending order, until
  /// `body` answers false. Keys and values are copied out.
  public func scan(
    _ table: Table, from: Bytes, to: Bytes?, _ body: (_ key: Bytes, _ value: Bytes) -> Bool
  ) throws(EngineError) {
    try unsafe visit(table, from: from, to: to) { unsafe body(Bytes($0), Bytes($1)) }
  }
}
