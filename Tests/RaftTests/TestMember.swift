import Primitives
import Raft

/// A state machine that remembers what it was given: what scenarios and simulations look at.
struct TestState: Equatable {
  /// The last entry applied.
  var last = EntryMark.zero
  /// The commands applied, in order.
  var commands: [Bytes] = []
  /// The group as of that entry.
  var configuration: Configuration
}

/// A message, and for a snapshot the state that travels with it.
struct Packet {
  var message: Message
  var state: TestState?
}

/// A node with a disk and a state machine, which carries out its effects the way a runtime must. What
/// was not synced is lost in a crash; the state machine goes back to the last state that was kept.
final class TestMember {
  /// What is on the disk.
  struct Disk {
    var hardState = HardState()
    var base = EntryMark.zero
    var entries: [LogEntry] = []
    var state: TestState

    func entry(_ index: LogIndex) -> LogEntry? {
      guard index > base.index, index.rawValue <= base.index.rawValue + UInt64(entries.count)
      else { return nil }
      return entries[Int(index.rawValue - base.index.rawValue) - 1]
    }
  }

  private struct Write {
    var persist: Persist
    var entries: [LogEntry]
  }

  let id: MemberID
  let settings: RaftSettings
  var node: RaftNode?
  var disk: Disk
  var state: TestState
  /// Whether writes wait for `sync` instead of being durable at once.
  var holdsDisk = false
  /// Whether snapshots are begun and not sent.
  var holdsSnapshots = false
  var plantedBug: PlantedBug?
  private var writes: [Write] = []
  private var arrived: TestState?
  /// Reads that may run once an entry is applied, and those that have run, by what the caller knows.
  private var readable: [(reads: [ReadID], index: LogIndex)] = []
  private var effects: [Effect] = []
  private var isBusy = false

  /// What the surroundings are told.
  var send: (Packet) -> Void = { _ in }
  var served: (ReadID, TestState) -> Void = { _, _ in }
  var refused: (ReadID) -> Void = { _ in }
  var appended: (LogEntry) -> Void = { _ in }
  var didApply: (LogEntry) -> Void = { _ in }
  var didInstall: (SnapshotMark) -> Void = { _ in }
  var startedSnapshot: (MemberID) -> Void = { _ in }

  init(_ id: MemberID, configuration: Configuration, settings: RaftSettings = RaftSettings()) {
    self.id = id
    self.settings = settings
    disk = Disk(state: TestState(configuration: configuration))
    state = disk.state
  }

  var isUp: Bool { node != nil }
  var hasWrites: Bool { !writes.isEmpty }

  // MARK: Life

  func start(seed: UInt64) {
    state = disk.state
    var terms = TermRuns(after: disk.base)
    var membership: [LogIndex] = []
    for entry in disk.entries {
      terms.append(entry.term)
      if entry.kind == .membership { membership.append(entry.index) }
    }
    var node = RaftNode(
      id: id, configuration: state.configuration, settings: settings, seed: seed,
      from: RaftNode.Start(
        hardState: disk.hardState, terms: terms, membershipEntries: membership,
        appliedIndex: state.last.index))
    node.plantedBug = plantedBug
    self.node = node
    step(.applied(through: state.last.index))
  }

  func crash() {
    node = nil
    writes = []
    readable = []
    effects = []
    arrived = nil
  }

  // MARK: Events

  func step(_ event: Event) {
    guard node != nil else { return }
    node!.step(event, into: &effects)
    if isBusy { return }
    isBusy = true
    var next = 0
    while next < effects.count {
      carryOut(effects[next])
      next += 1
    }
    effects.removeAll(keepingCapacity: true)
    isBusy = false
  }

  func receive(_ packet: Packet) {
    arrived = packet.state
    step(.message(packet.message))
    arrived = nil
  }

  /// Makes writes durable, the oldest first; all if no number is given.
  func sync(_ count: Int? = nil) {
    guard let last = writes.prefix(count ?? writes.count).last else { return }
    for _ in 0..<min(count ?? writes.count, writes.count) { write(writes.removeFirst()) }
    step(.persisted(last.persist.number))
  }

  /// Makes the writes durable, but for the report: what a crash behind a sync leaves.
  func syncSilently(_ count: Int) {
    for _ in 0..<min(count, writes.count) { write(writes.removeFirst()) }
  }

  /// Keeps the applied state, and drops the log up to `index`.
  func compact(through index: LogIndex) {
    disk.state = state
    cut(through: min(index, state.last.index, node?.stableIndex ?? .zero))
  }

