internal import NIOCore
internal import Primitives

/// The bytes that one stream has yet to send: messages that are shared with their makers, not
/// copied, until they go into the connection's buffer.
struct SendQueue {
  /// How a piece is sent.
  enum Framing: UInt8 {
    /// As it is.
    case none = 255
    /// After gRPC's prefix for a plain message.
    case identity = 0
    /// After gRPC's prefix for a compressed message.
    case gzip = 1
  }

  private struct Item {
    var bytes: Bytes
    var framing: Framing
    var length: Int { bytes.count + (framing == .none ? 0 : SendQueue.prefixBytes) }
  }

  static let prefixBytes = 5

  private var first: Item?
  /// The only message of a call, if it is made as it is sent; then there are no items.
  private var source: (any MessageSource)?
  private var rest: [Item] = []
  private var restHead = 0
  /// How much of the first item has been sent.
  private var offset = 0
  /// What is left to send, prefixes included.
  private(set) var byteCount = 0

  mutating func append(_ bytes: Bytes, _ framing: Framing) {
    let item = Item(bytes: bytes, framing: framing)
    byteCount += item.length
    if first == nil { first = item } else { rest.append(item) }
  }

  /// Appends a message that is made while it is sent; there must be no other, and none may follow.
  mutating func append(_ source: any MessageSource) {
    invariant(byteCount == 0, "\(byteCount) bytes wait before a message that must be alone")
    self.source = source
    byteCount = Self.prefixBytes + source.count
  }

  /// Moves the next `count` bytes to the end of `output`.
  mutating func move(_ count: Int, to output: inout ByteBuffer) {
    invariant(count <= byteCount, "\(count) bytes wanted of \(byteCount)")
    if count == byteCount, offset == 0, rest.isEmpty, let only = first, only.framing != .none {
      moveWhole(only, to: &output)
      return
    }
    if let source { return moveNext(count, of: source, to: &output) }
    var left = count
    byteCount -= count
    while left > 0, let item = first {
      var position = offset
      if item.framing != .none {
        if position == 0, left >= Self.prefixBytes {
          output.writeInteger(item.framing.rawValue)
          output.writeInteger(UInt32(item.bytes.count))
          position = Self.prefixBytes
          left -= Self.prefixBytes
        } else {
          while position < Self.prefixBytes, left > 0 {
            output.writeInteger(Self.prefixByte(position, item.bytes.count, item.framing))
            position += 1
            left -= 1
          }
        }
        position -= Self.prefixBytes
      }
      let taken = max(0, min(left, item.bytes.count - position))
      if taken > 0 {
        _ = unsafe item.bytes.withUnsafeBytes {
          unsafe output.writeBytes($0[position..<position + taken])
        }
      }
      left -= taken
      position += taken
      offset = position + (item.framing == .none ? 0 : Self.prefixBytes)
      if offset == item.length { advance() }
    }
  }

  /// Moves the only message at once.
  private mutating func moveWhole(_ item: Item, to output: inout ByteBuffer) {
    first = nil
    byteCount = 0
    _ = unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: item.length) { target in
      unsafe target[0] = item.framing.rawValue
      unsafe target.storeBytes(
        of: UInt32(item.bytes.count).bigEndian, toByteOffset: 1, as: UInt32.self)
      unsafe item.bytes.withUnsafeBytes {
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[Self.prefixBytes...])
          .copyMemory(from: $0)
      }
      return item.length
    }
  }

  /// Moves the next bytes of the message that is made while it is sent.
  private mutating func moveNext(
    _ count: Int, of source: any MessageSource, to output: inout ByteBuffer
  ) {
    var left = count
    byteCount -= count
    while offset < Self.prefixBytes, left > 0 {
      output.writeInteger(Self.prefixByte(offset, source.count, .identity))
      offset += 1
      left -= 1
    }
    if left > 0 {
      _ = unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: left) { target in
        var writer = unsafe MessageWriter(UnsafeMutableRawBufferPointer(rebasing: target[..<left]))
        source.read(into: &writer)
        invariant(writer.remaining == 0, "a message lacks \(writer.remaining) bytes")
        return left
      }
      offset += left
    }
    if byteCount == 0 {
      self.source = nil
      offset = 0
    }
  }

  /// Whether no message has been sent in part.
  var isBetweenMessages: Bool { offset == 0 }

  mutating func removeAll() { self = SendQueue() }

  private mutating func advance() {
    offset = 0
    guard restHead < rest.count else {
      first = nil
      return
    }
    first = rest[restHead]
    rest[restHead].bytes = []
    restHead += 1
    if restHead == rest.count {
      rest.removeAll(keepingCapacity: true)
      restHead = 0
    } else if restHead > 64, restHead * 2 > rest.count {
      rest.removeFirst(restHead)
      restHead = 0
    }
  }

  private static func prefixByte(_ position: Int, _ count: Int, _ framing: Framing) -> UInt8 {
    if position == 0 { return framing.rawValue }
    return UInt8(truncatingIfNeeded: count >> (8 * (4 - position)))
  }
}
