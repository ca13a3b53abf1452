import Primitives
import Raft

/// A scenario in a text file: commands, one a line; behind each, indented, what it made happen, which the
/// runner writes and compares. `expect` lines say what matters, and no rewriting makes them true.
///
///     cluster 1 2 3 [learners 4] [election T] [flight N] [bytes N] [window N] [load N]
///     member N                     one that knows nothing of the group yet
///     campaign N · tick N [times] · propose N words… · transfer N M · unreachable N M
///     change N add|learner|promote|demote|remove M
///     settle [quietly]             deliver until nothing is under way
///     deliver N->M [kind] [times] · drop N->M [kind] [times]
///     cut N->M · isolate N · heal
///     hold N · sync N [writes] · release N        the disk
///     crash N · restart N · compact N INDEX
///     snapshots N hold|send M|fail M
///     read N name
///     expect N leader|follower|candidate|preCandidate · expect N term|commit|last|applied INDEX
///     expect N of M · expect N state words… · expect N refuses proposals|changes
///     expect N voters M… · expect read name waits|refused|served at INDEX
struct Scenario {
  private let cluster = ScenarioCluster()
  /// Expectations that were not met.
  private(set) var failures: [String] = []

  init(plantedBug: PlantedBug? = nil) { cluster.plantedBug = plantedBug }

