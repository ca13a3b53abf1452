/// A moment as protobuf carries it, and as JSON does.
struct Moment: Hashable, Sendable {
  /// Since 1970.
  var seconds: Int64
  /// 0 to 999,999,999.
  var nanoseconds: Int32

  /// The years 1 to 9999: what RFC 3339 can write.
  static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  /// To the second: `2006-01-02T15:04:05Z`.
  var text: String { Timestamp.text(seconds) }

  /// To the microsecond: `2006-01-02T15:04:05.000000Z`.
  var microText: String {
    let digits = String(nanoseconds / 1000)
    return text.dropLast() + "." + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
  }

  init(seconds: Int64, nanoseconds: Int32) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Reads RFC 3339; nil for what it is not, or what no moment in UTC can say.
  init?(_ text: String) {
    guard let seconds = Timestamp.seconds(text), Self.range.contains(seconds) else { return nil }
    self.seconds = seconds
    nanoseconds = 0
    let bytes = text.utf8.dropFirst(19)
    guard bytes.first == UInt8(ascii: ".") else { return }
    let fraction = bytes.dropFirst().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    var scale: Int32 = 100_000_000
    for digit in fraction.prefix(9) {
      nanoseconds += Int32(digit - UInt8(ascii: "0")) * scale
      scale /= 10
    }
  }
}
