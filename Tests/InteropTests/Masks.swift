import Foundation
import ProcessHarness

/// Replaces what differs between two servers that behave the same: identities, ports, times, sizes,
/// versions and leases' random IDs.
struct Masks: Sendable {
  private var words: [(text: String, mask: String)] = []

  /// - Parameter identity: the cluster's and the member's IDs.
  init(_ server: ServerProcess, cluster: UInt64, member: UInt64) {
    words = [
      (server.endpoint, "CLIENT"), ("127.0.0.1:\(server.peerPort)", "PEER"),
      (server.folder.path, "DIR"),
      (String(cluster), "CLUSTER"), (String(cluster, radix: 16), "CLUSTER"),
      (String(member), "MEMBER"), (String(member, radix: 16), "MEMBER"),
    ]
  }

  /// Has a lease's ID masked from now on.
  mutating func add(lease: UInt64, as name: String) {
    words.append((String(lease), name))
    let hex = String(lease, radix: 16)
    words.append((String(repeating: "0", count: max(0, 16 - hex.count)) + hex, name))
    words.append((hex, name))
  }

  private static let patterns: [(NSRegularExpression, String)] = [
    // What the client's library tells itself, in whatever order its parts come to it.
    (#"(?m)^(INFO|WARNING): \d{4}/.*\n"#, ""),
    (#""ts":("[^"]*"|[0-9.]+)"#, #""ts":T"#),
    (#"0x[0-9a-f]{6,}"#, "POINTER"),
    (#""caller":"[^"]*""#, #""caller":C"#),
    (#""(clusterId|memberId)":"\d+""#, #""$1":"I""#),
    (#""raftTerm":"\d+""#, #""raftTerm":"N""#),
    (
      #""(raft_term|raftTerm|raftIndex|raftAppliedIndex|dbSize|dbSizeInUse|totalSize)":\d+"#,
      #""$1":N"#
    ),
    (#""(RaftTerm|RaftIndex|RaftAppliedIndex|DBSize|DBSizeInUse)" : \d+"#, #""$1" : N"#),
    (#""hash":\d+,"revision":"#, #""hash":H,"revision":"#),
    (#"(?m)^[0-9a-f]{1,8}, (\d+), (\d+), "#, "HASH, $1, $2, "),
    (#"\d+(\.\d+)? [kMG]?B"#, "SIZE"),
    (#"\d+\.\d+(e-?\d+)?(µs|ms|s)"#, "TIME"), (#""took":"[^"]*""#, #""took":TIME"#),
    (#"\d+\.\d+\.\d+"#, "VERSION"),
    // The remaining time of the leases that the table grants for two hours.
    (#"remaining\(7[123]\d\ds\)"#, "remaining(TTL)"), (#""ttl":7[123]\d\d"#, #""ttl":TTL"#),
    (#""TTL" : 7[123]\d\d\n"#, "\"TTL\" : TTL\n"),
    (#"\b(l1|e1)/[0-9a-f]+"#, "$1/LEASE"),
    // Raft's term and indexes in the simple form of the status.
    (#"(true|false), (true|false), \d+, \d+, \d+"#, "$1, $2, N, N, N"),
    (#"(true|false) \|\s+\d+ \|\s+\d+ \|\s+\d+ \|"#, "$1 | N | N | N |"),
    // The width of a table's columns.
    (#"-{2,}"#, "-"), (#" {2,}"#, " "),
  ].map { (try! NSRegularExpression(pattern: $0.0), $0.1) }

  /// The text without what differs.
  func apply(_ text: String) -> String {
    var text = text
    for word in words { text = text.replacingOccurrences(of: word.text, with: word.mask) }
    for (expression, template) in Self.patterns {
      text = expression.stringByReplacingMatches(
        in: text, range: NSRange(text.startIndex..., in: text), withTemplate: template)
    }
    return text
  }
}
