internal import Primitives

/// The name of a backup: `keelson-MEMBER-20260131T235959Z-r1234.db`. Names of one member are in the order of their
/// times.
struct BackupName: Hashable, Sendable {
  /// Unix time at which it was begun.
  var time: Int64
  /// The revision that it holds.
  var revision: Revision

  private static let stampCount = 16

  /// What the names of a member's files begin with. What has no place in a file's name becomes `_`.
  static func prefix(_ member: String) -> String {
    let plain = member.map { character in
      let isPlain = character.isASCII && (character.isLetter || character.isNumber)
      return isPlain || "._-".contains(character) ? character : "_"
    }
    return "keelson-" + String(plain) + "-"
  }

  /// The file's name.
  func file(of member: String) -> String {
    "\(Self.prefix(member))\(Self.stamp(time))-r\(revision.rawValue).db"
  }

  init(time: Int64, revision: Revision) {
    self.time = time
    self.revision = revision
  }

  /// Reads a name; nil if it is none of this member's.
  init?(_ file: String, of member: String) {
    let prefix = Self.prefix(member)
    guard file.hasPrefix(prefix), file.hasSuffix(".db") else { return nil }
    let body = file.dropFirst(prefix.count).dropLast(3)
    let (stamp, rest) = (body.prefix(Self.stampCount), body.dropFirst(Self.stampCount))
    guard rest.hasPrefix("-r"), let revision = Int64(rest.dropFirst(2)), revision >= 0,
      let time = Self.time(stamp)
    else { return nil }
    self.init(time: time, revision: Revision(revision))
  }

  private static func stamp(_ time: Int64) -> String {
    let days = time >= 0 ? time / 86_400 : (time - 86_399) / 86_400
    let (year, month, day) = date(days)
    let second = time - days * 86_400
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(two(year / 100))\(two(year % 100))\(two(month))\(two(day))T"
      + "\(two(second / 3_600))\(two(second / 60 % 60))\(two(second % 60))Z"
  }

  private static func time(_ stamp: Substring) -> Int64? {
    let text = Array(stamp.utf8)
    guard text.count == stampCount, text[8] == UInt8(ascii: "T"), text[15] == UInt8(ascii: "Z")
    else { return nil }
    func number(_ places: Range<Int>) -> Int64? {
      let digits = text[places]
      guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        return nil
      }
      return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }
    guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8),
      let hour = number(9..<11), let minute = number(11..<13), let second = number(13..<15),
      (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    return days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
  }

  /// Days from 1970 to a date. Years are counted from March, so that the leap day is a year's last.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }

  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let fromZero = days + 719_468
    let era = fromZero / 146_097
    let inEra = fromZero % 146_097
    let yearOfEra = (inEra - inEra / 1_460 + inEra / 36_524 - inEra / 146_096) / 365
    let dayOfYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    return (
      era * 400 + yearOfEra + (month >= 10 ? 1 : 0), month >= 10 ? month - 9 : month + 3,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }
}
