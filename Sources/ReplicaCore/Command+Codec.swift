internal import Access
internal import MVCC
public import Primitives
internal import Raft

/// The payload of a log entry: a version byte, who wants it, a kind byte, and the kind's fields in a
/// fixed order; numbers are varints, bytes are preceded by their length. Version 1 names nobody; version 3 is an
/// envelope: the member that a client asked, the number by which that knows the request, and one of the others.
extension Command {
  /// The version of an entry that nobody is named for.
  static let codecVersion: UInt8 = 1
  /// The version of an entry that names its author.
  static let authoredVersion: UInt8 = 2

  private enum Kind: UInt8 {
    case put = 1
    case deleteRange = 2
    case transaction = 3
    case compact = 4
    case grantLease = 5
    case revokeLease = 6
    case checkpointLeases = 7
    case alarm = 16
    /// Attributes of the time before there were levels.
    case unleveledAttributes = 17
    case leaseExpire = 18
    case memberPeerURLs = 19
    case access = 32
    case issueToken = 33
    case memberAdd = 20
    case memberRemove = 21
    case memberPromote = 22
    case memberDemote = 23
    case memberAttributes = 24
  }

  private enum AuthorTag: UInt8 { case member = 1, user }

  /// The command and its author as bytes. Cost: one allocation, sized at once, and a copy of keys
  /// and values.
  public func encoded(by author: Author = .unknown) -> Bytes {
    var writer = ByteWriter(capacity: sizeHint + (author.caller?.user.bytes.count ?? 0))
    switch author {
    case .unknown: writer.append(Self.codecVersion)
    case .member:
      writer.append(Self.authoredVersion)
      writer.append(AuthorTag.member.rawValue)
    case .user(let caller):
      writer.append(Self.authoredVersion)
      writer.append(AuthorTag.user.rawValue)
      writer.append(counted: caller.user.bytes)
      writer.appendVarint(caller.revision.rawValue)
    }
    append(to: &writer)
    return writer.bytes
  }

  private func append(to writer: inout ByteWriter) {
    switch self {
    case .store(.put(let put)):
      writer.append(Kind.put.rawValue)
      writer.append(put)
    case .store(.deleteRange(let deletion)):
      writer.append(Kind.deleteRange.rawValue)
      writer.append(deletion)
    case .store(.transaction(let transaction)):
      writer.append(Kind.transaction.rawValue)
      writer.append(transaction)
    case .store(.compact(let revision)):
      writer.append(Kind.compact.rawValue)
      writer.append(revision.rawValue)
    case .store(.grantLease(let lease, let seconds)):
      writer.append(Kind.grantLease.rawValue)
      writer.append(lease.rawValue)
      writer.append(seconds)
    case .store(.revokeLease(let lease)):
      writer.append(Kind.revokeLease.rawValue)
      writer.append(lease.rawValue)
    case .store(.checkpointLeases(let checkpoints)):
      writer.append(Kind.checkpointLeases.rawValue)
      writer.appendVarint(UInt64(checkpoints.count))
      for checkpoint in checkpoints {
        writer.append(checkpoint.lease.rawValue)
        writer.append(checkpoint.remainingSeconds)
      }
    case .alarm(let action, let member, let kind):
      writer.append(Kind.alarm.rawValue)
      writer.append(action.rawValue)
      writer.appendVarint(member.rawValue)
      writer.append(kind.rawValue)
    case .memberAttributes(let member, let name, let clientURLs, let level):
      writer.append(Kind.memberAttributes.rawValue)
      writer.appendVarint(member.rawValue)
      writer.append(text: name)
      writer.append(texts: clientURLs)
      writer.appendVarint(level.rawValue)
    case .memberPeerURLs(let member, let peerURLs):
      writer.append(Kind.memberPeerURLs.rawValue)
      writer.appendVarint(member.rawValue)
      writer.append(texts: peerURLs)
    case .access(let change):
      writer.append(Kind.access.rawValue)
      writer.append(change)
    case .issueToken(let token, let user, let revision):
      writer.append(Kind.issueToken.rawValue)
      writer.append(counted: token)
      writer.append(counted: user.bytes)
      writer.appendVarint(revision.rawValue)
    case .membership(.add(let member)):
      writer.append(Kind.memberAdd.rawValue)
      writer.append(member)
    case .membership(.remove(let member)):
      writer.append(Kind.memberRemove.rawValue)
      writer.appendVarint(member.rawValue)
    case .membership(.promote(let member)):
      writer.append(Kind.memberPromote.rawValue)
      writer.appendVarint(member.rawValue)
    case .membership(.demote(let member, let life)):
      writer.append(Kind.memberDemote.rawValue)
      writer.appendVarint(member.rawValue)
      writer.appendVarint(life.rawValue)
    case .leaseExpire(let lease, let term):
      writer.append(Kind.leaseExpire.rawValue)
      writer.append(lease.rawValue)
      writer.appendVarint(term.rawValue)
    }
  }

