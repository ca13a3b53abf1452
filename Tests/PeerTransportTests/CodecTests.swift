import HTTPTransport
import Member
import Primitives
import Raft
import ReplicaCore
import Testing

@testable import PeerTransport

@Suite("The wire between members")
struct CodecTests {
  static let from = MemberID(0x1234)
  static let to = MemberID(.max)

  static func message(_ term: UInt64, _ content: Message.Content) -> Message {
    Message(from: from, to: to, term: Term(term), content: content)
  }

  static func mark(_ index: UInt64, _ term: UInt64) -> EntryMark {
    EntryMark(index: LogIndex(index), term: Term(term))
  }

  static var messages: [Message] {
    let entries = (0..<3).map { place in
      LogEntry(
        index: LogIndex(42 + UInt64(place)), term: Term(7),
        kind: [.empty, .command, .membership][place],
        payload: Bytes(repeating: UInt8(place), count: place * 300))
    }
    return [
      message(9, .voteRequest(VoteRequest(last: mark(41, 7), isPreVote: true, isTransfer: true))),
      message(9, .voteRequest(VoteRequest(last: .zero))),
      message(9, .voteRequest(VoteRequest(last: mark(41, 7), committed: mark(40, 6)))),
      message(9, .voteAnswer(VoteAnswer(isGranted: true))),
      message(9, .voteAnswer(VoteAnswer(isGranted: false, committed: mark(1 << 40, 9)))),
      message(9, .voteAnswer(VoteAnswer(isGranted: false, isPreVote: true))),
      message(
        9,
        .append(
          AppendRequest(previous: mark(41, 7), entries: entries, commit: LogIndex(40), attempt: 3))),
      message(9, .append(AppendRequest(previous: .zero, entries: [], commit: .zero))),
      message(9, .appendAnswer(.accepted(LogIndex(1 << 40)))),
      message(
        9,
        .appendAnswer(.rejected(previous: LogIndex(8), hint: mark(5, 2), attempt: .max))),
      message(9, .heartbeat(commit: LogIndex(12), round: ReadRound(rawValue: 4))),
      message(9, .heartbeatAnswer(round: ReadRound(rawValue: .max))),
      message(9, .readRequest(ReadContext(rawValue: .max), confirms: true)),
      message(9, .readRequest(ReadContext(rawValue: 0), confirms: false)),
      message(9, .readAnswer(ReadContext(rawValue: 1), index: LogIndex(77))),
      message(.max, .campaignNow), message(0, .deposed),
      message(3, .forgot(MemberLife(rawValue: 5))),
      message(3, .demoted(MemberLife(rawValue: .max), at: LogIndex(9))),
    ]
  }

  @Test("every item comes back as it was sent, all in one frame")
  func roundTrip() throws {
    let items =
      Self.messages.map { PeerItem.message($0) } + [
        .request(number: 5, .propose, [1, 2, 3]),
        .request(number: .max, PeerMethod(rawValue: 0), []),
        .reply(number: 5, .success([4])),
        .reply(number: 6, .failure(PeerRefusal(.notLeader, "not the leader: ü"))),
      ]
    let frame = PeerFrame.encode(items)
    #expect(try PeerFrame.decode(frame, from: Self.from, to: Self.to) == items)
  }

