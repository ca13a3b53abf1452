internal import Member
public import Primitives
public import Raft
public import ReplicaCore

/// What the sender of a state says on its stream.
public enum StateRequest: Hashable, Sendable {
  /// A transfer begins, or goes on over a new connection. A sender never gives two the same number.
  case begin(transfer: UInt64, mark: SnapshotMark)
  /// The next chunk.
  case chunk(StateChunk)
  /// The sender gives up.
  case abandon

  private static let format: UInt8 = 1

  private enum Kind: UInt8 {
    case begin = 1
    case chunk = 2
    case abandon = 3
  }

  /// Encodes the request, with a chunk's content copied once.
  public func encoded() -> Bytes {
    switch self {
    case .begin(let transfer, let mark):
      var writer = ByteWriter(capacity: 128)
      writer.append(Self.format)
      writer.append(Kind.begin.rawValue)
      writer.appendVarint(transfer)
      writer.append(mark.last)
      writer.append(mark.configuration.voters)
      writer.append(mark.configuration.learners)
      return writer.bytes
    case .chunk(let chunk):
      var writer = ByteWriter(capacity: chunk.content.count + 24)
      writer.append(Self.format)
      writer.append(Kind.chunk.rawValue)
      writer.appendVarint(UInt64(chunk.number))
      writer.append(chunk.isLast ? 1 as UInt8 : 0)
      writer.appendLittleEndian(chunk.checksum)
      writer.append(counted: chunk.content)
      return writer.bytes
    case .abandon: return [Self.format, Kind.abandon.rawValue]
    }
  }

  /// Decodes what a sender said; any bytes give a request or an error. A chunk's checksum comes as it was sent:
  /// whoever takes the chunk checks it.
  public static func decode(_ bytes: Bytes) throws(DecodingError) -> StateRequest {
    var reader = ByteReader(bytes)
    guard try reader.readByte() == format, let kind = Kind(rawValue: try reader.readByte()) else {
      throw .malformed
    }
    let request: StateRequest
    switch kind {
    case .begin:
      let transfer = try reader.readVarint()
      let last = try reader.readMark()
      let voters = try reader.readMembers()
      let learners = try reader.readMembers()
      guard Set(voters).union(learners).count == voters.count + learners.count else {
        throw .malformed
      }
      let configuration = Configuration(voters: voters, learners: learners)
      request = .begin(
        transfer: transfer, mark: SnapshotMark(last: last, configuration: configuration))
    case .chunk:
      guard let number = UInt32(exactly: try reader.readVarint()) else { throw .malformed }
      let isLast = try reader.readByte() != 0
      let checksum = try reader.readLittleEndian(as: UInt32.self)
      var chunk = StateChunk(number: number, isLast: isLast, content: [])
      chunk.content = try reader.readCounted()
      chunk.checksum = checksum
      request = .chunk(chunk)
    case .abandon: request = .abandon
    }
    guard reader.isAtEnd else { throw .malformed }
    return request
  }
}

/// What the receiver of a state answers to each request.
enum StateAnswer: Hashable, Sendable {
  /// Chunks before this one are taken; those before it need not come again.
  case expects(UInt32)
  /// All of it is durable and handed over.
  case complete
  /// The receiver does not take it.
  case refused(PeerRefusal)

  private enum Kind: UInt8 {
    case expects = 1
    case complete = 2
    case refused = 3
  }

  func encoded() -> Bytes {
    var writer = ByteWriter(capacity: 16)
    switch self {
    case .expects(let number):
      writer.append(Kind.expects.rawValue)
      writer.appendVarint(UInt64(number))
    case .complete: writer.append(Kind.complete.rawValue)
    case .refused(let refusal):
      writer.append(Kind.refused.rawValue)
      writer.append(refusal)
    }
    return writer.bytes
  }

  static func decode(_ bytes: Bytes) throws(DecodingError) -> StateAnswer {
    var reader = ByteReader(bytes)
    guard let kind = Kind(rawValue: try reader.readByte()) else { throw .malformed }
    switch kind {
    case .expects:
      guard let number = UInt32(exactly: try reader.readVarint()) else { throw .malformed }
      return .expects(number)
    case .complete: return .complete
    case .refused: return .refused(try reader.readRefusal())
    }
  }
}

extension ByteWriter {
  fileprivate mutating func append(_ members: [MemberID]) {
    appendVarint(UInt64(members.count))
    for member in members { appendVarint(member.rawValue) }
  }
}

extension ByteReader {
  fileprivate mutating func readMembers() throws(DecodingError) -> [MemberID] {
    let count = try readVarint()
    guard count <= UInt64(remaining) else { throw .truncated }
    var members: [MemberID] = []
    for _ in 0..<count { members.append(MemberID(try readVarint())) }
    return members
  }
}
