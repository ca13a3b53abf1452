import Foundation
import Primitives
import Testing

@testable import Registry

/// `Broken` holds a manifest in each file, and the messages that it must give in one of the same name that ends in
/// `.expected`. `KEELSON_RECORD=1 swift test --filter BrokenManifestTests` writes the messages anew, for review.
@Suite("Broken manifests")
struct BrokenManifestTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Broken")

  static let files: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasSuffix(".expected") }.sorted()
  }()

  @Test("there are enough of them")
  func count() { #expect(Self.files.count >= 60) }

  @Test("each is refused with its place", arguments: files)
  func refused(file: String) async throws {
    let text = try String(contentsOf: Self.folder.appendingPathComponent(file), encoding: .utf8)
    let (lines, _) = try await importing(text, into: FakeStore())
    let found = lines.filter { !$0.hasSuffix(" created") }
      .map { $0.hasPrefix("test.yaml:") ? String($0.dropFirst("test.yaml:".count)) : $0 }
    let expectation = Self.folder.appendingPathComponent(
      (file as NSString).deletingPathExtension + ".expected")
    if ProcessInfo.processInfo.environment["KEELSON_RECORD"] != nil {
      try (found.joined(separator: "\n") + "\n").write(
        to: expectation, atomically: true, encoding: .utf8)
    }
    let expected = try String(contentsOf: expectation, encoding: .utf8)
      .split(separator: "\n").map(String.init)
    #expect(!expected.isEmpty)
    #expect(found == expected)
  }

  @Test("no name steers a terminal, and no message is endless")
  func hostileText() async throws {
    let (lines, _) = try await importing(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"\\e[31mx\\n\"}\n---\napiVersion: v1\n"
        + "kind: ConfigMap\nmetadata: {name: \(String(repeating: "A", count: 100_000))}\n",
      into: FakeStore())
    #expect(lines.count == 2)
    #expect(lines[0].contains("\\u{1b}[31mx\\u{a}"))
    #expect(lines[1].utf8.count < 2100)
  }

  @Test(
    "all that is wrong with an object is said at once, in the order of the file, and it counts once"
  )
  func several() async throws {
    let (lines, summary) = try await importing(
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: A\n  namespace: B\n  labels: {a: 1}\n"
        + "dat: {}\n", into: FakeStore())
    #expect(
      lines.map { $0.split(separator: ":")[1] } == ["4", "5", "6", "7"])
    #expect(summary == "0 created, 0 configured, 0 unchanged, 1 failed")
  }
}
