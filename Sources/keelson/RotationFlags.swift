internal import Telemetry

/// What `--enable-log-rotation` and `--log-rotation-config-json` say.
enum RotationFlags {
  /// Returns nil where nothing is to be put aside.
  static func read(_ values: FlagValues) throws(FlagError) -> LogRotation? {
    guard values.flag("enable-log-rotation") else { return nil }
    var rotation = LogRotation()
    for (name, value) in try fields(values.text("log-rotation-config-json")) {
      let number = Int(value).flatMap { (0...1_000_000).contains($0) ? $0 : nil }
      switch (name, number) {
      case ("maxsize", let number?): if number > 0 { rotation.maxBytes = number * 1_048_576 }
      case ("maxage", let number?): rotation.maxAgeDays = number
      case ("maxbackups", let number?): rotation.maxBackups = number
      case ("localtime", _) where value == "true" || value == "false":
        rotation.usesLocalTime = value == "true"
      case ("compress", _) where value == "false": break
      case ("compress", _) where value == "true":
        throw FlagError(
          description: "--log-rotation-config-json: files that were put aside are not compressed by"
            + " this version; leave that to logrotate")
      default:
        throw FlagError(
          description: "--log-rotation-config-json: \"\(name)\": \(value) is none of maxsize,"
            + " maxage, maxbackups (numbers), localtime and compress (true or false)")
      }
    }
    return rotation
  }

  /// The names and values of an object without objects, lists and texts as values, which is all that it may be.
  private static func fields(
    _ text: String
  ) throws(FlagError) -> [(name: String, value: String)] {
    let malformed = FlagError(
      description: "--log-rotation-config-json is \"\(text)\"; an object such as"
        + " {\"maxsize\": 100} is expected")
    let whole = trimmed(text[...])
    guard whole.first == "{", whole.last == "}", whole.count >= 2 else { throw malformed }
    let body = trimmed(whole.dropFirst().dropLast())
    if body.isEmpty { return [] }
    var fields: [(String, String)] = []
    for field in body.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = field.split(separator: ":", omittingEmptySubsequences: false).map(trimmed)
      guard sides.count == 2, sides[0].first == "\"", sides[0].last == "\"", sides[0].count > 2,
        !sides[1].isEmpty
      else { throw malformed }
      fields.append((String(sides[0].dropFirst().dropLast()), String(sides[1])))
    }
    return fields
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let begun = text.drop { $0.isWhitespace }
    guard let last = begun.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return begun[...last]
  }
}
