internal import ArgumentParser
internal import Primitives

/// The commands as a tree, to find what words name none before the parser answers with its parent's help.
enum CommandTree {
  /// A word that names no subcommand where one is expected.
  struct Stranger: Equatable {
    var word: String
    /// The command behind which it stands: `keelsonctl lease`.
    var parent: String
    /// Subcommands that are spelt nearly like it, the nearest first.
    var similar: [String]
  }

  /// The first word that names none, if help is asked for: else the parser tells.
  static func stranger(in arguments: [String]) -> Stranger? {
    let words = arguments.prefix { $0 != "--" }
    let asksByFlag = words.contains("--help") || words.contains("-h")
    var rest = words.filter { !$0.hasPrefix("-") }[...]
    if rest.first == "help" {
      rest.removeFirst()
    } else if !asksByFlag {
      return nil
    }
    return stranger(among: rest)
  }

  /// The first word that names no command, from the root on.
  static func stranger(among words: some Sequence<String>) -> Stranger? {
    let end = walk(words)
    return end.stranger.map { word in
      let inner = end.command.configuration.subcommands
      return Stranger(word: word, parent: end.path, similar: similar(to: word, among: inner))
    }
  }

  /// Normalized arguments as the parser is to see them: without the flags of all commands where they name no command
  /// that runs. A group of commands has no such flags, and the parser would complain of them instead of the word that
  /// is wrong, or of nothing.
  static func parsable(_ arguments: [String]) -> [String] {
    let end = walk(arguments.prefix { $0 != "--" }.filter { !$0.hasPrefix("-") })
    return end.command.configuration.subcommands.isEmpty
      ? arguments : arguments.filter { !FlagTable.isGlobal($0) }
  }

  /// Follows words from the root to the command that they name, or to the group in which one of them names none.
  private static func walk(
    _ words: some Sequence<String>
  ) -> (command: any ParsableCommand.Type, path: String, stranger: String?) {
    var command: any ParsableCommand.Type = Keelsonctl.self
    var path = "keelsonctl"
    for word in words {
      let inner = command.configuration.subcommands
      if inner.isEmpty { break }
      guard let next = inner.first(where: { names(of: $0).contains(word) }) else {
        return (command, path, word)
      }
      command = next
      path += " " + word
    }
    return (command, path, nil)
  }

  private static func names(of command: any ParsableCommand.Type) -> [String] {
    [command._commandName] + command.configuration.aliases
  }

  private static func similar(
    to word: String, among commands: [any ParsableCommand.Type]
  ) -> [String] {
    let farthest = max(2, word.count / 3)
    return commands.flatMap(names).map { ($0, EditDistance.between($0, word)) }
      .filter { $0.1 <= farthest || (word.count > 2 && $0.0.hasPrefix(word)) }
      .sorted { $0.1 < $1.1 }.map(\.0)
  }
}
