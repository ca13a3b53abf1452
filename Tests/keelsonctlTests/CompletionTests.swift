import ArgumentParser
import Foundation
import TestPeers
import Testing

@testable import keelsonctl

@Suite("completion in shells")
struct CompletionTests {
  /// Runs a shell; `scripts/install-host-packages --tests` installs all three.
  private func shell(_ name: String, _ arguments: [String]) throws -> (code: Int32, text: String) {
    let folders = ["/bin", "/usr/bin", "/usr/local/bin"].map { $0 + "/" + name }
    let path = try #require(
      folders.first(where: FileManager.default.isExecutableFile), "\(name) is not installed")
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  /// Made once: a debug build takes seconds for it.
  private static let scripts = Dictionary(
    uniqueKeysWithValues: CompletionShell.allCases.map {
      ($0.rawValue, Keelsonctl.completionScript(for: $0))
    })

  private func withScript(_ shell: CompletionShell, _ body: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "keelsonctl-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Self.scripts[shell.rawValue]?.write(toFile: path, atomically: true, encoding: .utf8)
    try body(path)
  }

  @Test(
    "the scripts are read by their shells without an error", arguments: ["bash", "zsh", "fish"])
  func syntax(name: String) throws {
    try withScript(try #require(CompletionShell(rawValue: name))) { path in
      let answer = try shell(name, ["-n", path])
      #expect(answer.code == 0 && answer.text.isEmpty, "\(answer.text)")
    }
  }

  /// Lines, and what completes them.
  private static let lines = [
    ("keelsonctl snap", "snapshot"), ("keelsonctl lease g", "grant"),
    ("keelsonctl barrier e", "enter"), ("keelsonctl get --keys", "--keys-only"),
  ]

  @Test("fish completes commands, subcommands and flags", arguments: lines)
  func fish(line: String, expected: String) throws {
    try withScript(.fish) { path in
      let answer = try shell(
        "fish", ["--no-config", "-c", "source \(path); complete -C '\(line)'"])
      let replies = answer.text.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
      #expect(replies.contains { $0 == expected }, "\(answer.text)")
    }
  }

  /// Prints what zsh offers for the line $2 with the completions in the folder $1. They work in a terminal alone: one
  /// of zsh's own, whose shell writes what is offered to a file.
  private static let zshCapture = #"""
    zmodload zsh/zpty
    await() {
      for try in {1..600}; do
        while zpty -r -t terminal ignored; do :; done
        [[ -e $1 ]] && return
        sleep 0.05
      done
      print "never came: $1"
      exit 1
    }
    zpty terminal zsh -f -i
    zpty -w terminal "cd ${(q)1}; fpath=(\$PWD \$fpath); autoload -Uz compinit; compinit -u -D"
    zpty -w terminal 'compadd() { local -a all; builtin compadd -A all "$@"; print -rl -- $all >> part; builtin compadd "$@" }'
    zpty -w terminal 'finish() { zle complete-word; mv part offered }; zle -N finish; bindkey "^T" finish; print > ready'
    await $1/ready
    zpty -w -n terminal "$2"$'\x14'
    await $1/offered
    print -r -- "$(<$1/offered)"
    """#

  @Test("zsh completes commands, subcommands and flags", arguments: lines)
  func zsh(line: String, expected: String) throws {
    try withScript(.zsh) { path in
      let folder = path + ".d"
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try FileManager.default.copyItem(atPath: path, toPath: folder + "/_keelsonctl")
      let answer = try shell("zsh", ["-f", "-c", Self.zshCapture, "capture", folder, line])
      #expect(answer.code == 0)
      #expect(answer.text.split(separator: "\n").contains { $0 == expected }, "\(answer.text)")
    }
  }

  @Test("bash completes commands, subcommands and flags", arguments: lines)
  func bash(line: String, expected: String) throws {
    try withScript(.bash) { path in
      let words = line.split(separator: " ").map(String.init)
      let script = """
        source \(path)
        COMP_WORDS=(\(words.joined(separator: " ")))
        COMP_CWORD=\(words.count - 1)
        COMP_LINE='\(line)'
        COMP_POINT=${#COMP_LINE}
        function=$(complete -p keelsonctl | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        $function keelsonctl '\(words.last ?? "")' '\(words[words.count - 2])' 2>/dev/null
        printf '%s\\n' "${COMPREPLY[@]}"
        """
      let answer = try shell("bash", ["-c", script])
      let replies = answer.text.split(separator: "\n").map { $0.drop { $0 == " " } }
      #expect(replies.contains { $0.hasPrefix(expected) }, "\(answer.text)")
    }
  }
}
