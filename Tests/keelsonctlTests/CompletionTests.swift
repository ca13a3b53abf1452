import ArgumentParser
import Foundation
import TestPeers
import Testing

@testable import keelsonctl

@Suite("completion in shells")
struct CompletionTests {
  /// Runs a shell; returns its output, or nil where it is not installed.
  private func shell(_ name: String, _ arguments: [String]) throws -> (code: Int32, text: String)? {
    let folders = ["/bin", "/usr/bin", "/usr/local/bin"].map { $0 + "/" + name }
    guard let path = folders.first(where: FileManager.default.isExecutableFile) else { return nil }
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
      if let answer = try shell(name, ["-n", path]) {
        #expect(answer.code == 0 && answer.text.isEmpty, "\(answer.text)")
      }
    }
  }

  @Test(
    "bash completes commands, subcommands and flags",
    arguments: [
      ("keelsonctl snap", "snapshot"), ("keelsonctl lease g", "grant"),
      ("keelsonctl barrier e", "enter"), ("keelsonctl get --keys", "--keys-only"),
    ])
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
      let answer = try #require(try shell("bash", ["-c", script]))
      let replies = answer.text.split(separator: "\n").map { $0.drop { $0 == " " } }
      #expect(replies.contains { $0.hasPrefix(expected) }, "\(answer.text)")
    }
  }
}
