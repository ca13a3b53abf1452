public import Primitives

/// One change of one key, shared by all that watch it.
public struct WatchEvent: Sendable {
  /// The new version; a tombstone for a deletion.
  public var record: Record
  /// The version that it replaced, if there was one and the store still has it.
  public var previous: Record?

  /// Describes a change.
  public init(record: Record, previous: Record?) {
    self.record = record
    self.previous = previous
  }

  /// The write that the event reports.
  public var revision: SubRevision { record.revision }

  /// Appends the event as an `mvccpb.Event`: its type, `kv` and `prev_kv`, from the stored bytes.
  ///
  /// A deletion's `kv` has the key and the revision of the deletion. Cost: one copy, no allocation besides
  /// the writer's own.
  public func append(to writer: inout ByteWriter) {
    if record.isTombstone { writer.appendVarintField(1, UInt64(1)) }
    writer.appendLengthDelimited(2, length: keyValueByteCount)
    unsafe record.withStored { unsafe writer.append($0) }
    if record.isTombstone { writer.appendVarintField(3, record.revision.main.rawValue) }
    guard let previous else { return }
    writer.appendLengthDelimited(3, length: previous.byteCount)
    unsafe previous.withStored { unsafe writer.append($0) }
  }

  /// The number of bytes that `append(to:)` writes.
  public var encodedByteCount: Int {
    var count = record.isTombstone ? 2 : 0
    count += Self.fieldByteCount(keyValueByteCount)
    if let previous { count += Self.fieldByteCount(previous.byteCount) }
    return count
  }

  private var keyValueByteCount: Int {
    guard record.isTombstone else { return record.byteCount }
    let revision = UInt64(bitPattern: record.revision.main.rawValue)
    return record.byteCount + 1 + ByteWriter.varintLength(revision)
  }

  /// Bytes of a length-delimited field whose number is below 16.
  private static func fieldByteCount(_ content: Int) -> Int {
    1 + ByteWriter.varintLength(UInt64(content)) + content
  }
}
