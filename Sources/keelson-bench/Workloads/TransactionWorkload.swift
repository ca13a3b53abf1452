internal import Primitives

/// kube-apiserver's writes: transactions that compare the revision of the key.
struct TransactionWorkload: Workload {
  let id = "txn"

  func run(_ bench: Bench) async throws {
    var section = Report.Section(
      title: "Transactions in kube-apiserver's shapes",
      text: "Create compares the key's mod revision with 0; update and delete compare it with the "
        + "revision of the last write, and read the key otherwise. Each must succeed. Where "
        + "objects are "
        + "deleted, every second request creates the next one.")
    let steps: [(String, String, ObjectTraffic.Steps)] = [
      ("create", "create", .create), ("update", "guarded update", .update),
      ("delete", "create and guarded delete in turn", .createAndDelete),
    ]
    try await bench.withServers { servers in
      for (name, title, kind) in steps {
        let rows = [(1, 1), (10, 10)].map { connections, depth in
          LoadRow(
            "txn-\(name)-\(connections)x\(depth)", title, connections, depth,
            keys: kind == .create ? 0 : bench.usualKeys, valueBytes: 1_024)
        }
        await bench.measure(rows, servers, into: &section) { row, _ in
          ObjectTraffic(
            row.id, kind, lanes: row.shape.connections * row.shape.depth, keys: bench.usualKeys)
        }
      }
    }
    for index in section.rows.indices where section.rows[index][3] == "0" {
      section.rows[index][3] = "new ones"
    }
    bench.report.add(section)
  }
}

/// Writes of objects, each lane with keys of its own, so that no two get into each other's way.
final class ObjectTraffic: Traffic {
  /// What is done with a key, one after the other.
  enum Steps: Sendable, Hashable {
    /// Each key is created.
    case create
    /// Each key is created once, and updated from then on.
    case update
    /// Each key is created and then deleted.
    case createAndDelete
  }

  private struct Lane {
    var key: Bytes = []
    var place = 0
    /// The revisions of the lane's keys; 0: not there.
    var revisions: [Int64]
    var isDeletion = false
  }

  private let steps: Steps
  private let prefix: Bytes
  private let value = KeySpace(count: 1, valueBytes: 1_024).value
  private var lanes: [Lane]
  private var created = 0
  private(set) var writes = 0

  init(_ name: String, _ steps: Steps, lanes: Int, keys: Int) {
    self.steps = steps
    prefix = Bytes("/registry/\(name)/".utf8)
    let own = steps == .update ? max(1, keys / lanes) : 1
    self.lanes = [Lane](
      repeating: Lane(revisions: [Int64](repeating: 0, count: own)), count: lanes)
  }

  func request(_ lane: Int) -> (method: String, message: Bytes) {
    (Methods.transaction, step(lane))
  }

  private func step(_ number: Int) -> Bytes {
    lanes[number].place = (lanes[number].place + 1) % lanes[number].revisions.count
    let place = lanes[number].place
    let revision = lanes[number].revisions[place]
    switch steps {
    case .create:
      created += 1
      return Requests.create(prefix + Bytes("\(created)".utf8), value)
    case .update:
      let key = prefix + Bytes("\(number)/\(place)".utf8)
      return revision == 0
        ? Requests.create(key, value) : Requests.update(key, value, at: revision)
    case .createAndDelete:
      lanes[number].isDeletion = revision != 0
      if revision != 0 { return Requests.delete(lanes[number].key, at: revision) }
      created += 1
      lanes[number].key = prefix + Bytes("\(created)".utf8)
      return Requests.create(lanes[number].key, value)
    }
  }

  func isRight(_ answer: Bytes, _ lane: Int) -> Bool {
    guard Answers.number(2, answer) == 1, let revision = Answers.revision(answer) else {
      return false
    }
    lanes[lane].revisions[lanes[lane].place] = lanes[lane].isDeletion ? 0 : revision
    writes += 1
    return true
  }
}
