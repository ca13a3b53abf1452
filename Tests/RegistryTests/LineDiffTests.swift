import Foundation
import Primitives
import Testing

@testable import Registry

@Suite("Differences of texts")
struct LineDiffTests {
  @Test("a difference has hunks with three lines around each change")
  func hunks() {
    let old = (1...20).map(String.init).joined(separator: "\n") + "\n"
    let new = old.replacingOccurrences(of: "\n5\n", with: "\nfive\n5b\n")
      .replacingOccurrences(of: "\n18\n", with: "\n")
    #expect(
      LineDiff.unified(old, new, oldName: "a", newName: "b") == """
        --- a
        +++ b
        @@ -2,7 +2,8 @@
         2
         3
         4
        -5
        +five
        +5b
         6
         7
         8
        @@ -15,6 +16,5 @@
         15
         16
         17
        -18
         19
         20

        """)
    #expect(LineDiff.unified(old, old, oldName: "a", newName: "b") == "")
    #expect(LineDiff.hunks("", "a\n") == "@@ -0,0 +1 @@\n+a\n")
    #expect(LineDiff.hunks("a\n", "") == "@@ -1 +0,0 @@\n-a\n")
  }

  @Test("patch turns one text into the other", .enabled(if: access("/usr/bin/patch", X_OK) == 0))
  func patch() throws {
    var random = SeededGenerator(seed: 3)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("keelson-diff-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func text(_ lines: [Int]) -> String { lines.map { "\($0)\n" }.joined() }
    for _ in 0..<20 {
      let old = (0..<Int.random(in: 1..<80, using: &random)).map { _ in
        Int.random(in: 0..<9, using: &random)
      }
      var new = old
      for _ in 0..<Int.random(in: 1..<12, using: &random) {
        if Bool.random(using: &random), !new.isEmpty {
          new.remove(at: Int.random(in: 0..<new.count, using: &random))
        } else {
          new.insert(99, at: Int.random(in: 0...new.count, using: &random))
        }
      }
      let (before, after) = (text(old), text(new))
      if before == after || after.isEmpty { continue }
      let file = folder.appendingPathComponent("file")
      try before.write(to: file, atomically: true, encoding: .utf8)
      let change = folder.appendingPathComponent("change")
      try LineDiff.unified(before, after, oldName: "file", newName: "file")
        .write(to: change, atomically: true, encoding: .utf8)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/patch")
      process.arguments = ["-s", "-F0", file.path, change.path]
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(try String(contentsOf: file, encoding: .utf8) == after)
    }
  }

  @Test("texts without anything in common are replaced as a whole, in little time")
  func nothingInCommon() {
    let old = (0..<5000).map { "a\($0)\n" }.joined()
    let new = (0..<5000).map { "b\($0)\n" }.joined()
    let hunks = LineDiff.hunks(old, new)
    #expect(hunks.hasPrefix("@@ -1,5000 +1,5000 @@\n-a0\n"))
    #expect(hunks.split(separator: "\n").count == 10_001)
  }
}