  /// Runs a scenario; returns its text as it should read.
  mutating func run(_ text: String) -> String {
    var output: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("  ") { continue }
      output.append(String(line))
      let words = line.split(separator: " ").map(String.init)
      guard let command = words.first, !command.hasPrefix("#") else { continue }
      carryOut(command, Array(words.dropFirst()), line: String(line))
      let quietly = words.last == "quietly" || command == "expect"
      output += cluster.takeTrace(quietly: quietly).map { "  " + $0 }
    }
    return output.joined(separator: "\n")
  }

  private mutating func carryOut(_ command: String, _ words: [String], line: String) {
    switch command {
    case "cluster": makeCluster(words)
    case "member": cluster.add(id(words[0]), .unknown)
    case "settle": cluster.settle()
    case "deliver", "drop": deliver(words, isLost: command == "drop")
    case "cut":
      let link = link(words[0])
      cluster.cut(link.from, link.to)
    case "isolate": cluster.isolate(id(words[0]))
    case "heal": cluster.heal()
    case "read": cluster.read(id(words[0]), words[1])
    case "expect": expect(words, line)
    default:
      guard let member = cluster.member(id(words[0])) else { return fail(line, "no such member") }
      carryOut(command, member, Array(words.dropFirst()), line: line)
    }
  }

  private mutating func carryOut(
    _ command: String, _ member: TestMember, _ words: [String], line: String
  ) {
    switch command {
    case "campaign": member.step(.campaign)
    case "tick": for _ in 0..<(Int(words.first ?? "1") ?? 1) { member.step(.tick) }
    case "propose":
      guard member.node?.acceptsProposals == true else { return fail(line, "takes no proposals") }
      member.step(.propose(words.map { ProposedEntry(payload: Bytes($0.utf8)) }))
    case "change": change(member, words, line)
    case "transfer": member.step(.transfer(to: id(words[0])))
    case "unreachable": member.step(.unreachable(id(words[0])))
    case "hold": member.holdsDisk = true
    case "sync": member.sync(words.first.flatMap { Int($0) })
    case "release":
      member.holdsDisk = false
      member.sync()
    case "crash": member.crash()
    case "restart": cluster.start(member)
    case "compact": member.compact(through: index(words[0]))
    case "snapshots": snapshots(member, words)
    default: fail(line, "no such command")
    }
  }

  private mutating func makeCluster(_ words: [String]) {
    var voters: [MemberID] = []
    var learners: [MemberID] = []
    var settings = RaftSettings()
    var areLearners = false
    var place = 0
    while place < words.count {
      switch words[place] {
      case "learners": areLearners = true
      case "election":
        place += 1
        settings.electionTicks = Int(words[place])!
      case "flight":
        place += 1
        settings.inFlightMessages = Int(words[place])!
      case "bytes":
        place += 1
        settings.appendBytes = Int(words[place])!
      case "window":
        place += 1
        settings.windowBytes = Int(words[place])!
      case "load":
        place += 1
        settings.loadBytes = Int(words[place])!
      case "uncommitted":
        place += 1
        settings.uncommittedBytes = Int(words[place])!
      case let word where areLearners: learners.append(id(word))
      case let word: voters.append(id(word))
      }
      place += 1
    }
    cluster.configure(settings)
    let configuration = Configuration(voters: voters, learners: learners)
    for member in configuration.members { cluster.add(member, configuration) }
  }

  private func deliver(_ words: [String], isLost: Bool) {
    let link = link(words[0])
    var kind: String?
    var times = Int.max
    for word in words.dropFirst() {
      if let number = Int(word) { times = number } else { kind = word }
    }
    while times > 0,
      cluster.deliver(
        {
          $0.from == link.from && $0.to == link.to && (kind == nil || $0.content.word == kind)
        }, isLost: isLost)
    { times -= 1 }
  }

  private mutating func change(_ member: TestMember, _ words: [String], _ line: String) {
    guard member.node?.acceptsMembershipChange == true else { return fail(line, "takes no change") }
    let present = member.state.configuration
    let other = id(words[1])
    var voters = present.voters.filter { $0 != other }
    var learners = present.learners.filter { $0 != other }
    switch words[0] {
    case "add", "promote": voters.append(other)
    case "learner", "demote": learners.append(other)
    case "remove": break
    default: return fail(line, "no such change")
    }
    let payload = Configuration(voters: voters, learners: learners).testPayload
    member.step(.propose([ProposedEntry(kind: .membership, payload: payload)]))
  }

  private func snapshots(_ member: TestMember, _ words: [String]) {
    switch words[0] {
    case "hold": member.holdsSnapshots = true
    case "send":
      member.sendSnapshot(to: id(words[1]))
      member.step(.snapshotSent(to: id(words[1]), last: member.state.last.index))
    default: member.step(.snapshotSent(to: id(words[1]), last: nil))
    }
  }

  // MARK: Expectations

  private mutating func expect(_ words: [String], _ line: String) {
    if words[0] == "read" {
      let outcome = cluster.outcome(ofRead: words[1])
      if outcome != words.dropFirst(2).joined(separator: " ") { fail(line, outcome) }
      return
    }
    guard let member = cluster.member(id(words[0])) else { return fail(line, "no such member") }
    guard let node = member.node else { return fail(line, "is down") }
    let found: String
    let wanted = words.dropFirst(2).joined(separator: " ")
    switch words[1] {
    case "term": found = "\(node.currentTerm)"
    case "commit": found = "\(node.commitIndex)"
    case "last": found = "\(node.lastIndex)"
    case "applied": found = "\(node.lastApplied)"
    case "of": found = "\(node.leader)"
    case "state":
      found = member.state.commands.map { String(decoding: $0, as: UTF8.self) }
        .joined(separator: " ")
    case "voters": found = node.configuration.voters.map { "\($0)" }.joined(separator: " ")
    case "refuses":
      let isTaken =
        words[2] == "changes" ? node.acceptsMembershipChange : node.acceptsProposals
      if isTaken { fail(line, "takes them") }
      return
    default:
      if "\(node.role)" != words[1] { fail(line, "is a \(node.role)") }
      return
    }
    if found != wanted { fail(line, "found \(found)") }
  }

  private mutating func fail(_ line: String, _ reason: String) {
    failures.append("\(line): \(reason)")
  }

  private func id(_ word: String) -> MemberID { MemberID(UInt64(word) ?? 0) }
  private func index(_ word: String) -> LogIndex { LogIndex(UInt64(word) ?? 0) }
  private func link(_ word: String) -> (from: MemberID, to: MemberID) {
    let ends = word.split(separator: "-").map { id(String($0.drop { $0 == ">" })) }
    return (ends[0], ends[1])
  }
}
