import ArgumentParser
import Foundation
import Testing

@testable import keelsonctl

/// Holds `--help` to the tables of etcdctl's and etcdutl's commands: whatever they have is there, or left out with a
/// reason.
@Suite("the commands beside etcd's")
struct CommandTableTests {
  struct Row: Sendable {
    var tool: String
    var command: String
    var flags: [String]
  }

  /// Commands that are left out. One that has come since may stand here a while.
  static let leftOutCommands = [
    "etcdutl migrate":
      "the data directory has a format of its own, which no release but the first has written so far"
  ]

  /// Flags that are left out, by command and flag.
  static let leftOutFlags = [
    "etcdctl txn ---": "no flag, but what etcdctl's own page shows in its place",
    "etcdutl defrag --timeout": "a directory that a server runs in is refused at once",
    "etcdutl hashkv --timeout": "nothing is locked that could be waited for",
    "etcdutl version --timeout": "nothing is locked that could be waited for",
    "etcdutl snapshot --timeout": "nothing is locked that could be waited for",
    "etcdutl snapshot restore --timeout": "nothing is locked that could be waited for",
    "etcdutl snapshot status --timeout": "nothing is locked that could be waited for",
    "etcdutl snapshot restore --initial-memory-map-size": "no file is mapped into memory",
  ]

  static let rows: [Row] = ["etcdctl", "etcdutl"].flatMap { tool -> [Row] in
    let folder = URL(filePath: #filePath).deletingLastPathComponent().path
    let text = try? String(
      contentsOfFile: "\(folder)/Tables/\(tool)-commands.tsv", encoding: .utf8)
    return (text ?? "").split(separator: "\n").dropFirst(2).map { line in
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      let flags = columns.count > 2 ? columns[2].split(separator: " ").map(String.init) : []
      return Row(tool: tool, command: columns[0], flags: flags)
    }
  }

  private func command(_ path: String) -> (any ParsableCommand.Type)? {
    var command: any ParsableCommand.Type = Keelsonctl.self
    for word in path.split(separator: " ") {
      let inner = command.configuration.subcommands
      guard let next = inner.first(where: { $0._commandName == word }) else { return nil }
      command = next
    }
    return command
  }

  @Test("every command and flag of theirs is on a help page, or left out with a reason")
  func complete() throws {
    #expect(Self.rows.count > 65)
    for row in Self.rows {
      let name = row.command.isEmpty ? row.tool : "\(row.tool) \(row.command)"
      guard let command = command(row.command) else {
        #expect(Self.leftOutCommands[name] != nil, "\(name) is not there")
        continue
      }
      // Groups of commands tell their flags on the pages of their commands.
      let commands = command.configuration.subcommands.isEmpty ? [command] : leaves(of: command)
      if row.command.isEmpty { continue }
      let known = commands.reduce(into: Set<String>()) { $0.formUnion(help(of: $1)) }
      for flag in row.flags where Self.leftOutFlags["\(name) \(flag)"] == nil {
        #expect(known.contains(flag), "\(name) \(flag) is not there")
      }
    }
  }

  @Test("what is left out is theirs, and each flag that is left out is not there")
  func leftOut() {
    let names = Set(Self.rows.map { "\($0.tool) \($0.command)" })
    for name in Self.leftOutCommands.keys { #expect(names.contains(name), "\(name)") }
    for entry in Self.leftOutFlags.keys {
      let words = entry.split(separator: " ")
      let (name, flag) = (words.dropLast().joined(separator: " "), String(words.last ?? ""))
      let row = Self.rows.first { "\($0.tool) \($0.command)" == name }
      #expect(row?.flags.contains(flag) == true, "\(entry)")
      guard let command = row.flatMap({ command($0.command) }) else { continue }
      #expect(!help(of: command).contains(flag), "\(entry) is there after all")
    }
  }

  /// The flags on a command's help page.
  private func help(of command: any ParsableCommand.Type) -> Set<String> {
    let page = command.helpMessage(includeHidden: true, columns: 500)
    var flags: Set<String> = ["--help"]
    for match in page.matches(of: /(--[a-z0-9-]+|-[a-z])\b/) { flags.insert(String(match.1)) }
    return flags
  }

  private func leaves(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    let inner = command.configuration.subcommands
    return inner.isEmpty ? [command] : inner.flatMap(leaves)
  }

  @Test(
    "help for a word that names no command is an error that names the nearest",
    arguments: [
      (["leese", "--help"], "leese", "keelsonctl", ["lease"]),
      (["lease", "gran", "--help"], "gran", "keelsonctl lease", ["grant"]),
      (["lease", "nosuchthing", "-h"], "nosuchthing", "keelsonctl lease", []),
      (["help", "snapshot", "stats"], "stats", "keelsonctl snapshot", ["status"]),
      (["barrier", "rel", "--help"], "rel", "keelsonctl barrier", ["release"]),
    ])
  func strangers(words: [String], word: String, parent: String, similar: [String]) {
    #expect(
      CommandTree.stranger(in: words)
        == CommandTree.Stranger(word: word, parent: parent, similar: similar))
  }

  @Test("help for what is there is none")
  func known() {
    for words in [
      ["--help"], ["lease", "grant", "--help"], ["help"], ["help", "lease"], ["get", "x", "-h"],
      ["lock", "l", "--", "leese", "--help"], ["leese"],
    ] { #expect(CommandTree.stranger(in: words) == nil, "\(words)") }
    let lines = ParseFailure.lines(
      for: CommandTree.Stranger(word: "leese", parent: "keelsonctl", similar: ["lease"]))
    #expect(
      lines == [
        "unknown command \"leese\" for \"keelsonctl\"", "", "Did you mean this?", "\tlease", "",
        "Run 'keelsonctl --help' for usage.",
      ])
  }
}
