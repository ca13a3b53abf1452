internal import Primitives

/// Whether what clients saw can be explained by one store that does one thing at a time.
///
/// The store numbers its states, so no order has to be searched for: the revisions give it. What remains to be
/// shown is that this order respects the clients' time (whatever was answered before a request was sent comes
/// before it), and that every answer is the one of its place in it.
///
/// Cost: sorting the operations, and a binary search for each.
public struct LinearizabilityChecker: Sendable {
  /// What may happen to keys beside the operations that are checked.
  public struct Surroundings: Sendable {
    /// What each revision wrote, where that is known: then every answer is checked exactly.
    public var history: RevisionHistory?
    /// Whether keys may vanish by themselves: with leases that end.
    public var keysVanish: Bool

    /// Describes the surroundings.
    public init(history: RevisionHistory? = nil, keysVanish: Bool = false) {
      self.history = history
      self.keysVanish = keysVanish
    }
  }

  private let surroundings: Surroundings
  private var versions: [Bytes: [(revision: Revision, value: Bytes?)]] = [:]
  /// Writes of which nobody knows what became of them, by value, and keys that one of them may have deleted.
  private var openWrites: [Bytes: Int] = [:]
  private var openDeletions: Set<Bytes> = []
  private var violations: [Violation] = []

  private init(_ surroundings: Surroundings) { self.surroundings = surroundings }

  /// Checks operations, in any order; returns what cannot be explained, the first few of it.
  public static func check(
    _ operations: [ClientOperation], in surroundings: Surroundings = Surroundings()
  ) -> [Violation] {
    var checker = LinearizabilityChecker(surroundings)
    checker.collect(operations)
    checker.checkTime(operations)
    for operation in operations { checker.checkAnswer(operation) }
    return checker.violations
  }

  private mutating func fail(_ property: Violation.Property, _ detail: String) {
    if violations.count < 10 { violations.append(Violation(property, detail)) }
  }

  // MARK: What was written when

  private mutating func collect(_ operations: [ClientOperation]) {
    var writers: [Revision: Bytes] = [:]
    for (place, operation) in operations.enumerated() {
      guard case .write(let key, let value, _) = operation.action else { continue }
      switch operation.outcome {
      case .written(let revision):
        versions[key, default: []].append((revision, value))
        if writers.updateValue(key, forKey: revision) != nil {
          fail(.linearizability, "two writes were acknowledged at revision \(revision)")
        }
      case .unknown:
        if let value { openWrites[value] = place } else { openDeletions.insert(key) }
      default: break
      }
    }
    addSeenWrites(operations)
    for key in versions.keys { versions[key]?.sort { $0.revision < $1.revision } }
  }

  /// A write whose outcome was never told, and whose value was read, was carried out.
  private mutating func addSeenWrites(_ operations: [ClientOperation]) {
    var seen: [Bytes: Revision] = [:]
    for operation in operations {
      guard case .read(let version?, _) = operation.outcome, openWrites[version.value] != nil
      else { continue }
      if let earlier = seen.updateValue(version.modified, forKey: version.value) {
        if earlier != version.modified {
          fail(.linearizability, "one write was seen at \(earlier) and at \(version.modified)")
        }
      } else {
        versions[operation.key, default: []].append((version.modified, version.value))
      }
    }
  }

  // MARK: The clients' time

  private mutating func checkTime(_ operations: [ClientOperation]) {
    let byBegin = operations.indices.sorted { operations[$0].begin < operations[$1].begin }
    let byEnd = operations.indices.filter { operations[$0].revision != nil }
      .sorted { operations[$0].end < operations[$1].end }
    var newest = Revision.zero
    var ended = 0
    for place in byBegin {
      let operation = operations[place]
      while ended < byEnd.count, operations[byEnd[ended]].end < operation.begin {
        newest = max(newest, operations[byEnd[ended]].revision ?? .zero)
        ended += 1
      }
      guard let revision = operation.revision ?? revisionSeen(of: operation) else { continue }
      let makesRevision = operation.isWritten || operation.revision == nil
      if makesRevision ? revision <= newest : revision < newest {
        fail(
          .linearizability, "an answer at \(revision), \(newest) was known before it was asked for")
      }
    }
  }

