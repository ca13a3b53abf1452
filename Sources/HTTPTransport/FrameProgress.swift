/// Where the bytes of an HTTP/2 client end: between its frames, or within one that has come in part.
///
/// It tells frames apart by their lengths alone (RFC 9113, section 4.1); what is wrong with them is nghttp2's to say.
/// Cost: a few instructions for each frame, whatever its length.
struct FrameProgress {
  /// Bytes that are to come of the preface, or of the present frame behind its header.
  private var missing = Self.prefaceBytes
  /// Bytes that have come of the present frame's header.
  private var headerCount = 0
  /// The present frame's header: length, type and flags.
  private var length = 0
  private var type: UInt8 = 0
  private var flags: UInt8 = 0
  /// Whether a header block has begun that goes on in the next frame.
  private var isInHeaderBlock = false
  /// Whether the client's first frame, its settings, has come.
  private var hasSettings = false

  /// `PRI * HTTP/2.0` and what belongs to it (section 3.4).
  private static let prefaceBytes = 24
  /// Length, type, flags and stream.
  private static let headerBytes = 9
  private static let headersType: UInt8 = 1
  private static let pushPromiseType: UInt8 = 5
  private static let continuationType: UInt8 = 9
  private static let endHeaders: UInt8 = 4

  /// Whether nothing is begun and not ended.
  var isBetweenFrames: Bool {
    missing == 0 && headerCount == 0 && !isInHeaderBlock && hasSettings
  }

  /// What is begun and not ended, in words.
  var unfinished: String {
    if !hasSettings { return "preface and settings" }
    return isInHeaderBlock ? "header block" : "frame"
  }

  /// Takes what comes next; true if a frame has ended in it, or the last frame of a header block.
  mutating func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var hasEndedOne = false
    var position = 0
    while position < bytes.count {
      if missing > 0 {
        let count = min(missing, bytes.count - position)
        missing -= count
        position += count
        if missing > 0 { break }
        // Behind the preface no frame has ended.
        if headerCount == 0 { continue }
      } else if headerCount == 0, bytes.count - position >= Self.headerBytes {
        unsafe takeHeader(UnsafeRawBufferPointer(rebasing: bytes[position...]))
        position += Self.headerBytes
        missing = length
        if missing > 0 { continue }
      } else {
        unsafe takeHeader(bytes[position])
        position += 1
        if headerCount < Self.headerBytes { continue }
        missing = length
        if missing > 0 { continue }
      }
      if endFrame() { hasEndedOne = true }
    }
    return hasEndedOne
  }

  /// Takes a header that has come whole, which is the usual case.
  private mutating func takeHeader(_ bytes: UnsafeRawBufferPointer) {
    length = unsafe Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
    type = unsafe bytes[3]
    flags = unsafe bytes[4]
    headerCount = Self.headerBytes
  }

  private mutating func takeHeader(_ byte: UInt8) {
    switch headerCount {
    case 0: length = Int(byte) << 16
    case 1: length |= Int(byte) << 8
    case 2: length |= Int(byte)
    case 3: type = byte
    case 4: flags = byte
    default: break
    }
    headerCount += 1
  }

  /// Ends the present frame; false if it belongs to a header block that goes on.
  private mutating func endFrame() -> Bool {
    headerCount = 0
    hasSettings = true
    switch type {
    case Self.headersType, Self.pushPromiseType, Self.continuationType:
      isInHeaderBlock = flags & Self.endHeaders == 0
    default: break
    }
    return !isInHeaderBlock
  }
}
