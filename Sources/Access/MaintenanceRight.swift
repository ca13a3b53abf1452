internal import Primitives

/// What root can let other roles do beside keys.
///
/// etcd's API knows permissions on keys alone, so a right is expressed as one: on the single key
/// `keelson.dev/maintenance/NAME`. Only exactly that key counts. A permission on an interval, even on all keys,
/// gives no right, so no grant that was made for data ever reaches further than data.
public struct MaintenanceRight: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Compacting the history; needs write.
  public static let compact = MaintenanceRight(rawValue: 1)
  /// Taking a snapshot, which holds every key and every password's hash; needs read.
  public static let snapshot = MaintenanceRight(rawValue: 2)
  /// Asking for space to be reclaimed; needs write.
  public static let defragment = MaintenanceRight(rawValue: 4)
  /// Raising and clearing alarms; needs write.
  public static let alarm = MaintenanceRight(rawValue: 8)
  /// Hashing the history, to compare members; needs read.
  public static let hash = MaintenanceRight(rawValue: 16)

  /// What the keys that stand for rights begin with.
  public static let keyPrefix = "keelson.dev/maintenance/"

  /// The names under which rights are granted, and whether a right changes something.
  public static let named: [(name: String, right: MaintenanceRight, changes: Bool)] = [
    ("alarm", .alarm, true), ("compact", .compact, true), ("defragment", .defragment, true),
    ("hash", .hash, false), ("snapshot", .snapshot, false),
  ]

  private static let byKey: [Bytes: (right: MaintenanceRight, changes: Bool)] =
    Dictionary(
      uniqueKeysWithValues: named.map {
        (Bytes((keyPrefix + $0.name).utf8), ($0.right, $0.changes))
      }
    )

  /// The rights that a permission gives: none but for the reserved keys.
  static func given(by permission: KeyPermission) -> MaintenanceRight {
    guard permission.keys.isSingleKey, let entry = byKey[permission.keys.key] else { return [] }
    let isAllowed = entry.changes ? permission.kind.allowsWrite : permission.kind.allowsRead
    return isAllowed ? entry.right : []
  }
}