  private func revisionSeen(of operation: ClientOperation) -> Revision? {
    guard case .write(let key, let value?, _) = operation.action,
      case .unknown = operation.outcome
    else { return nil }
    return versions[key]?.first { $0.value == value }?.revision
  }

  // MARK: The answers

  private mutating func checkAnswer(_ operation: ClientOperation) {
    switch (operation.action, operation.outcome) {
    case (.read(let key), .read(let version, let revision)):
      checkRead(key, version, at: revision)
    case (.write(let key, let value, let guarded), .written(let revision)):
      checkWrite(key, value, at: revision)
      if let guarded { checkGuard(key, guarded, at: revision) }
    case (.write(let key, _, let guarded?), .unchanged(let revision)):
      guard let history = surroundings.history, revision <= history.last else { return }
      if history.version(of: key, at: revision)?.modified ?? .zero == guarded {
        fail(.linearizability, "a guard that held at \(revision) was refused")
      }
    case (.write(_, let value?, _), .refused):
      if let revision = surroundings.history?.revision(thatWrote: value) {
        fail(.linearizability, "a refused write was carried out at \(revision)")
      }
    default: break
    }
  }

  private mutating func checkRead(
    _ key: Bytes, _ version: RevisionHistory.Version?, at revision: Revision
  ) {
    if let version, version.modified > revision {
      return fail(.linearizability, "a read at \(revision) saw a write of \(version.modified)")
    }
    if let history = surroundings.history, revision > history.base, revision <= history.last {
      if history.version(of: key, at: revision) != version {
        fail(.linearizability, "a read at \(revision) is not what the history has there")
      }
      return
    }
    let known = lastKnown(key, through: revision)
    switch (known, version) {
    case (let known?, let version?):
      if version.modified < known.revision {
        fail(.linearizability, "a read at \(revision) missed the write of \(known.revision)")
      } else if known.revision == version.modified, known.value != version.value {
        fail(.linearizability, "a read at \(revision) saw another value of \(known.revision)")
      } else if known.revision < version.modified {
        fail(.linearizability, "a read at \(revision) saw what nobody wrote")
      }
    case (let known?, nil):
      if known.value != nil, !mayVanish(key) {
        fail(.linearizability, "a read at \(revision) missed the write of \(known.revision)")
      }
    case (nil, .some): fail(.linearizability, "a read at \(revision) saw what nobody wrote")
    case (nil, nil): break
    }
  }

  private mutating func checkWrite(_ key: Bytes, _ value: Bytes?, at revision: Revision) {
    guard let history = surroundings.history, revision > history.base else { return }
    guard let changes = history.changes(revision) else {
      return fail(
        .durability,
        "the write acknowledged at \(revision) is lost: the history ends at \(history.last)")
    }
    if !changes.contains(RevisionHistory.Change(key: key, value: value)) {
      fail(.durability, "the write acknowledged at \(revision) is not in the history")
    }
  }

  private mutating func checkGuard(_ key: Bytes, _ guarded: Revision, at revision: Revision) {
    let before = Revision(revision.rawValue - 1)
    if let history = surroundings.history, before > history.base, before <= history.last {
      if history.version(of: key, at: before)?.modified ?? .zero != guarded {
        fail(.linearizability, "a guard let a write through at \(revision) that it forbids")
      }
      return
    }
    guard let known = lastKnown(key, through: before) else { return }
    let isAllowed =
      guarded == .zero
      ? known.value == nil || mayVanish(key) : known.revision <= guarded
    if !isAllowed {
      fail(.linearizability, "the write at \(revision) overwrote that of \(known.revision) unseen")
    }
  }

  private func lastKnown(
    _ key: Bytes, through revision: Revision
  ) -> (revision: Revision, value: Bytes?)? {
    versions[key]?.last { $0.revision <= revision }
  }

  private func mayVanish(_ key: Bytes) -> Bool {
    surroundings.keysVanish || openDeletions.contains(key)
  }
}
