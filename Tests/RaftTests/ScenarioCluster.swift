import Primitives
import Raft

/// A cluster whose every step a scenario decides: messages wait until they are delivered, time passes
/// when it is told to, and everything that happens is written down.
final class ScenarioCluster {
  private(set) var members: [TestMember] = []
  private(set) var trace: [String] = []
  private var queue: [Packet] = []
  private var cut: Set<[MemberID]> = []
  private var reads: [UInt64: String] = [:]
  private(set) var readNames: [String: UInt64] = [:]
  private var shown: [MemberID: String] = [:]
  private var lives: UInt64 = 0
  private var settings = RaftSettings()
  var plantedBug: PlantedBug?

  func member(_ id: MemberID) -> TestMember? { members.first { $0.id == id } }

  func configure(_ settings: RaftSettings) { self.settings = settings }

  func add(_ id: MemberID, _ configuration: Configuration) {
    let member = TestMember(id, configuration: configuration, settings: settings)
    member.plantedBug = plantedBug
    member.send = { [unowned self] packet in take(packet) }
    member.served = { [unowned self] read, state in
      reads[read.rawValue] = "served at \(state.last.index)"
      note("\(id) serves \(name(read)) at \(state.last.index)")
    }
    member.refused = { [unowned self] read in
      reads[read.rawValue] = "refused"
      note("\(id) refuses \(name(read))")
    }
    member.didInstall = { [unowned self] mark in note("\(id) installs \(mark.last)") }
    member.startedSnapshot = { [unowned self] to in note("\(id) begins a snapshot for \(to)") }
    members.append(member)
    start(member)
  }

  func start(_ member: TestMember) {
    lives += 1
    member.start(seed: lives)
  }

  // MARK: Messages

  private func take(_ packet: Packet) {
    if cut.contains([packet.message.from, packet.message.to]) {
      note("lost: \(packet.message.text)")
    } else {
      queue.append(packet)
    }
  }

  func cut(_ from: MemberID, _ to: MemberID) { cut.insert([from, to]) }

  func isolate(_ id: MemberID) {
    for other in members where other.id != id {
      cut(id, other.id)
      cut(other.id, id)
    }
  }

  func heal() { cut = [] }

  /// Delivers the oldest message that fits; false if none does.
  func deliver(_ fits: (Message) -> Bool = { _ in true }, isLost: Bool = false) -> Bool {
    guard let place = queue.firstIndex(where: { fits($0.message) }) else { return false }
    let packet = queue.remove(at: place)
    let isLost = isLost || member(packet.message.to)?.isUp != true
    note((isLost ? "lost: " : "") + packet.message.text)
    if !isLost { member(packet.message.to)?.receive(packet) }
    return true
  }

  func settle() {
    var delivered = 0
    while deliver() {
      delivered += 1
      precondition(delivered < 10_000, "the cluster never comes to rest")
    }
  }

  // MARK: Reads

  func read(_ id: MemberID, _ name: String) {
    let number = UInt64(readNames.count + 1)
    readNames[name] = number
    member(id)?.step(.read(ReadID(rawValue: number)))
  }

  func outcome(ofRead name: String) -> String {
    guard let number = readNames[name] else { return "never asked" }
    return reads[number] ?? "waits"
  }

  private func name(_ read: ReadID) -> String {
    readNames.first { $0.value == read.rawValue }?.key ?? "?"
  }

  // MARK: The trace

  private func note(_ line: String) { trace.append(line) }

  /// Ends a command: takes its trace, with the members that it changed.
  func takeTrace(quietly: Bool) -> [String] {
    defer { trace = [] }
    var lines = quietly ? [] : trace
    for member in members {
      let text = describe(member)
      if shown[member.id] != text {
        shown[member.id] = text
        lines.append(text)
      }
    }
    return lines
  }

  private func describe(_ member: TestMember) -> String {
    guard let node = member.node else { return "\(member.id) is down" }
    var text = "\(member.id) \(node.role) in term \(node.currentTerm)"
    if node.role == .follower, node.leader != .none { text += " of \(node.leader)" }
    text += ", log to \(node.lastEntry), commit \(node.commitIndex), applied \(node.lastApplied)"
    if node.configuration != member.state.configuration { text += ", configuration behind" }
    return text
  }
}

extension Message {
  var text: String { "\(from)->\(to) \(content.text) (term \(term))" }
}

extension EntryMark {
  /// What a vote says of the last entry known to be committed.
  fileprivate var knownText: String { self == .zero ? "" : ", \(self) committed" }
}

extension Message.Content {
  /// The word that scenarios name a kind of message by.
  var word: String {
    switch self {
    case .voteRequest(let request): request.isPreVote ? "prevote" : "vote"
    case .voteAnswer: "vote-answer"
    case .append: "append"
    case .appendAnswer: "append-answer"
    case .heartbeat: "heartbeat"
    case .heartbeatAnswer: "heartbeat-answer"
    case .snapshot: "snapshot"
    case .readRequest: "read"
    case .readAnswer: "read-answer"
    case .campaignNow: "campaign-now"
    case .deposed: "deposed"
    case .forgot: "forgot"
    case .demoted: "demoted"
    }
  }

  var text: String {
    switch self {
    case .voteRequest(let request):
      "\(word) with \(request.last)" + (request.isTransfer ? " for a transfer" : "")
        + request.committed.knownText
    case .voteAnswer(let answer):
      (answer.isPreVote ? "pre" : "") + "vote " + (answer.isGranted ? "granted" : "refused")
        + answer.committed.knownText
    case .append(let request):
      "append after \(request.previous): "
        + (request.entries.isEmpty
          ? "nothing" : request.entries.map { "\($0.index)@\($0.term)" }.joined(separator: " "))
        + ", commit \(request.commit)"
    case .appendAnswer(.accepted(let index)): "accepted to \(index)"
    case .appendAnswer(.rejected(let previous, let hint, _)):
      "rejected after \(previous), perhaps \(hint)"
    case .heartbeat(let commit, let round): "heartbeat, commit \(commit), round \(round.rawValue)"
    case .heartbeatAnswer(let round): "heartbeat answer, round \(round.rawValue)"
    case .snapshot(let mark): "snapshot to \(mark.last)"
    case .readRequest(_, let confirms): confirms ? "read request" : "read request of no weight"
    case .readAnswer(_, let index): "read at \(index)"
    case .campaignNow: "campaign now"
    case .deposed: "your term is over"
    case .forgot: "what I promised is lost"
    case .demoted(_, let index): "your vote does not count as of \(index)"
    }
  }
}
