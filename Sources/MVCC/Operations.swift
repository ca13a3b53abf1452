public import Primitives

/// A read of a range of keys.
public struct RangeOperation: Hashable, Sendable {
  /// How results are ordered.
  public enum SortOrder: UInt8, Hashable, Sendable { case none, ascending, descending }
  /// What results are ordered by.
  public enum SortTarget: UInt8, Hashable, Sendable { case key, version, create, mod, value }

  /// The keys that are asked for.
  public var keys: KeyRange
  /// The highest number of records to answer with; 0: no bound.
  public var limit: Int64 = 0
  /// The revision to read at; 0: the present one.
  public var revision: Revision = .zero
  /// How results are ordered.
  public var sortOrder: SortOrder = .none
  /// What results are ordered by.
  public var sortTarget: SortTarget = .key
  /// Answers only with keys, without values.
  public var keysOnly = false
  /// Answers only with the number of keys.
  public var countOnly = false
  /// Leaves out records that were last modified before this revision; 0: none.
  public var minModRevision: Revision = .zero
  /// Leaves out records that were last modified after this revision; 0: none.
  public var maxModRevision: Revision = .zero
  /// Leaves out records that were created before this revision; 0: none.
  public var minCreateRevision: Revision = .zero
  /// Leaves out records that were created after this revision; 0: none.
  public var maxCreateRevision: Revision = .zero

  /// A read of everything in a range at the present revision.
  public init(_ keys: KeyRange) { self.keys = keys }
}

/// What a range read found.
public struct RangeResult: Sendable {
  /// The records, in the order asked for; empty for a count.
  public var records: [Record]
  /// The number of live keys in the range at that revision, whatever the limit (etcd counts before filters).
  public var count: Int64
  /// Whether the limit left records out.
  public var more: Bool
  /// The store's revision at the moment of the read: what the answer's header carries.
  public var revision: Revision
  /// Whether values are to be left out of the answer.
  public var keysOnly: Bool

  /// Describes a result.
  public init(
    records: [Record] = [], count: Int64 = 0, more: Bool = false, revision: Revision = .zero,
    keysOnly: Bool = false
  ) {
    self.records = records
    self.count = count
    self.more = more
    self.revision = revision
    self.keysOnly = keysOnly
  }
}

/// A write of one key.
public struct PutOperation: Hashable, Sendable {
  /// The key, at least one byte.
  public var key: Bytes
  /// The new value.
  public var value: Bytes
  /// The lease to hang the key on, or none.
  public var lease: LeaseID = .none
  /// Answers with the version that was replaced.
  public var returnsPrevious = false
  /// Keeps the present value; the key must exist.
  public var ignoresValue = false
  /// Keeps the present lease; the key must exist.
  public var ignoresLease = false

  /// A plain write.
  public init(key: Bytes, value: Bytes) {
    self.key = key
    self.value = value
  }
}

/// What a put replaced.
public struct PutResult: Sendable {
  /// The version before, if it was asked for and there was one.
  public var previous: Record?
  /// The revision of the write.
  public var revision: Revision

  /// Describes a result.
  public init(previous: Record?, revision: Revision) {
    self.previous = previous
    self.revision = revision
  }
}

/// A deletion of a range of keys.
public struct DeleteRangeOperation: Hashable, Sendable {
  /// The keys to delete.
  public var keys: KeyRange
  /// Answers with the versions that were deleted.
  public var returnsPrevious = false

  /// A plain deletion.
  public init(_ keys: KeyRange) { self.keys = keys }
}

/// What a deletion deleted.
public struct DeleteRangeResult: Sendable {
  /// The number of keys deleted.
  public var deleted: Int64
  /// Their last versions, if they were asked for.
  public var previous: [Record]
  /// The revision after the deletion; unchanged if nothing was deleted.
  public var revision: Revision

  /// Describes a result.
  public init(deleted: Int64, previous: [Record], revision: Revision) {
    self.deleted = deleted
    self.previous = previous
    self.revision = revision
  }
}

/// A condition of a transaction. It holds if it holds for every live key in its range; where there is none, as in
/// etcd, for a single key and for a range alike, if it holds for a key whose numbers are all zero (never for
/// values).
public struct Comparison: Hashable, Sendable {
  /// How the two sides must relate.
  public enum Relation: UInt8, Hashable, Sendable { case equal, greater, less, notEqual }
  /// What of the key is compared, and with what.
  public enum Target: Hashable, Sendable {
    case version(Int64)
    case createRevision(Int64)
    case modRevision(Int64)
    case value(Bytes)
    case lease(Int64)
  }

  /// The keys compared.
  public var keys: KeyRange
  /// How the key's side must relate to the given one.
  public var relation: Relation
  /// What is compared, and with what.
  public var target: Target

  /// Describes a condition.
  public init(_ keys: KeyRange, _ relation: Relation, _ target: Target) {
    self.keys = keys
    self.relation = relation
    self.target = target
  }
}

/// A transaction: conditions, and what to do if all hold or if one does not.
public struct TransactionOperation: Hashable, Sendable {
  /// One step of a branch.
  public enum Step: Hashable, Sendable {
    case range(RangeOperation)
    case put(PutOperation)
    case deleteRange(DeleteRangeOperation)
    indirect case transaction(TransactionOperation)
  }

  /// All must hold for `success` to run.
  public var comparisons: [Comparison] = []
  /// Runs if all conditions hold.
  public var success: [Step] = []
  /// Runs if one does not.
  public var failure: [Step] = []

  /// An empty transaction.
  public init() {}
}

/// What a transaction did.
public struct TransactionResult: Sendable {
  /// What a step did.
  public enum Step: Sendable {
    case range(RangeResult)
    case put(PutResult)
    case deleteRange(DeleteRangeResult)
    indirect case transaction(TransactionResult)
  }

  /// Whether all conditions held.
  public var succeeded: Bool
  /// One result for each step of the branch that ran.
  public var steps: [Step]
  /// The store's revision after the transaction; 0 in a nested one's result, whose header etcd leaves empty.
  public var revision: Revision

  /// Describes a result.
  public init(succeeded: Bool, steps: [Step], revision: Revision) {
    self.succeeded = succeeded
    self.steps = steps
    self.revision = revision
  }
}
