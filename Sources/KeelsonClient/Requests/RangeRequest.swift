package import EtcdProtocol
internal import FoundationEssentials
public import Primitives

/// What to read.
///
/// ```swift
/// var request = RangeRequest(.prefix("/registry/pods/"))
/// request.limit = 500
/// let page = try await client.range(request)
/// ```
public struct RangeRequest: Sendable, Hashable {
  /// What the records are ordered by.
  public enum SortTarget: Sendable, Hashable, CaseIterable {
    /// By key, bytewise.
    case key
    /// By version.
    case version
    /// By the revision that created the key.
    case created
    /// By the revision that last changed the key.
    case modified
    /// By value, bytewise.
    case value
  }

  /// In which direction the records are ordered.
  public enum SortOrder: Sendable, Hashable {
    /// As the server likes: ascending by key, or by the sort target if that is another.
    case none
    /// Smallest first.
    case ascending
    /// Greatest first.
    case descending
  }

  /// Which keys.
  public var keys: KeySelection
  /// The largest number of records; 0 means all.
  public var limit: Int64 = 0
  /// The revision to read at; zero means the newest.
  public var revision: Revision
  /// The direction of the order.
  public var sortOrder = SortOrder.none
  /// What the records are ordered by.
  public var sortTarget = SortTarget.key
  /// Whether the member may answer from what it has, without asking the others: faster, perhaps stale.
  public var isSerializable = false
  /// Leaves the values out.
  public var keysOnly = false
  /// Leaves the records out.
  public var countOnly = false
  /// Leaves records out that were last changed before; zero means none.
  public var minModRevision = Revision.zero
  /// Leaves records out that were last changed after; zero means none.
  public var maxModRevision = Revision.zero
  /// Leaves records out that were created before; zero means none.
  public var minCreateRevision = Revision.zero
  /// Leaves records out that were created after; zero means none.
  public var maxCreateRevision = Revision.zero

  /// Reads these keys, at the newest or at the given revision.
  public init(_ keys: KeySelection, revision: Revision = .zero) {
    self.keys = keys
    self.revision = revision
  }

  package var message: Etcdserverpb_RangeRequest {
    var message = Etcdserverpb_RangeRequest()
    message.key = Data(keys.key)
    message.rangeEnd = Data(keys.rangeEnd)
    message.limit = limit
    message.revision = revision.rawValue
    message.sortOrder =
      switch sortOrder {
      case .none: .none
      case .ascending: .ascend
      case .descending: .descend
      }
    message.sortTarget =
      switch sortTarget {
      case .key: .key
      case .version: .version
      case .created: .create
      case .modified: .mod
      case .value: .value
      }
    message.serializable = isSerializable
    message.keysOnly = keysOnly
    message.countOnly = countOnly
    message.minModRevision = minModRevision.rawValue
    message.maxModRevision = maxModRevision.rawValue
    message.minCreateRevision = minCreateRevision.rawValue
    message.maxCreateRevision = maxCreateRevision.rawValue
    return message
  }
}
