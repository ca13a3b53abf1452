internal import KeelsonClient
internal import Primitives

/// Arguments as text from which their bytes can be had again.
///
/// Keys and values may hold any bytes, but a `String` holds only valid UTF-8. Bytes that are not valid
/// travel as the last 128 scalars of Unicode's second private plane; an argument that holds those scalars
/// itself travels with the bytes of each of them escaped, so nothing is ambiguous.
enum ArgumentText {
  private static let escapeBase: UInt32 = 0x10_FF00
  private static let escapes: ClosedRange<UInt32> = 0x10_FF80...0x10_FFFF

  /// The text for some bytes.
  static func text(_ bytes: Bytes) -> String {
    var text = String.UnicodeScalarView()
    var position = 0
    while position < bytes.count {
      let (scalar, length) = GoSyntax.scalar(bytes, at: position)
      if let scalar, !escapes.contains(scalar.value) {
        text.append(scalar)
        position += length
      } else if let scalar {
        for byte in String(scalar).utf8 { text.append(escaped(byte)) }
        position += length
      } else {
        text.append(escaped(bytes[position]))
        position += 1
      }
    }
    return String(text)
  }

  /// The bytes of a text that `text(_:)` made, or of any other text as UTF-8.
  static func bytes(_ text: String) -> Bytes {
    var bytes: Bytes = []
    bytes.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      if escapes.contains(scalar.value) {
        bytes.append(UInt8(scalar.value - escapeBase))
      } else {
        bytes.append(contentsOf: String(scalar).utf8)
      }
    }
    return bytes
  }

  private static func escaped(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(escapeBase + UInt32(byte)) ?? "\u{FFFD}"
  }
}
