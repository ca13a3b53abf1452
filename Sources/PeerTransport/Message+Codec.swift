internal import Primitives
internal import Raft

/// What each content of a Raft message is on the wire.
private enum ContentTag: UInt8 {
  case voteRequest = 1
  case voteAnswer = 2
  case append = 3
  case accepted = 4
  case rejected = 5
  case heartbeat = 6
  case heartbeatAnswer = 7
  case readRequest = 8
  case readAnswer = 9
  case campaignNow = 10
  case deposed = 11
  case forgot = 12
  case demoted = 13
  case confirmingReadRequest = 14
}

/// In the flags of a vote: the last entry known to be committed follows.
private let committedFlag: UInt8 = 4

extension ByteWriter {
  /// Appends a message without sender and receiver, in a protocol that its receiver speaks; nothing for a
  /// snapshot's.
  mutating func append(_ message: Message, speaking protocolNumber: UInt32) {
    switch message.content {
    case .voteRequest(let request):
      begin(.voteRequest, message)
      append(request.last)
      let flags = (request.isPreVote ? 1 : 0) | (request.isTransfer ? 2 : 0) as UInt8
      append(flags, request.committed, speaking: protocolNumber)
    case .voteAnswer(let answer):
      begin(.voteAnswer, message)
      let flags = (answer.isGranted ? 1 : 0) | (answer.isPreVote ? 2 : 0) as UInt8
      append(flags, answer.committed, speaking: protocolNumber)
    case .append(let request):
      begin(.append, message)
      append(request)
    case .appendAnswer(.accepted(let index)):
      begin(.accepted, message)
      appendVarint(index.rawValue)
    case .appendAnswer(.rejected(let previous, let hint, let attempt)):
      begin(.rejected, message)
      appendVarint(previous.rawValue)
      append(hint)
      appendVarint(UInt64(attempt))
    case .heartbeat(let commit, let round):
      begin(.heartbeat, message)
      appendVarint(commit.rawValue)
      appendVarint(round.rawValue)
    case .heartbeatAnswer(let round):
      begin(.heartbeatAnswer, message)
      appendVarint(round.rawValue)
    case .readRequest(let context, let confirms):
      let isKnown = protocolNumber >= PeerProtocol.confirmingReadRequests
      begin(confirms && isKnown ? .confirmingReadRequest : .readRequest, message)
      appendVarint(context.rawValue)
    case .readAnswer(let context, let index):
      begin(.readAnswer, message)
      appendVarint(context.rawValue)
      appendVarint(index.rawValue)
    case .campaignNow: begin(.campaignNow, message)
    case .deposed: begin(.deposed, message)
    case .forgot(let life):
      begin(.forgot, message)
      appendVarint(life.rawValue)
    case .demoted(let life, let index):
      begin(.demoted, message)
      appendVarint(life.rawValue)
      appendVarint(index.rawValue)
    case .snapshot: break
    }
  }

  private mutating func begin(_ tag: ContentTag, _ message: Message) {
    append(tag.rawValue)
    appendVarint(message.term.rawValue)
  }

  /// Appends the flags of a vote, and the last entry known to be committed if there is one and the receiver
  /// can read it.
  private mutating func append(
    _ flags: UInt8, _ committed: EntryMark, speaking protocolNumber: UInt32
  ) {
    guard committed != .zero, protocolNumber >= PeerProtocol.commitsInVotes else {
      return append(flags)
    }
    append(flags | committedFlag)
    append(committed)
  }

  /// Appends an entry's name.
  mutating func append(_ mark: EntryMark) {
    appendVarint(mark.index.rawValue)
    appendVarint(mark.term.rawValue)
  }

  private mutating func append(_ request: AppendRequest) {
    append(request.previous)
    appendVarint(request.commit.rawValue)
    appendVarint(UInt64(request.attempt))
    appendVarint(UInt64(request.entries.count))
    var index = request.previous.index
    for entry in request.entries {
      invariant(entry.index == index.next, "entry \(entry.index) follows \(index)")
      index = entry.index
      append(entry.kind.rawValue)
      appendVarint(entry.term.rawValue)
      append(counted: entry.payload)
    }
  }
}