  private func cut(through index: LogIndex) {
    guard let last = disk.entry(index) else { return }
    disk.entries.removeFirst(Int(index.rawValue - disk.base.index.rawValue))
    disk.base = EntryMark(index: index, term: last.term)
    step(.truncated(through: index))
  }

  // MARK: Effects

  private func carryOut(_ effect: Effect) {
    switch effect {
    case .send(let messages): for message in messages { send(Packet(message: message)) }
    case .persist(let persist):
      let entries = persist.entries.map { Array(node!.entries($0)) } ?? []
      for entry in entries { appended(entry) }
      writes.append(Write(persist: persist, entries: entries))
      if !holdsDisk { sync() }
    case .apply(let through): apply(through: through)
    case .load(let member, let from, let through, let maxBytes):
      var bytes = 0
      var entries: [LogEntry] = []
      var index = from
      while index <= through, let entry = disk.entry(index) {
        bytes += entry.payload.count
        if bytes > maxBytes, !entries.isEmpty { break }
        entries.append(entry)
        index = index.next
      }
      step(.loaded(for: member, entries))
    case .sendSnapshot(let member):
      startedSnapshot(member)
      if !holdsSnapshots { sendSnapshot(to: member) }
    case .install(let mark): install(mark)
    case .serveReads(let reads, let index):
      readable.append((reads, index))
      serveReads()
    case .refuseReads(let reads): for read in reads { refused(read) }
    // No member here is damaged.
    case .forgotten: break
    }
  }

  func sendSnapshot(to member: MemberID) {
    guard let node else { return }
    let mark = SnapshotMark(last: state.last, configuration: state.configuration)
    let message = Message(from: id, to: member, term: node.currentTerm, content: .snapshot(mark))
    send(Packet(message: message, state: state))
  }

  private func write(_ write: Write) {
    if let from = write.persist.truncateFrom {
      precondition(from > disk.base.index, "a truncation from \(from) of a log after \(disk.base)")
      let kept = Int(from.rawValue - disk.base.index.rawValue) - 1
      disk.entries.removeLast(max(0, disk.entries.count - kept))
    }
    for entry in write.entries {
      precondition(
        entry.index.rawValue == disk.base.index.rawValue + UInt64(disk.entries.count) + 1,
        "entry \(entry.index) is written behind \(disk.entries.count) after \(disk.base)")
      disk.entries.append(entry)
    }
    if let hardState = write.persist.hardState {
      disk.hardState = hardState
      if plantedBug == .forgottenVote { disk.hardState.votedFor = .none }
    }
  }

  private func apply(through: LogIndex) {
    while state.last.index < through {
      let index = state.last.index.next
      guard let entry = disk.entry(index) else {
        preconditionFailure("entry \(index) is to be applied, the disk does not have it")
      }
      if let held = node?.heldEntries(index...index) {
        precondition(held.first == entry, "memory has another entry \(index) than the disk")
      }
      state.last = EntryMark(index: index, term: entry.term)
      switch entry.kind {
      case .empty: break
      case .command: state.commands.append(entry.payload)
      case .membership:
        state.configuration = Configuration(testPayload: entry.payload)
        step(.reconfigured(state.configuration))
      }
      didApply(entry)
    }
    step(.applied(through: through))
    serveReads()
  }

  private func install(_ mark: SnapshotMark) {
    guard let arrived else { preconditionFailure("a snapshot without its state: \(mark)") }
    // Everything that was asked for before is part of what is replaced, but for the hard state.
    for write in writes { if let state = write.persist.hardState { disk.hardState = state } }
    if let last = writes.last {
      writes = []
      step(.persisted(last.persist.number))
    }
    disk.state = arrived
    disk.base = mark.last
    disk.entries = []
    state = arrived
    didInstall(mark)
    step(.installed(mark))
    serveReads()
  }

  private func serveReads() {
    while let place = readable.firstIndex(where: { $0.index <= state.last.index }) {
      for read in readable.remove(at: place).reads { served(read, state) }
    }
  }
}

extension Configuration {
  /// Voters, a zero, learners: one byte each.
  var testPayload: Bytes {
    voters.map { UInt8($0.rawValue) } + [0] + learners.map { UInt8($0.rawValue) }
  }

  init(testPayload: Bytes) {
    let parts = testPayload.split(separator: 0, omittingEmptySubsequences: false)
    self.init(
      voters: parts[0].map { MemberID(UInt64($0)) },
      learners: parts[1].map { MemberID(UInt64($0)) })
  }
}
