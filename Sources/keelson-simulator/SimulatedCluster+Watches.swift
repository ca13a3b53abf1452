import ClientHistory
import MVCC
import Primitives
import ReplicaCore

/// A client that watches, from member to member.
struct Watcher {
  var checker: WatchChecker
  let range: KeyRange
  var connection: (stream: WatchStream, member: MemberID, life: Int)?

  /// Watches all objects, or but a few.
  init(isNarrow: Bool = false) {
    let from = Bytes((isNarrow ? "/registry/pods/default/p1" : "/").utf8)
    let end = Bytes((isNarrow ? "/registry/pods/default/p3" : "0").utf8)
    range = KeyRange(from, end: end)
    checker = WatchChecker(after: Revision(1), from: from, end: end)
  }
}

extension SimulatedCluster {
  func pull(_ place: Int) {
    if let present = watchers[place].connection {
      let member = member(present.member)
      if !member.isUp || member.life != present.life || !isQuiet && below(60) == 0 {
        present.stream.close()
        disconnect(place)
        mark(.watchMoved)
      } else {
        drain(place, present.stream)
      }
    }
    if watchers[place].connection == nil { connect(place) }
  }

  private func disconnect(_ place: Int) {
    watchers[place].checker.reconnect()
    watchers[place].connection = nil
  }

  private func connect(_ place: Int) {
    let up = members.filter(\.isUp)
    guard !up.isEmpty else { return }
    let member = up[below(up.count)]
    guard let hub = member.hub, let store = member.replica?.store else { return }
    if watchers[place].checker.last < store.compactedRevision {
      // What it missed is compacted: it begins anew, as a client that lists first.
      mark(.watchCompacted)
      compareHistory(member)
      watchers[place].checker.begin(after: store.currentRevision)
    }
    let stream = hub.openStream(onReady: {})
    var request = WatchRequest(watchers[place].range)
    request.startRevision = watchers[place].checker.last.next
    _ = stream.create(request)
    if below(4) == 0 { stream.requestProgress() }
    watchers[place].connection = (stream, member.id, member.life)
  }

  private func drain(_ place: Int, _ stream: WatchStream) {
    let history = machines.history
    for _ in 0..<50 {
      switch stream.next(maxBytes: 1 << 16) {
      case .none: return
      case .needsHistory:
        mark(.watchHistory)
        stream.readHistory()
      case .progress(_, let revision):
        check(watchers[place].checker.take(progressAt: revision, in: history))
      case .canceled:
        mark(.watchCompacted)
        stream.close()
        return disconnect(place)
      case .events(_, let revision, let events, let isFragment):
        for event in events {
          let record = event.record
          check(
            watchers[place].checker.take(
              .init(key: record.key, value: record.isTombstone ? nil : record.value),
              at: event.revision.main, in: history))
        }
        if !isFragment {
          check(watchers[place].checker.take(progressAt: revision, in: history))
        }
      }
    }
  }
}
