/// When a CronJob runs: five fields, or a word such as `@daily`.
enum CronSchedule {
  private static let words: Set<String> = [
    "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
  ]
  private static let fields: [(name: String, low: Int, high: Int, names: [String])] = [
    ("minute", 0, 59, []), ("hour", 0, 23, []), ("day of the month", 1, 31, []),
    (
      "month", 1, 12,
      ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    ),
    ("day of the week", 0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
  ]

  /// What is wrong with a schedule; nil if nothing is.
  static func complaint(_ text: String) -> String? {
    if words.contains(text) { return nil }
    if text.hasPrefix("@every ") {
      return text.utf8.count > 7 ? nil : "must name an interval behind @every"
    }
    if text.hasPrefix("@") {
      return "must be five fields, or one of \(words.sorted().joined(separator: ", "))"
    }
    let parts = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard parts.count == fields.count else {
      return "must have five fields (minute hour day month weekday), not \(parts.count)"
    }
    for (part, field) in zip(parts, fields) {
      let ranges = part.split(separator: ",", omittingEmptySubsequences: false)
      guard ranges.allSatisfy({ isRange($0, field.low, field.high, field.names) }) else {
        return "has the \(field.name) \"\(part)\", which must be from \(field.low) to \(field.high)"
      }
    }
    return nil
  }

  private static func isRange(
    _ text: Substring, _ low: Int, _ high: Int, _ names: [String]
  ) -> Bool {
    let steps = text.split(separator: "/", omittingEmptySubsequences: false)
    guard steps.count <= 2, steps.count == 1 || (Int(steps[1]) ?? 0) > 0 else { return false }
    if steps[0] == "*" || steps[0] == "?" { return true }
    func number(_ text: Substring) -> Int? {
      if let place = names.firstIndex(of: text.lowercased()) { return low + place }
      guard let number = Int(text), text.first != "+", (low...high).contains(number) else {
        return nil
      }
      return number
    }
    let ends = steps[0].split(separator: "-", omittingEmptySubsequences: false).map(number)
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
      return false
    }
    return first <= last
  }
}

/// Addresses as text.
enum IPAddressText {
  /// Whether it is an IPv4 or an IPv6 address, as Kubernetes takes them.
  static func isValid(_ text: String) -> Bool { isVersion4(text[...]) || isVersion6(text) }

  private static func isVersion4(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
          && (Int(part) ?? 256) < 256 && (part.utf8.count == 1 || part.utf8.first != 0x30)
      }
  }

  private static func isVersion6(_ text: String) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return false }
    var groups = 0
    for (index, half) in halves.enumerated() {
      let parts =
        half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false)
      for (place, part) in parts.enumerated() {
        if index == halves.count - 1, place == parts.count - 1, isVersion4(part) {
          groups += 2
        } else if (1...4).contains(part.utf8.count), UInt16(part, radix: 16) != nil {
          groups += 1
        } else {
          return false
        }
      }
    }
    return halves.count == 2 ? groups < 8 : groups == 8
  }
}
