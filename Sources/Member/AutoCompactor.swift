internal import Environment
internal import Primitives

/// Which revisions to compact when nobody asks: etcd's two modes.
///
/// Periodic: the revision of each tenth of an interval is noted, the interval being the retention
/// or an hour, whichever is shorter; once a revision is older than the retention it is compacted,
/// once an interval. Revision: every five minutes, all but the latest so many.
struct AutoCompactor {
  private struct Sample {
    var time: MonotonicTime
    var revision: Revision
  }

  private static let revisionModeInterval = Duration.seconds(300)
  private static let longestInterval: Int64 = 3_600

  private let mode: AutoCompaction
  private var samples: [Sample] = []
  private var nextLook: MonotonicTime
  private var nextCompaction: MonotonicTime
  private var lastCompacted = Revision.zero

  init(_ mode: AutoCompaction, now: MonotonicTime) {
    self.mode = mode
    nextLook = now
    nextCompaction = now
    switch mode {
    case .off: break
    case .periodic(let seconds): nextCompaction = now + .seconds(seconds)
    case .revision: nextLook = now + Self.revisionModeInterval
    }
  }

  /// The revision to compact now, or nil. To be asked at least every second.
  mutating func due(now: MonotonicTime, revision: Revision) -> Revision? {
    guard mode != .off, now >= nextLook else { return nil }
    switch mode {
    case .off: return nil
    case .revision(let kept):
      nextLook = now + Self.revisionModeInterval
      return announce(Revision(revision.rawValue - kept))
    case .periodic(let seconds):
      let interval = Duration.seconds(min(seconds, Self.longestInterval))
      nextLook = now + interval / 10
      samples.append(Sample(time: now, revision: revision))
      guard now >= nextCompaction else { return nil }
      // The latest sample that is as old as the retention; older ones have served.
      let limit = now + .seconds(-seconds)
      guard let last = samples.lastIndex(where: { $0.time <= limit }) else { return nil }
      let old = samples[last].revision
      samples.removeFirst(last + 1)
      nextCompaction = now + interval
      return announce(old)
    }
  }

  private mutating func announce(_ revision: Revision) -> Revision? {
    guard revision > lastCompacted, revision.rawValue > 0 else { return nil }
    lastCompacted = revision
    return revision
  }
}
