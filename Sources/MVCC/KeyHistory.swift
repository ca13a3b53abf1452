internal import Primitives

/// The older versions of one key that compaction has not dropped: where they are, not what they say.
///
/// All records of a key share one history; the newest record is not in it. Only the store touches its contents,
/// under its lock.
public final class KeyHistory: @unchecked Sendable {
  /// One older version, in 16 bytes.
  struct Version {
    let main: Int64
    /// The place in the transaction, and in the top bit whether the version is a deletion.
    private let packed: UInt32
    /// Bytes of the stored form.
    let byteCount: Int32

    init(_ record: Record) {
      let revision = record.revision
      invariant(
        revision.sub >= 0 && revision.sub < 1 << 31,
        "a transaction made \(revision.sub) writes")
      main = revision.main.rawValue
      packed = UInt32(revision.sub) | (record.isTombstone ? 1 << 31 : 0)
      byteCount = Int32(record.byteCount)
    }

    var isTombstone: Bool { packed >> 31 != 0 }
    var revision: SubRevision {
      SubRevision(main: Revision(main), sub: Int64(packed & 0x7FFF_FFFF))
    }
  }

  private var versions: [Version] = []
  private var head = 0
  /// Deletions that compaction took from the front before their successors were due.
  private var skips = 0

  /// No older versions.
  init() {}

  /// The number of versions.
  var count: Int { versions.count - head }

  /// The oldest version.
  var first: Version? { head < versions.count ? versions[head] : nil }

  /// Adds the version that has just been superseded.
  func append(_ version: Version) { versions.append(version) }

  /// The newest of these versions at or below a revision. Cost: O(log n).
  func newest(atOrBelow revision: Revision) -> Version? {
    var low = head
    var high = versions.count
    while low < high {
      let middle = (low + high) / 2
      if versions[middle].main <= revision.rawValue { low = middle + 1 } else { high = middle }
    }
    return low > head ? versions[low - 1] : nil
  }

  /// The newest of these versions before a write. Cost: O(log n).
  func newest(before revision: SubRevision) -> Version? {
    var low = head
    var high = versions.count
    while low < high {
      let middle = (low + high) / 2
      if versions[middle].revision < revision { low = middle + 1 } else { high = middle }
    }
    return low > head ? versions[low - 1] : nil
  }

  /// Drops the oldest version because its successor has become old enough; nil if it is gone already.
  func removeSuperseded() -> Version? {
    if skips > 0 {
      skips -= 1
      return nil
    }
    return removeFirst()
  }

  /// Drops the oldest version, a deletion, before its successor is due.
  func removeTombstone() -> Version {
    skips += 1
    return removeFirst()
  }

  private func removeFirst() -> Version {
    invariant(head < versions.count, "a key's history is shorter than what supersedes it")
    let version = versions[head]
    head += 1
    if head == versions.count {
      versions = []
      head = 0
    } else if head >= 32, head * 2 >= versions.count {
      versions.removeFirst(head)
      head = 0
    }
    return version
  }

  /// Bytes that the versions take in the engine.
  var logicalBytes: Int64 {
    versions[head...].reduce(0) {
      $0 + StoreLayout.byteCount($1.revision, stored: Int($1.byteCount))
    }
  }

  /// Ends the process unless the versions ascend and all lie before `newest`.
  func checkInvariants(newest: SubRevision) {
    var last: SubRevision?
    for version in versions[head...] {
      if let last {
        invariant(last < version.revision, "history goes from \(last) to \(version.revision)")
      }
      last = version.revision
    }
    if let last { invariant(last < newest, "history reaches \(last), newest is \(newest)") }
  }
}