  @Test("a member that speaks only the first protocol gets votes and questions as it knows them")
  func olderProtocol() throws {
    for (content, withoutMark) in [
      (
        Message.Content.voteRequest(
          VoteRequest(last: Self.mark(41, 7), isPreVote: true, committed: Self.mark(40, 7))),
        Message.Content.voteRequest(VoteRequest(last: Self.mark(41, 7), isPreVote: true))
      ),
      (
        .voteAnswer(VoteAnswer(isGranted: true, committed: Self.mark(40, 7))),
        .voteAnswer(VoteAnswer(isGranted: true))
      ),
      (
        .readRequest(ReadContext(rawValue: 2), confirms: true),
        .readRequest(ReadContext(rawValue: 2), confirms: false)
      ),
    ] {
      let frame = PeerFrame.encode([.message(Self.message(9, content))], speaking: 1)
      #expect(
        try PeerFrame.decode(frame, from: Self.from, to: Self.to) == [
          .message(Self.message(9, withoutMark))
        ])
      // What its decoder knows of flags.
      #expect(try #require(frame.last) & ~3 == 0)
    }
  }

  @Test("a message that names a state does not travel")
  func snapshotStays() throws {
    let mark = SnapshotMark(last: .zero, configuration: .unknown)
    let frame = PeerFrame.encode([.message(Self.message(1, .snapshot(mark)))])
    #expect(try PeerFrame.decode(frame, from: Self.from, to: Self.to).isEmpty)
  }

  @Test("a frame that ends early is an error at every place")
  func truncation() {
    for message in Self.messages {
      let frame = PeerFrame.encode([.message(message)])
      for end in 2..<frame.count {
        #expect(throws: DecodingError.self) {
          try PeerFrame.decode(Bytes(frame[..<end]), from: Self.from, to: Self.to)
        }
      }
    }
  }

  @Test("a frame of a later format, of an unknown kind or with a lying count is refused")
  func hostile() {
    for bytes: Bytes in [
      [], [2], [1, 9], [1, 1, 99, 0], [1, 1, 3, 9, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
      [1, 2, 1, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
    ] {
      #expect(throws: DecodingError.self) {
        try PeerFrame.decode(bytes, from: Self.from, to: Self.to)
      }
    }
  }

  @Test("entries of falling terms, or of a later term than the leader's, are refused")
  func impossibleTerms() {
    for terms: [UInt64] in [[6], [8, 7], [10]] {
      let entries = terms.enumerated().map {
        LogEntry(index: LogIndex(42 + UInt64($0)), term: Term($1), kind: .command, payload: [])
      }
      let append = AppendRequest(previous: Self.mark(41, 7), entries: entries, commit: .zero)
      let frame = PeerFrame.encode([.message(Self.message(9, .append(append)))])
      #expect(throws: DecodingError.self) {
        try PeerFrame.decode(frame, from: Self.from, to: Self.to)
      }
    }
  }

  @Test("an index that no log reaches is refused")
  func farIndex() {
    let frame = PeerFrame.encode([
      .message(Self.message(1, .appendAnswer(.accepted(LogIndex(.max)))))
    ])
    #expect(throws: DecodingError.self) {
      try PeerFrame.decode(frame, from: Self.from, to: Self.to)
    }
  }

  @Test("greetings and their answers come back as they were sent")
  func greetings() throws {
    let hello = PeerHello(
      cluster: ClusterID(5), from: Self.from, to: Self.to, protocols: 1...4, version: "1.2.3")
    #expect(try PeerHello.decode(hello.encoded() + [1, 2, 3]) == hello)
    let welcome = PeerWelcome(protocolNumber: 3, version: "x")
    #expect(try PeerWelcome.decode(PeerWelcome.encode(.success(welcome))) == .success(welcome))
    #expect(
      try PeerWelcome.decode(PeerWelcome.encode(.failure(.removed))) == .failure(.removed))
    let identity = StreamIdentity(
      cluster: ClusterID(.max), from: Self.from, to: Self.to, protocolNumber: 1)
    #expect(StreamIdentity(identity.text) == identity)
    #expect(StreamIdentity("1 2 3") == nil)
    #expect(StreamIdentity("1 2 x 1") == nil)
  }

  @Test("parts of a state come back as they were sent; a member named twice is refused")
  func states() throws {
    let configuration = Configuration(voters: [MemberID(1), MemberID(2)], learners: [MemberID(3)])
    let chunk = StateChunk(number: 4, isLast: true, content: [1, 2, 3])
    for request in [
      StateRequest.begin(
        transfer: 9, mark: SnapshotMark(last: Self.mark(4, 2), configuration: configuration)),
      .chunk(chunk), .abandon,
    ] {
      #expect(try StateRequest.decode(request.encoded()) == request)
    }
    #expect(throws: DecodingError.self) { try StateRequest.decode([1, 1, 9, 4, 2, 2, 7, 7, 0]) }
    for answer in [StateAnswer.expects(7), .complete, .refused(.removed)] {
      #expect(try StateAnswer.decode(answer.encoded()) == answer)
    }
  }

  @Test("addresses of members are read as they are written")
  func urls() {
    #expect(PeerURL("http://127.0.0.1:2380")?.endpoint == .tcp(host: "127.0.0.1", port: 2380))
    #expect(PeerURL("https://[::1]:2380/")?.endpoint == .tcp(host: "::1", port: 2380))
    #expect(PeerURL("https://m0.svc:2380")?.isSecure == true)
    for text in ["m0:2380", "http://m0", "http://:2380", "http://m0:0", "unix://x:1"] {
      #expect(PeerURL(text) == nil)
    }
  }
}
