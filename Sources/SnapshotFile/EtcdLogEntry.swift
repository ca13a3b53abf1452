public import Primitives

/// One entry of etcd's log, as it was proposed.
public struct EtcdLogEntry: Hashable, Sendable {
  /// What an entry is about; the raw values are etcd's.
  public enum Kind: UInt64, Sendable {
    /// An `etcdserverpb.InternalRaftRequest`; empty for the entry that begins a term.
    case request = 0
    /// A `raftpb.ConfChange`.
    case membership = 1
    /// A `raftpb.ConfChangeV2`.
    case jointMembership = 2
  }

  /// The entry's place in the log.
  public var index: LogIndex
  /// The term in which it was proposed.
  public var term: Term
  /// What it is about.
  public var kind: Kind
  /// The encoded request or change of membership.
  public var data: Bytes

  /// Describes an entry.
  public init(index: LogIndex, term: Term, kind: Kind, data: Bytes) {
    self.index = index
    self.term = term
    self.kind = kind
    self.data = data
  }

  /// Reads a `raftpb.Entry`; nil if it is none.
  init?(encoded: Bytes) {
    var fields = MessageFields(encoded)
    self.init(index: .zero, term: .zero, kind: .request, data: [])
    do throws(DecodingError) {
      while let (field, content) = try fields.next() {
        switch (field, content) {
        case (1, .number(let number)):
          guard let kind = Kind(rawValue: number) else { return nil }
          self.kind = kind
        case (2, .number(let term)): self.term = Term(term)
        case (3, .number(let index)): self.index = LogIndex(index)
        case (4, .bytes(let range)): data = Bytes(encoded[range])
        default: break
        }
      }
    } catch {
      return nil
    }
    if index == .zero { return nil }
  }
}

/// Who votes, followed through the changes in a log.
struct EtcdVoters: Hashable {
  private(set) var voters: Set<MemberID>

  init(_ voters: [MemberID]) { self.voters = Set(voters) }

  /// Reads a `raftpb.ConfState`; nil if it is none.
  init?(confState bytes: Bytes, in range: Range<Int>) {
    voters = []
    var fields = MessageFields(bytes, in: range)
    do throws(DecodingError) {
      while let (field, content) = try fields.next() {
        if case (1, .number(let id)) = (field, content) { voters.insert(MemberID(id)) }
        // Packed numbers, as newer writers may have them.
        if case (1, .bytes(let range)) = (field, content) {
          var reader = ByteReader(bytes, in: range)
          while !reader.isAtEnd { voters.insert(MemberID(try reader.readVarint())) }
        }
      }
    } catch {
      return nil
    }
  }

  /// Follows a change of membership; false if the entry cannot be read.
  mutating func follow(_ entry: EtcdLogEntry) -> Bool {
    let numbers: (kind: UInt64, member: UInt64) = entry.kind == .membership ? (2, 3) : (1, 2)
    var fields = MessageFields(entry.data)
    var (kind, member): (UInt64, UInt64) = (0, 0)
    do throws(DecodingError) {
      while let (field, content) = try fields.next() {
        switch (entry.kind, content) {
        case (.membership, .number(let number)):
          if field == numbers.kind { kind = number }
          if field == numbers.member { member = number }
        case (.jointMembership, .bytes(let range)) where field == 2:
          var change = MessageFields(entry.data, in: range)
          (kind, member) = (0, 0)
          while let (field, content) = try change.next() {
            guard case .number(let number) = content else { continue }
            if field == numbers.kind { kind = number }
            if field == numbers.member { member = number }
          }
          take(kind, MemberID(member))
        default: break
        }
      }
    } catch {
      return false
    }
    if entry.kind == .membership { take(kind, MemberID(member)) }
    return true
  }

  private mutating func take(_ kind: UInt64, _ member: MemberID) {
    // A change that etcd found invalid is applied to nobody.
    if member.rawValue == 0 { return }
    switch kind {
    case 0: voters.insert(member)
    case 1, 3: voters.remove(member)
    default: break
    }
  }
}
