package import EtcdProtocol
internal import FoundationEssentials
public import Primitives

/// Operations that happen together, at one revision, depending on conditions.
///
/// ```swift
/// let result = try await client.commit(
///   Transaction()
///     .when(.created("/lock", .equal, .zero))
///     .then(.put(PutRequest("/lock", "me")))
///     .otherwise(.range(RangeRequest(.key("/lock")))))
/// print(result.succeeded)
/// ```
public struct Transaction: Sendable, Hashable {
  /// All must hold for `success` to be carried out.
  public var conditions: [Condition] = []
  /// What happens if all conditions hold.
  public var success: [Operation] = []
  /// What happens otherwise.
  public var failure: [Operation] = []

  /// A transaction without conditions and operations.
  public init() {}

  /// The same with further conditions.
  public func when(_ conditions: Condition...) -> Self {
    var copy = self
    copy.conditions += conditions
    return copy
  }

  /// The same with further operations for the case that all conditions hold.
  public func then(_ operations: Operation...) -> Self {
    var copy = self
    copy.success += operations
    return copy
  }

  /// The same with further operations for the other case.
  public func otherwise(_ operations: Operation...) -> Self {
    var copy = self
    copy.failure += operations
    return copy
  }

  package var message: Etcdserverpb_TxnRequest {
    var message = Etcdserverpb_TxnRequest()
    message.compare = conditions.map(\.message)
    message.success = success.map(\.message)
    message.failure = failure.map(\.message)
    return message
  }

  /// Whether no branch writes anything.
  var isReadOnly: Bool { (success + failure).allSatisfy(\.isReadOnly) }
}

/// One step of a transaction.
public indirect enum Operation: Sendable, Hashable {
  /// Reads.
  case range(RangeRequest)
  /// Writes one key.
  case put(PutRequest)
  /// Deletes keys.
  case delete(DeleteRequest)
  /// A transaction inside.
  case transaction(Transaction)

  package var message: Etcdserverpb_RequestOp {
    var message = Etcdserverpb_RequestOp()
    switch self {
    case .range(let request): message.requestRange = request.message
    case .put(let request): message.requestPut = request.message
    case .delete(let request): message.requestDeleteRange = request.message
    case .transaction(let transaction): message.requestTxn = transaction.message
    }
    return message
  }

  var isReadOnly: Bool {
    switch self {
    case .range: true
    case .put, .delete: false
    case .transaction(let transaction): transaction.isReadOnly
    }
  }
}

/// What a transaction asks of a key, or of all keys of a range.
public struct Condition: Sendable, Hashable {
  /// How what is stored relates to what is given.
  public enum Relation: Sendable, Hashable {
    /// It is the same.
    case equal
    /// It is greater.
    case greater
    /// It is less.
    case less
    /// It is not the same.
    case notEqual
  }

  package var message: Etcdserverpb_Compare

  private init(
    _ keys: KeySelection, _ relation: Relation, _ fill: (inout Etcdserverpb_Compare) -> Void
  ) {
    var message = Etcdserverpb_Compare()
    message.key = Data(keys.key)
    message.rangeEnd = Data(keys.rangeEnd)
    message.result =
      switch relation {
      case .equal: .equal
      case .greater: .greater
      case .less: .less
      case .notEqual: .notEqual
      }
    fill(&message)
    self.message = message
  }

  /// Compares the value; a key that does not exist fails every comparison of its value.
  public static func value(
    _ key: some BytesConvertible, _ relation: Relation, _ value: some BytesConvertible
  ) -> Self {
    Self.value(of: .key(key), relation, value)
  }

  /// Compares the values of all these keys.
  public static func value(
    of keys: KeySelection, _ relation: Relation, _ value: some BytesConvertible
  ) -> Self {
    Self(keys, relation) {
      $0.target = .value
      $0.value = Data(value.storedBytes)
    }
  }

  /// Compares the number of writes since the key was created; 0 if it does not exist.
  public static func version(
    _ key: some BytesConvertible, _ relation: Relation, _ version: Int64
  ) -> Self {
    Self(.key(key), relation) {
      $0.target = .version
      $0.version = version
    }
  }

  /// Compares the revision that created the key; zero if it does not exist.
  public static func created(
    _ key: some BytesConvertible, _ relation: Relation, _ revision: Revision
  ) -> Self {
    Self(.key(key), relation) {
      $0.target = .create
      $0.createRevision = revision.rawValue
    }
  }

  /// Compares the revisions that created all these keys; zero if there is none.
  public static func created(
    of keys: KeySelection, _ relation: Relation, _ revision: Revision
  ) -> Self {
    Self(keys, relation) {
      $0.target = .create
      $0.createRevision = revision.rawValue
    }
  }

  /// Compares the revisions that last changed all these keys; zero if there is none.
  public static func modified(
    of keys: KeySelection, _ relation: Relation, _ revision: Revision
  ) -> Self {
    Self(keys, relation) {
      $0.target = .mod
      $0.modRevision = revision.rawValue
    }
  }

  /// Compares the revision that last changed the key; zero if it does not exist.
  public static func modified(
    _ key: some BytesConvertible, _ relation: Relation, _ revision: Revision
  ) -> Self {
    Self(.key(key), relation) {
      $0.target = .mod
      $0.modRevision = revision.rawValue
    }
  }

  /// Compares the lease of the key; none if it has none, or does not exist.
  public static func lease(
    _ key: some BytesConvertible, _ relation: Relation, _ lease: LeaseID
  ) -> Self {
    Self(.key(key), relation) {
      $0.target = .lease
      $0.lease = lease.rawValue
    }
  }
}
