internal import EtcdProtocol
internal import KeelsonClient
internal import Primitives

/// Answers about members, as a table with a frame.
struct Table {
  var columns: [String]
  var rows: [[String]]

  init(columns: [String], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }

  /// The table of an answer; nil for answers that have none.
  init?(_ answer: Answer) {
    switch answer {
    case .statuses(let statuses): self = Self.statuses(statuses)
    case .healths(let healths):
      columns = ["ENDPOINT", "HEALTH", "TOOK", "ERROR"]
      rows = healths.map {
        [
          $0.endpoint, String($0.content.error == nil), GoSyntax.text($0.content.took),
          $0.content.error ?? "",
        ]
      }
    case .hashes(let hashes):
      columns = ["ENDPOINT", "HASH", "HASH REVISION"]
      rows = hashes.map {
        [$0.endpoint, String($0.content.hash), String($0.content.hashRevision)]
      }
    case .members(let members):
      columns = ["ID", "STATUS", "NAME", "PEER ADDRS", "CLIENT ADDRS", "IS LEARNER"]
      rows = members.members.map {
        [
          MemberID($0.id).description, $0.name.isEmpty ? "unstarted" : "started", $0.name,
          $0.peerUrls.joined(separator: ","), $0.clientUrls.joined(separator: ","),
          String($0.isLearner),
        ]
      }
    case .snapshot(let snapshot):
      columns = ["HASH", "REVISION", "TOTAL KEYS", "TOTAL SIZE", "VERSION"]
      rows = [
        [
          GoSyntax.hexadecimal(snapshot.hash, width: 0), String(snapshot.revision),
          String(snapshot.totalKeys), ByteCount.text(snapshot.totalBytes), snapshot.version,
        ]
      ]
    case .fileHash(let hash):
      columns = ["HASH", "HASH REVISION", "COMPACT REVISION"]
      rows = [[String(hash.hash), String(hash.revision), String(hash.compactRevision)]]
    default: return nil
    }
  }

  private static func statuses(_ statuses: [Answer.Of<Etcdserverpb_StatusResponse>]) -> Table {
    let columns = [
      "ENDPOINT", "ID", "VERSION", "STORAGE VERSION", "DB SIZE", "IN USE",
      "PERCENTAGE NOT IN USE", "QUOTA", "IS LEADER", "IS LEARNER", "RAFT TERM", "RAFT INDEX",
      "RAFT APPLIED INDEX", "ERRORS", "DOWNGRADE TARGET VERSION", "DOWNGRADE ENABLED",
    ]
    let rows = statuses.map { status in
      let content = status.content
      return [
        status.endpoint, MemberID(content.header.memberID).description, content.version,
        content.storageVersion, ByteCount.text(content.dbSize),
        ByteCount.text(content.dbSizeInUse), "\(percentageNotInUse(content))%",
        ByteCount.text(content.dbSizeQuota), String(content.leader == content.header.memberID),
        String(content.isLearner), String(content.raftTerm), String(content.raftIndex),
        String(content.raftAppliedIndex), content.errors.joined(separator: ", "),
        content.downgradeInfo.targetVersion, String(content.downgradeInfo.enabled),
      ]
    }
    return Table(columns: columns, rows: rows)
  }

  private static func percentageNotInUse(_ status: Etcdserverpb_StatusResponse) -> Int64 {
    guard status.dbSize > 0 else { return 0 }
    return 100 - Int64(Double(status.dbSizeInUse) * 100 / Double(status.dbSize))
  }

  /// Heads in the middle, cells at the right.
  var text: String {
    let widths = columns.indices.map { column in
      max(columns[column].count, rows.map { $0[column].count }.max() ?? 0)
    }
    func rule(_ left: String, _ middle: String, _ right: String) -> String {
      left + widths.map { String(repeating: "─", count: $0 + 2) }.joined(separator: middle) + right
        + "\n"
    }
    func line(_ cells: [String]) -> String {
      "│ " + cells.joined(separator: " │ ") + " │\n"
    }
    let heads = zip(columns, widths).map { head, width in
      let left = (width - head.count) / 2
      return String(repeating: " ", count: left) + head
        + String(repeating: " ", count: width - head.count - left)
    }
    let body = rows.map { row in
      line(
        zip(row, widths).map { cell, width in
          String(repeating: " ", count: width - cell.count) + cell
        })
    }
    return rule("┌", "┬", "┐") + line(heads) + rule("├", "┼", "┤") + body.joined()
      + rule("└", "┴", "┘")
  }
}

/// Sizes in decimal units.
enum ByteCount {
  private static let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]

  /// At most three digits: `512 B`, `2.1 GB`, `20 kB`.
  static func text(_ bytes: Int64) -> String {
    guard bytes >= 10 else { return "\(bytes) B" }
    var unit = 0
    var scale: Double = 1
    while Double(bytes) / scale >= 1000, unit < units.count - 1 {
      scale *= 1000
      unit += 1
    }
    let tenths = (Double(bytes) / scale * 10 + 0.5).rounded(.down)
    if tenths >= 100 || unit == 0 {
      return "\(Int64((Double(bytes) / scale).rounded(.toNearestOrEven))) \(units[unit])"
    }
    return "\(Int64(tenths) / 10).\(Int64(tenths) % 10) \(units[unit])"
  }
}
