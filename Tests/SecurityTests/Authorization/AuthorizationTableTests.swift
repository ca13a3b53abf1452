import Foundation
import ProcessHarness
import Testing

/// Every call as every kind of caller about every kind of range, against a table that is read by people.
@Suite("the authorisation table", .serialized)
struct AuthorizationTableTests {
  @Test("who may call what is what the table says")
  func table() async throws {
    let server = try await AuthorizationServer(.keelson, try await AuthorizationServer.authority())
    let table = try await AuthorizationTable(server, AuthorizationRows.all)
    try Golden("authorization.txt").expect(table.text)
  }

  @Test(
    "etcd decides the same, but for the differences that have a name",
    .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
  func etcd() async throws {
    let rows = AuthorizationRows.all.filter(\.isKnownToEtcd)
    let server = try await AuthorizationServer(.etcd, try await AuthorizationServer.authority())
    let theirs = try await AuthorizationTable(server, rows)
    let ours = try AuthorizationTable(text: Golden("authorization.txt").stored)
    try Golden("authorization-etcd-3.5.1.txt").expect(theirs.differences(from: ours, rows))
  }
}

/// Outcomes by row and caller, and how they are written down.
struct AuthorizationTable {
  private var lines: [String: [String]] = [:]
  private var order: [String] = []

  init(_ server: AuthorizationServer, _ rows: [AuthorizationRow]) async throws {
    for row in rows {
      let outcomes = try await server.outcomes(of: row).map(\.description)
      #expect(lines.updateValue(outcomes, forKey: row.name) == nil, "two rows: \(row.name)")
      order.append(row.name)
    }
  }

  /// Reads what `text` has written.
  init(text: String) throws {
    for line in text.split(separator: "\n").dropFirst(Self.preface.count + 1) {
      let cells = line.dropFirst(Self.nameWidth).split(separator: " ").map(String.init)
      let name = line.prefix(Self.nameWidth).trimmingCharacters(in: .whitespaces)
      lines[name] = cells
      order.append(name)
    }
  }

  private static let nameWidth = 46
  private static let preface = [
    "# What each caller is told: yes (permitted), - (permission denied), login (a login is missing),",
    "# token (invalid token), old (the token is from before a change of users and roles).",
    "# read, write, both: [k,m); point: k; prefix: /p/*; open: [k,..; alarm to snap: the maintenance keys;",
    "# outdated, expired, forged: tokens; cn=: certificates. Written by KEELSON_REWRITE=1.",
  ]

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private static func line(_ name: String, _ cells: [String]) -> String {
    let columns = zip(cells, AuthorizationServer.callers).map {
      padded($0, max(6, $1.heading.count + 1))
    }
    var line = padded(name, nameWidth) + columns.joined()
    while line.last == " " { line.removeLast() }
    return line
  }

  var text: String {
    let head = Self.line("call", AuthorizationServer.callers.map(\.heading))
    let rows = order.map { Self.line($0, lines[$0] ?? []) }
    return (Self.preface + [head] + rows).joined(separator: "\n") + "\n"
  }

  /// Where this table decides otherwise, under the reasons that the rows give.
  func differences(from other: AuthorizationTable, _ rows: [AuthorizationRow]) -> String {
    var text =
      "# Where etcd 3.5.1 answers another thing than Keelson: CALL: CALLER ETCD/KEELSON ...\n"
    var groups: [String: [String]] = [:]
    for row in rows {
      let (theirs, ours) = (lines[row.name] ?? [], other.lines[row.name] ?? [])
      let found = zip(AuthorizationServer.callers, zip(theirs, ours)).filter { $1.0 != $1.1 }
        .map { "\($0.heading) \($1.0)/\($1.1)" }
      if found.isEmpty { continue }
      let line = "  \(row.name): " + found.joined(separator: ", ")
      if row.difference == nil { Issue.record("a difference without a name: \(line)") }
      groups[row.difference ?? "unnamed", default: []].append(line)
    }
    for (reason, lines) in groups.sorted(by: { $0.key < $1.key }) {
      text += "\n\(reason)\n" + lines.joined(separator: "\n") + "\n"
    }
    return text
  }
}
