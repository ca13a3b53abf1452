internal import ArgumentParser

/// Says in etcdctl's words, on one line, why arguments cannot be parsed.
///
/// The parser hands its reasons out only as text; a test holds the phrases that are looked for.
enum ParseFailure {
  /// - Parameter message: the parser's message, without usage.
  static func lines(for message: String, arguments: [String]) -> [String] {
    if let flag = quoted(in: message, after: "Unknown option ") {
      if flag.hasPrefix("--") {
        return ["unknown flag: " + (flag.split(separator: "=").first.map(String.init) ?? flag)]
      }
      return ["unknown shorthand flag: '\(flag.dropFirst().first ?? "-")' in \(flag)"]
    }
    if message.hasPrefix("Unexpected argument"), let word = quoted(in: message, after: "argument ")
    {
      return unknownCommand(word, arguments)
    }
    if message.hasSuffix("unexpected arguments: ") || message.contains(" unexpected arguments"),
      let word = quoted(in: message, after: ": ")
    {
      return unknownCommand(word, arguments)
    }
    if message.hasPrefix("The value "), let value = quoted(in: message, after: "The value "),
      let flag = quoted(in: message, after: "is invalid for ")
    {
      let name = flag.split(separator: " ").first.map(String.init) ?? flag
      return [
        "invalid argument \"\(value)\" for \"\(name)\" flag: "
          + "strconv.ParseInt: parsing \"\(value)\": invalid syntax"
      ]
    }
    let firstLine = message.split(separator: "\n").first.map(String.init) ?? message
    return [firstLine]
  }

  /// What is said of a word that names no command, with those that may have been meant.
  static func lines(for stranger: CommandTree.Stranger) -> [String] {
    var lines = ["unknown command \"\(stranger.word)\" for \"\(stranger.parent)\""]
    if !stranger.similar.isEmpty {
      lines += ["", "Did you mean this?"] + stranger.similar.map { "\t" + $0 } + [""]
    }
    return lines + ["Run '\(stranger.parent) --help' for usage."]
  }

  private static func unknownCommand(_ word: String, _ arguments: [String]) -> [String] {
    if let stranger = CommandTree.stranger(among: arguments.filter { !$0.hasPrefix("-") }) {
      return lines(for: stranger)
    }
    var path = ["keelsonctl"]
    for argument in arguments {
      if argument == word || argument.hasPrefix("-") { break }
      path.append(argument)
    }
    return lines(
      for: CommandTree.Stranger(word: word, parent: path.joined(separator: " "), similar: []))
  }

  /// What stands in single quotes behind `marker`.
  private static func quoted(in message: String, after marker: String) -> String? {
    guard let range = message.firstRange(of: marker + "'") else { return nil }
    let rest = message[range.upperBound...]
    guard let end = rest.firstIndex(of: "'") else { return nil }
    return String(rest[..<end])
  }
}
