public import Primitives

/// What each revision of a store wrote: one answer to that, whichever member is asked.
///
/// It is filled from members' stores or from a watch on everything, and all else is held against it.
public struct RevisionHistory: Sendable {
  /// One change of one key.
  public struct Change: Hashable, Sendable {
    /// The key.
    public var key: Bytes
    /// What it was set to; nil for a deletion.
    public var value: Bytes?

    /// Describes a change.
    public init(key: Bytes, value: Bytes?) {
      self.key = key
      self.value = value
    }
  }

  /// A key's value, and the revision that set it.
  public struct Version: Hashable, Sendable {
    /// The value.
    public var value: Bytes
    /// The revision that set it.
    public var modified: Revision

    /// Describes a version.
    public init(value: Bytes, modified: Revision) {
      self.value = value
      self.modified = modified
    }
  }

  /// The revision before the first one that is known.
  public let base: Revision
  private var revisions: [[Change]] = []
  private var keys: [Bytes: [(revision: Revision, value: Bytes?)]] = [:]
  private var writers: [Bytes: Revision] = [:]
  private let valuesAreUnique: Bool

  /// An empty history that goes on after `base`. With `valuesAreUnique`, no two requests write the same value:
  /// one that is set at two revisions was carried out twice.
  public init(after base: Revision = Revision(1), valuesAreUnique: Bool = true) {
    self.base = base
    self.valuesAreUnique = valuesAreUnique
  }

  /// The newest revision that is known.
  public var last: Revision { Revision(base.rawValue + Int64(revisions.count)) }

  /// What a revision wrote, in order; nil if it is not known.
  public func changes(_ revision: Revision) -> [Change]? {
    let place = Int(clamping: revision.rawValue - base.rawValue - 1)
    return revisions.indices.contains(place) ? revisions[place] : nil
  }

  /// Takes what `source` says that a revision wrote, and says what is wrong with it, if anything is. Revisions
  /// that lie behind a gap are not taken.
  public mutating func add(
    _ changes: [Change], at revision: Revision, of source: @autoclosure () -> String
  ) -> Violation? {
    if let known = self.changes(revision) {
      return known == changes
        ? nil : Violation(.stateMachines, "\(source()) differs at revision \(revision)")
    }
    guard revision == last.next else { return nil }
    if changes.isEmpty {
      return Violation(.stateMachines, "\(source()) has nothing at revision \(revision)")
    }
    revisions.append(changes)
    for change in changes {
      keys[change.key, default: []].append((revision, change.value))
      guard valuesAreUnique, let value = change.value else { continue }
      if let earlier = writers.updateValue(revision, forKey: value) {
        return Violation(
          .stateMachines,
          "\(source()) carried out one write twice, at \(earlier) and at \(revision)")
      }
    }
    return nil
  }

  /// A key's version at a revision; nil where it did not exist.
  ///
  /// Cost: logarithmic in the key's versions.
  public func version(of key: Bytes, at revision: Revision) -> Version? {
    guard let versions = keys[key] else { return nil }
    var low = 0
    var high = versions.count
    while low < high {
      let middle = (low + high) / 2
      if versions[middle].revision <= revision { low = middle + 1 } else { high = middle }
    }
    guard low > 0, let value = versions[low - 1].value else { return nil }
    return Version(value: value, modified: versions[low - 1].revision)
  }

  /// The revision that set a value, where values are unique; nil if none did.
  public func revision(thatWrote value: Bytes) -> Revision? { writers[value] }
}