  private var sizeHint: Int {
    switch self {
    case .store(.put(let put)): put.key.count + put.value.count + 32
    case .store(.transaction(let transaction)): transaction.sizeHint + 2
    case .store(.checkpointLeases(let checkpoints)): checkpoints.count * 14 + 12
    default: 64
    }
  }

  /// Reads a command back, without its author.
  ///
  /// - Throws: `DecodingError` for bytes that are no command of a known version, whatever they are.
  public static func decode(_ payload: Bytes) throws(DecodingError) -> Command {
    try decodeAuthored(payload).command
  }

  /// Reads a command and its author back.
  ///
  /// - Throws: `DecodingError` for bytes that are no command of a known version, whatever they are.
  public static func decodeAuthored(
    _ payload: Bytes
  ) throws(DecodingError) -> (command: Command, author: Author) {
    var reader = ByteReader(payload)
    let author: Author
    var version = try reader.readByte()
    if version == Envelope.version {
      _ = try Envelope(from: &reader)
      version = try reader.readByte()
    }
    switch version {
    case codecVersion: author = .unknown
    case authoredVersion: author = try decodeAuthor(from: &reader)
    default: throw .malformed
    }
    guard let kind = Kind(rawValue: try reader.readByte()) else { throw .malformed }
    let command = try decode(kind, from: &reader)
    guard reader.isAtEnd else { throw .malformed }
    return (command, author)
  }

  private static func decodeAuthor(
    from reader: inout ByteReader
  ) throws(DecodingError) -> Author {
    let tag: AuthorTag = try reader.readEnum()
    switch tag {
    case .member: return .member
    case .user:
      return .user(
        Caller(
          user: AccessName(try reader.readCounted()),
          revision: AuthRevision(try reader.readVarint())))
    }
  }

  private static func decode(
    _ kind: Kind, from reader: inout ByteReader
  ) throws(DecodingError) -> Command {
    switch kind {
    case .put: .store(.put(try reader.readPut()))
    case .deleteRange: .store(.deleteRange(try reader.readDeleteRange()))
    case .transaction: .store(.transaction(try reader.readTransaction(depth: 0)))
    case .compact: .store(.compact(Revision(try reader.readNumber())))
    case .grantLease:
      .store(.grantLease(LeaseID(try reader.readNumber()), seconds: try reader.readNumber()))
    case .revokeLease: .store(.revokeLease(LeaseID(try reader.readNumber())))
    case .checkpointLeases:
      .store(
        .checkpointLeases(
          try reader.readList(minimumBytes: 2) { (reader) throws(DecodingError) in
            LeaseCheckpoint(
              lease: LeaseID(try reader.readNumber()), remainingSeconds: try reader.readNumber())
          }))
    case .alarm:
      .alarm(
        try reader.readEnum(), MemberID(try reader.readVarint()), try reader.readEnum())
    case .memberAttributes:
      .memberAttributes(
        MemberID(try reader.readVarint()), name: try reader.readText(),
        clientURLs: try reader.readTexts(), level: FeatureLevel(rawValue: try reader.readVarint()))
    case .unleveledAttributes:
      .memberAttributes(
        MemberID(try reader.readVarint()), name: try reader.readText(),
        clientURLs: try reader.readTexts(), level: .first)
    case .memberPeerURLs:
      .memberPeerURLs(MemberID(try reader.readVarint()), try reader.readTexts())
    case .access: .access(try reader.readAccessChange())
    case .issueToken:
      .issueToken(
        try reader.readCounted(), user: AccessName(try reader.readCounted()),
        checkedAt: AuthRevision(try reader.readVarint()))
    case .memberAdd: .membership(.add(try reader.readMember()))
    case .memberRemove: .membership(.remove(MemberID(try reader.readVarint())))
    case .memberPromote: .membership(.promote(MemberID(try reader.readVarint())))
    case .memberDemote:
      .membership(
        .demote(
          MemberID(try reader.readVarint()), MemberLife(rawValue: try reader.readVarint())))
    case .leaseExpire:
      .leaseExpire(LeaseID(try reader.readNumber()), term: Term(try reader.readVarint()))
    }
  }
}
