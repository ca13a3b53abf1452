import Foundation
import ProcessHarness
import Testing

/// A text that is kept beside the tests; KEELSON_REWRITE=1 writes it anew.
struct Golden {
  private let path: String

  init(_ name: String) { path = Programs.packageRoot + "/Tests/SecurityTests/Golden/" + name }

  /// What was kept.
  var stored: String { get throws { try String(contentsOfFile: path, encoding: .utf8) } }

  /// Compares, and names the lines that differ.
  func expect(_ text: String) throws {
    if ProcessInfo.processInfo.environment["KEELSON_REWRITE"] != nil {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
      return
    }
    let stored = try stored
    if stored == text { return }
    let (old, new) = (stored.split(separator: "\n"), text.split(separator: "\n"))
    let lost = old.filter { !new.contains($0) }.map { "- " + $0 }
    let gained = new.filter { !old.contains($0) }.map { "+ " + $0 }
    Issue.record(
      "\(path) says otherwise (KEELSON_REWRITE=1 writes it anew):\n\((lost + gained).joined(separator: "\n"))"
    )
  }
}
