internal import Member
internal import PeerTransport
internal import Primitives
internal import Raft
internal import ReplicaCore

/// What members send each other: frames, and parts of states.
enum PeerSeeds {
  static let frames: [Bytes] = [
    PeerFrame.encode(contents.map { .message(message($0)) }),
    PeerFrame.encode([
      .request(number: 1, .propose, [1, 2, 3]), .reply(number: 2, .success([4])),
    ]),
  ]

  static let states: [Bytes] = [
    StateRequest.begin(
      transfer: 5,
      mark: SnapshotMark(
        last: mark, configuration: Configuration(voters: [from, to], learners: [MemberID(9)]))),
    .chunk(StateChunk(number: 3, isLast: true, content: [0, 1, 2, 3])), .abandon,
  ].map { $0.encoded() }

  static let from = MemberID(3)
  static let to = MemberID(.max)
  private static let mark = EntryMark(index: LogIndex(300), term: Term(7))

  private static var contents: [Message.Content] {
    let entries = (1...3).map {
      LogEntry(
        index: LogIndex(300 + UInt64($0)), term: Term(8), kind: .command,
        payload: Bytes(repeating: 5, count: $0 * 50))
    }
    return [
      .voteRequest(VoteRequest(last: mark, isPreVote: true, committed: mark)),
      .voteAnswer(VoteAnswer(isGranted: true)),
      .append(AppendRequest(previous: mark, entries: entries, commit: LogIndex(299))),
      .appendAnswer(.accepted(LogIndex(300))),
      .appendAnswer(.rejected(previous: LogIndex(8), hint: mark, attempt: 2)),
      .heartbeat(commit: LogIndex(300), round: ReadRound(rawValue: 4)),
      .readAnswer(ReadContext(rawValue: .max), index: LogIndex(300)), .campaignNow, .deposed,
    ]
  }

  private static func message(_ content: Message.Content) -> Message {
    Message(from: from, to: to, term: Term(9), content: content)
  }

  /// What is accepted must survive its own encoding.
  static func runFrame(_ bytes: Bytes) {
    guard let items = try? PeerFrame.decode(bytes, from: from, to: to) else { return }
    let again = try? PeerFrame.decode(PeerFrame.encode(items), from: from, to: to)
    invariant(again == items, "items do not survive their encoding: \(items)")
  }

  static func runState(_ bytes: Bytes) {
    guard let request = try? StateRequest.decode(bytes) else { return }
    let again = try? StateRequest.decode(request.encoded())
    invariant(again == request, "a part of a state does not survive its encoding: \(request)")
  }
}
