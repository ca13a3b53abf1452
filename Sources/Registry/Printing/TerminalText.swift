/// Text from files and from the store, made fit for a terminal.
public enum TerminalText {
  /// What a message may have; the rest is cut off.
  private static let charactersMax = 2_000

  /// The text with control characters written out, so that nothing in an object can steer a terminal.
  public static func printable(_ text: String) -> String {
    var printable = ""
    for scalar in text.unicodeScalars {
      if YAMLText.isPrintable(scalar), scalar != "\n" {
        printable.unicodeScalars.append(scalar)
      } else {
        printable += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return printable
  }

  /// The same, and no longer than a person would read.
  static func message(_ text: String) -> String {
    let head = text.prefix(charactersMax)
    return printable(String(head)) + (head.endIndex < text.endIndex ? "…" : "")
  }
}

extension TerminalText {
  /// Several lines, with control characters but line breaks and tabs written out.
  public static func lines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map { printable(String($0)) }
        .joined(separator: "\t")
    }.joined(separator: "\n")
  }
}
