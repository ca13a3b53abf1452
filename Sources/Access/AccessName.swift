public import Primitives

/// What a user or a role is called: UTF-8, compared byte by byte.
///
/// Swift's strings call names equal that are written differently (one letter with an accent, or a letter and an
/// accent); here that would let one user pass for another.
public struct AccessName: Hashable, Comparable, Sendable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  /// The name in UTF-8.
  public let bytes: Bytes

  /// Takes a name's bytes.
  public init(_ bytes: Bytes) { self.bytes = bytes }

  /// Takes a name.
  public init(_ text: String) { bytes = Bytes(text.utf8) }

  public init(stringLiteral value: String) { self.init(value) }

  /// The user and the role that may do everything.
  public static let root: AccessName = "root"

  /// Whether nobody is named.
  public var isEmpty: Bool { bytes.isEmpty }

  public static func < (left: AccessName, right: AccessName) -> Bool {
    isOrdered(left.bytes, before: right.bytes)
  }

  public var description: String { String(decoding: bytes, as: UTF8.self) }
}

/// The number of changes to users and roles, and one; it rises with each. Every new store begins at 1.
public struct AuthRevision: RawRepresentable, Hashable, Comparable, Sendable,
  CustomStringConvertible
{
  /// The revision as a plain number, as it stands in etcd's messages.
  public var rawValue: UInt64

  /// Wraps a plain number.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Wraps a plain number.
  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// Before any change.
  public static let first = AuthRevision(1)

  /// The revision after the next change.
  public var next: AuthRevision { AuthRevision(rawValue + 1) }

  public static func < (left: AuthRevision, right: AuthRevision) -> Bool {
    left.rawValue < right.rawValue
  }

  public var description: String { String(rawValue) }
}
