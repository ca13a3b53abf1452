/// Where an encoder puts bytes: a buffer that grows, or the memory of a message whose length is
/// known.
public protocol ByteSink {
  /// Appends one byte.
  mutating func append(_ byte: UInt8)
  /// Appends bytes as they are.
  mutating func append(_ bytes: UnsafeRawBufferPointer)
}

extension ByteSink {
  /// Appends a base-128 varint.
  @inlinable
  public mutating func appendVarint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends a protobuf field of wire type 0; a zero is left out, as proto3 does.
  @inlinable
  public mutating func appendVarintField(_ field: UInt64, _ number: Int64) {
    appendVarintField(field, UInt64(bitPattern: number))
  }

  /// Appends a protobuf field of wire type 0; a zero is left out, as proto3 does.
  @inlinable
  public mutating func appendVarintField(_ field: UInt64, _ number: UInt64) {
    if number == 0 { return }
    appendVarint(field << 3)
    appendVarint(number)
  }

  /// Appends a protobuf field of wire type 0; `false` is left out, as proto3 does.
  @inlinable
  public mutating func appendBoolField(_ field: UInt64, _ flag: Bool) {
    if flag { appendVarintField(field, UInt64(1)) }
  }

  /// Appends a protobuf field of wire type 2; an empty one is left out, as proto3 does.
  @inlinable
  public mutating func appendBytesField(_ field: UInt64, _ content: Bytes) {
    if content.isEmpty { return }
    appendLengthDelimited(field, length: content.count)
    unsafe content.withUnsafeBytes { unsafe append($0) }
  }

  /// Appends the tag and length of a protobuf field of wire type 2, whose `length` bytes come next.
  @inlinable
  public mutating func appendLengthDelimited(_ field: UInt64, length: Int) {
    appendVarint(field << 3 | 2)
    appendVarint(UInt64(length))
  }
}

/// Writes a message of known length into memory that is there already, so that no byte has to ask
/// for room.
@safe
public struct MessageWriter: ByteSink {
  @usableFromInline let memory: UnsafeMutableRawBufferPointer
  @usableFromInline var position = 0

  /// Writes into `memory`, from its beginning; the memory must outlive the writer.
  @inlinable
  public init(_ memory: UnsafeMutableRawBufferPointer) { unsafe self.memory = unsafe memory }

  /// How many bytes are still to be written.
  @inlinable
  public var remaining: Int { unsafe memory.count &- position }

  /// Appends one byte.
  @inlinable
  public mutating func append(_ byte: UInt8) {
    unsafe precondition(position < memory.count, "a message is longer than was said")
    unsafe memory[position] = byte
    position &+= 1
  }

  /// Appends bytes as they are.
  @inlinable
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    unsafe precondition(bytes.count <= memory.count - position, "a message is longer than was said")
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[position...]).copyMemory(from: bytes)
    position &+= bytes.count
  }
}

extension Bytes {
  /// A message of exactly `count` bytes, which `body` writes. Cost: one allocation.
  @inlinable
  public static func message(count: Int, _ body: (inout MessageWriter) -> Void) -> Bytes {
    unsafe Bytes(unsafeUninitializedCapacity: count) { memory, initializedCount in
      var writer = unsafe MessageWriter(
        UnsafeMutableRawBufferPointer(start: memory.baseAddress, count: count))
      body(&writer)
      precondition(writer.position == count, "a message is shorter than was said")
      initializedCount = count
    }
  }
}
