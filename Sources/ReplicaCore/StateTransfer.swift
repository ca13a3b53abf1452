public import Engine
public import MVCC
public import Primitives
public import Raft

/// A part of a member's state on its way to another: records in key order, with a checksum of its own.
public struct StateChunk: Hashable, Sendable {
  /// The chunk's place, from 0.
  public var number: UInt32
  /// Whether it is the last.
  public var isLast: Bool
  /// Records one behind the other: table, lengths, key and value.
  public var content: Bytes
  /// CRC-32C of the place, the mark of the last one and the content.
  public var checksum: UInt32

  /// Makes a chunk, with its checksum.
  public init(number: UInt32, isLast: Bool, content: Bytes) {
    self.number = number
    self.isLast = isLast
    self.content = content
    checksum = Self.checksum(number, isLast, content)
  }

  /// Whether the chunk arrived as it was sent.
  public var isIntact: Bool { checksum == Self.checksum(number, isLast, content) }

  private static func checksum(_ number: UInt32, _ isLast: Bool, _ content: Bytes) -> UInt32 {
    var header = ByteWriter(capacity: 5)
    header.appendLittleEndian(number)
    header.append(isLast ? 1 as UInt8 : 0)
    return CRC32C.checksum(content, continuing: CRC32C.checksum(header.bytes))
  }
}

/// Cuts a pinned state into chunks.
///
/// Cost: one chunk in memory at a time; the engine keeps the state pinned until the reader goes.
public final class StateReader {
  /// What the state is: its last entry, and who belonged to the group.
  public let mark: SnapshotMark

  private let snapshot: StoreSnapshot
  private let chunkBytes: Int
  private var number: UInt32 = 0
  private var table: Table? = Table.allCases.first
  private var from: Bytes = []

  /// Begins with the first record of a state.
  public init(
    _ snapshot: StoreSnapshot, chunkBytes: Int = Limits.stateChunkBytes
  ) throws(ReplicaError) {
    let (state, term) = try ClusterTable.load(snapshot.engine)
    mark = SnapshotMark(
      last: EntryMark(index: snapshot.appliedIndex, term: term),
      configuration: state.raftConfiguration)
    self.snapshot = snapshot
    self.chunkBytes = chunkBytes
  }

  /// The next chunk; nil behind the last.
  public func next() throws(EngineError) -> StateChunk? {
    guard table != nil else { return nil }
    var writer = ByteWriter(capacity: min(chunkBytes, 65_536))
    while let table, writer.count < chunkBytes {
      var last: Bytes?
      try snapshot.engine.scan(table, from: from, to: nil) { key, value in
        writer.append(table.rawValue)
        writer.appendVarint(UInt64(key.count))
        writer.append(key)
        writer.appendVarint(UInt64(value.count))
        writer.append(value)
        last = key
        return writer.count < chunkBytes
      }
      if writer.count >= chunkBytes, let last {
        from = last + [0]
      } else {
        from = []
        self.table = Table.allCases.first { $0.rawValue > table.rawValue }
      }
    }
    defer { number += 1 }
    return StateChunk(number: number, isLast: table == nil, content: writer.bytes)
  }
}

/// Why a state that arrives cannot be taken; nothing of it is used.
public enum StateTransferError: Error, Hashable, Sendable {
  /// A chunk does not follow the one before it.
  case outOfOrder(expected: UInt32, found: UInt32)
  /// A chunk is damaged, or holds no records.
  case damaged(chunk: UInt32)
  /// The new engine refused.
  case engine(EngineError)
}

/// Builds an engine from a state's chunks, beside the one that is in use.
public final class StateBuilder {
  /// The engine that is being filled; empty when the first chunk arrives.
  public let engine: any Engine
  /// Whether the last chunk is in it, and all of it is durable.
  public private(set) var isComplete = false
  /// The chunk that is expected next.
  public private(set) var expected: UInt32 = 0

  /// Begins with an empty engine.
  public init(engine: any Engine) { self.engine = engine }

  /// Takes the next chunk; the last one makes the engine durable.
  public func append(_ chunk: StateChunk) throws(StateTransferError) {
    guard chunk.number == expected, !isComplete else {
      throw .outOfOrder(expected: expected, found: chunk.number)
    }
    guard chunk.isIntact, let batch = try? Self.decode(chunk.content) else {
      throw .damaged(chunk: chunk.number)
    }
    do throws(EngineError) {
      try engine.apply(batch)
      if chunk.isLast { try engine.flush() }
    } catch {
      throw .engine(error)
    }
    expected += 1
    isComplete = chunk.isLast
  }

  private static func decode(_ content: Bytes) throws(DecodingError) -> EngineBatch {
    var reader = ByteReader(content)
    var batch = EngineBatch()
    while !reader.isAtEnd {
      guard let table = Table(rawValue: try reader.readByte()) else { throw .malformed }
      let key = try reader.readBytes(Int(clamping: try reader.readVarint()))
      let value = try reader.readBytes(Int(clamping: try reader.readVarint()))
      batch.put(table, key: key, value: value)
    }
    return batch
  }
}
