import Foundation
import ProcessHarness

/// Reads what our documents show, so that tests can hold it against what happens.
enum Documents {
  /// The checkout.
  static let root = Programs.packageRoot

  /// A file of the checkout.
  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: root + "/" + path, encoding: .utf8)
  }

  /// The first fenced block behind a heading, without its fences.
  static func block(of path: String, under heading: String) throws -> String {
    let text = try text(path)
    guard let start = text.range(of: "\n\(heading)\n"),
      let open = text[start.upperBound...].firstMatch(of: /(?m)^```\w*\n/),
      let close = text[open.range.upperBound...].range(of: "\n```")
    else { throw HarnessError("\(path) has no block under \(heading)") }
    return String(text[open.range.upperBound..<close.lowerBound]) + "\n"
  }

  /// The commands of a console block, each with the output that follows.
  static func session(_ block: String) -> [(command: String, output: [String])] {
    var steps: [(String, [String])] = []
    for line in block.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.hasPrefix("$ ") {
        steps.append((String(line.dropFirst(2)), []))
      } else if !steps.isEmpty {
        steps[steps.count - 1].1.append(line)
      }
    }
    return steps.map { step in
      (step.0, Array(step.1.reversed().drop { $0.isEmpty }.reversed()))
    }
  }

  /// Whether lines are those that a document shows, where `…` stands for any number of lines.
  static func matches(_ shown: some Collection<String>, _ got: some Collection<String>) -> Bool {
    guard let first = shown.first else { return got.isEmpty }
    let rest = shown.dropFirst()
    if first == "…" {
      return got.indices.contains { matches(rest, got[$0...]) } || matches(rest, got.suffix(0))
    }
    guard let line = got.first, line == first else { return false }
    return matches(rest, got.dropFirst())
  }
}

/// A folder of our programs and the peers, in the order in which a shell looks for them.
func searchPath() throws -> String {
  let ours = URL(filePath: try Programs.ours("keelsonctl")).deletingLastPathComponent().path
  let peers = URL(filePath: try Programs.peer("bin/etcdctl")).deletingLastPathComponent().path
  return "\(ours):\(peers):/usr/local/bin:/usr/bin:/bin"
}
