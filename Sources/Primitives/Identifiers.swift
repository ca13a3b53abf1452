/// A position in the replicated log, from 1; 0 stands for "before the first entry".
public struct LogIndex: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The position as a plain number.
  public var rawValue: UInt64

  /// Wraps a plain number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Wraps a plain number.
  @inlinable
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Before the first entry.
  public static let zero = LogIndex(0)

  /// The position after this one.
  @inlinable
  public var next: LogIndex { LogIndex(rawValue + 1) }

  @inlinable
  public static func < (left: LogIndex, right: LogIndex) -> Bool { left.rawValue < right.rawValue }

  public var description: String { String(rawValue) }
}

/// A Raft term: the number of elections that were started, as far as a member knows; from 1.
public struct Term: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The term as a plain number.
  public var rawValue: UInt64

  /// Wraps a plain number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Wraps a plain number.
  @inlinable
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Before the first election.
  public static let zero = Term(0)

  /// The term after this one.
  @inlinable
  public var next: Term { Term(rawValue + 1) }

  @inlinable
  public static func < (left: Term, right: Term) -> Bool { left.rawValue < right.rawValue }

  public var description: String { String(rawValue) }
}

/// A revision of the store: it grows by one with every transaction that writes. An empty store is at 1.
public struct Revision: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The revision as a plain number, as it stands in etcd's messages.
  public var rawValue: Int64

  /// Wraps a plain number.
  @inlinable
  public init(rawValue: Int64) { self.rawValue = rawValue }

  /// Wraps a plain number.
  @inlinable
  public init(_ rawValue: Int64) { self.rawValue = rawValue }

  /// "None given" in requests; no write has it.
  public static let zero = Revision(0)

  /// The revision after this one.
  @inlinable
  public var next: Revision { Revision(rawValue + 1) }

  @inlinable
  public static func < (left: Revision, right: Revision) -> Bool { left.rawValue < right.rawValue }

  public var description: String { String(rawValue) }
}

/// One write inside a transaction: the transaction's revision and the write's place in it, from 0.
public struct SubRevision: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The revision of the transaction.
  public var main: Revision
  /// The place of the write among those of its transaction, from 0.
  public var sub: Int64

  /// Names one write of a transaction.
  @inlinable
  public init(main: Revision, sub: Int64) {
    self.main = main
    self.sub = sub
  }

  @inlinable
  public static func < (left: SubRevision, right: SubRevision) -> Bool {
    left.main != right.main ? left.main < right.main : left.sub < right.sub
  }

  public var description: String { "\(main).\(sub)" }
}

/// A lease; 0 stands for "no lease".
public struct LeaseID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The lease as a plain number, as it stands in etcd's messages.
  public var rawValue: Int64

  /// Wraps a plain number.
  @inlinable
  public init(rawValue: Int64) { self.rawValue = rawValue }

  /// Wraps a plain number.
  @inlinable
  public init(_ rawValue: Int64) { self.rawValue = rawValue }

  /// No lease.
  public static let none = LeaseID(0)

  @inlinable
  public static func < (left: LeaseID, right: LeaseID) -> Bool { left.rawValue < right.rawValue }

  /// Sixteen hexadecimal digits, as etcd's tools print it.
  public var description: String { hexadecimal(UInt64(bitPattern: rawValue)) }
}

/// A member of the cluster.
public struct MemberID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The member as a plain number, as it stands in etcd's messages.
  public var rawValue: UInt64

  /// Wraps a plain number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Wraps a plain number.
  @inlinable
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// No member, for example no known leader.
  public static let none = MemberID(0)

  @inlinable
  public static func < (left: MemberID, right: MemberID) -> Bool { left.rawValue < right.rawValue }

  /// Hexadecimal digits without leading zeroes, as etcd's tools print it.
  public var description: String { String(rawValue, radix: 16) }
}

/// A cluster.
public struct ClusterID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  /// The cluster as a plain number, as it stands in etcd's messages.
  public var rawValue: UInt64

  /// Wraps a plain number.
  @inlinable
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Wraps a plain number.
  @inlinable
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Hexadecimal digits without leading zeroes, as etcd's tools print it.
  public var description: String { String(rawValue, radix: 16) }
}

/// A number as sixteen lower-case hexadecimal digits.
public func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
