internal import Primitives

/// Puts one stream's gRPC messages together from the pieces in which they arrive.
struct MessageAssembler {
  /// The largest message.
  let limit: Int
  private var prefix: UInt64 = 0
  private var prefixCount = 0
  private var body: Bytes = []
  private var length = 0
  private var isCompressed = false

  /// What is reserved for a message before its bytes have come.
  private static let firstReservation = 65_536

  init(limit: Int) { self.limit = limit }

  /// Whether the stream could end here without cutting a message.
  var isBetweenMessages: Bool { prefixCount == 0 }

  /// The bytes that are kept for a message that is not complete.
  var heldBytes: Int { body.count }

  /// The message, if a chunk is one plain message from its first byte to its last.
  static func whole(_ chunk: UnsafeRawBufferPointer, limit: Int) -> Bytes? {
    guard chunk.count >= SendQueue.prefixBytes, unsafe chunk[0] == 0 else { return nil }
    let length = Int(
      UInt32(bigEndian: unsafe chunk.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
    guard length == chunk.count - SendQueue.prefixBytes, length <= limit else { return nil }
    return unsafe Bytes(UnsafeRawBufferPointer(rebasing: chunk[SendQueue.prefixBytes...]))
  }

  /// Takes bytes from `position` on until a message is complete, or all are taken (nil).
  mutating func next(
    _ chunk: UnsafeRawBufferPointer, _ position: inout Int
  ) throws(CallStatus) -> (message: Bytes, isCompressed: Bool)? {
    if prefixCount < SendQueue.prefixBytes {
      while prefixCount < SendQueue.prefixBytes {
        guard position < chunk.count else { return nil }
        prefix = prefix << 8 | UInt64(unsafe chunk[position])
        prefixCount += 1
        position += 1
      }
      length = Int(prefix & 0xFFFF_FFFF)
      let flag = prefix >> 32 & 0xFF
      prefix = 0
      guard flag <= 1 else {
        throw CallStatus(.internalError, "grpc: received unexpected payload format \(flag)")
      }
      isCompressed = flag == 1
      guard length <= limit else {
        throw CallStatus(
          .resourceExhausted, "grpc: received message larger than max (\(length) vs. \(limit))")
      }
      if length > chunk.count - position {
        body.reserveCapacity(min(length, Self.firstReservation))
      }
    }
    let taken = min(length - body.count, chunk.count - position)
    let piece = unsafe UnsafeRawBufferPointer(rebasing: chunk[position..<position + taken])
    unsafe body.append(contentsOf: piece)
    position += taken
    guard body.count == length else { return nil }
    prefixCount = 0
    let message = body
    body = []
    return (message, isCompressed)
  }
}