extension ByteReader {
  /// Reads a message of the stream's sender.
  mutating func readMessage(from: MemberID, to: MemberID) throws(DecodingError) -> Message {
    guard let tag = ContentTag(rawValue: try readByte()) else { throw .malformed }
    let term = Term(try readVarint())
    return Message(from: from, to: to, term: term, content: try readContent(tag, term))
  }

  private mutating func readContent(
    _ tag: ContentTag, _ term: Term
  ) throws(DecodingError) -> Message.Content {
    switch tag {
    case .voteRequest:
      let last = try readMark()
      let (flags, committed) = try readFlags()
      return .voteRequest(
        VoteRequest(
          last: last, isPreVote: flags & 1 != 0, isTransfer: flags & 2 != 0,
          committed: committed))
    case .voteAnswer:
      let (flags, committed) = try readFlags()
      return .voteAnswer(
        VoteAnswer(isGranted: flags & 1 != 0, isPreVote: flags & 2 != 0, committed: committed))
    case .append: return .append(try readAppend(term))
    case .accepted: return .appendAnswer(.accepted(try readIndex()))
    case .rejected:
      return .appendAnswer(
        .rejected(previous: try readIndex(), hint: try readMark(), attempt: try readAttempt()))
    case .heartbeat: return .heartbeat(commit: try readIndex(), round: try readRound())
    case .heartbeatAnswer: return .heartbeatAnswer(round: try readRound())
    case .readRequest:
      return .readRequest(ReadContext(rawValue: try readVarint()), confirms: false)
    case .confirmingReadRequest:
      return .readRequest(ReadContext(rawValue: try readVarint()), confirms: true)
    case .readAnswer:
      return .readAnswer(ReadContext(rawValue: try readVarint()), index: try readIndex())
    case .campaignNow: return .campaignNow
    case .deposed: return .deposed
    case .forgot: return .forgot(MemberLife(rawValue: try readVarint()))
    case .demoted:
      return .demoted(MemberLife(rawValue: try readVarint()), at: try readIndex())
    }
  }

  private mutating func readAppend(_ term: Term) throws(DecodingError) -> AppendRequest {
    let previous = try readMark()
    let commit = try readIndex()
    let attempt = try readAttempt()
    let count = try readVarint()
    // An entry takes three bytes at least, so a count that is a lie costs no memory.
    guard count <= UInt64(remaining / 3) else { throw .truncated }
    var entries: [LogEntry] = []
    entries.reserveCapacity(Int(count))
    var last = previous
    for _ in 0..<count {
      guard let kind = LogEntry.Kind(rawValue: try readByte()) else { throw .malformed }
      let entryTerm = Term(try readVarint())
      // Terms never fall in a log, and no leader has entries of a later term than its own.
      guard entryTerm >= last.term, entryTerm <= term else { throw .malformed }
      last = EntryMark(index: last.index.next, term: entryTerm)
      entries.append(
        LogEntry(index: last.index, term: entryTerm, kind: kind, payload: try readCounted()))
    }
    return AppendRequest(previous: previous, entries: entries, commit: commit, attempt: attempt)
  }

  /// Reads an entry's name.
  mutating func readMark() throws(DecodingError) -> EntryMark {
    EntryMark(index: try readIndex(), term: Term(try readVarint()))
  }

  /// Reads an index; those near the end of the numbers, which no log reaches, are refused, so that sums of them
  /// are safe.
  private mutating func readIndex() throws(DecodingError) -> LogIndex {
    let number = try readVarint()
    guard number < 1 << 62 else { throw .malformed }
    return LogIndex(number)
  }

  private mutating func readRound() throws(DecodingError) -> ReadRound {
    ReadRound(rawValue: try readVarint())
  }

  private mutating func readAttempt() throws(DecodingError) -> UInt32 {
    guard let attempt = UInt32(exactly: try readVarint()) else { throw .malformed }
    return attempt
  }

  private mutating func readFlags() throws(DecodingError) -> (UInt8, committed: EntryMark) {
    let flags = try readByte()
    guard flags & ~(3 | committedFlag) == 0 else { throw .malformed }
    return (flags, flags & committedFlag != 0 ? try readMark() : .zero)
  }
}
