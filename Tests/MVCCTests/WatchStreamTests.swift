import Primitives
import Synchronization
import Testing

@testable import MVCC

@Suite struct WatchStreamTests {
  let model = WatchModel()

  func hub(_ change: (inout WatchBounds) -> Void = { _ in }) -> WatchHub {
    var bounds = WatchBounds()
    change(&bounds)
    return WatchHub(source: model, progressInterval: .seconds(1), bounds: bounds)
  }

  func put(_ hub: WatchHub?, _ keys: String..., bytes: Int = 1) {
    model.write(keys.map { (Bytes($0.utf8), Bytes(repeating: 7, count: bytes)) })
    hub?.publish(through: model.currentRevision)
  }

  func request(_ key: String, from: Int64 = 0) -> WatchRequest {
    var request = WatchRequest(KeyRange(Bytes(key.utf8)))
    request.startRevision = Revision(from)
    return request
  }

  func isNone(_ output: WatchOutput) -> Bool {
    if case .none = output { return true }
    return false
  }

  func events(_ output: WatchOutput) -> (id: Int64, events: [WatchEvent], isFragment: Bool)? {
    if case .events(let id, _, let events, let isFragment) = output {
      return (id, events, isFragment)
    }
    return nil
  }

  @Test("identifiers count from 0, skip those chosen by the client, and are refused a second time")
  func identifiers() {
    let stream = hub().openStream {}
    var chosen = request("a")
    chosen.watchID = 1
    let revision = Revision(1)
    #expect(stream.create(request("a")) == .created(watchID: 0, revision: revision))
    #expect(stream.create(chosen) == .created(watchID: 1, revision: revision))
    #expect(stream.create(request("a")) == .created(watchID: 2, revision: revision))
    #expect(
      stream.create(chosen)
        == .refused(
          reason: "mvcc: duplicate watch ID provided on the WatchStream", revision: revision))
    #expect(stream.cancel(1))
    #expect(!stream.cancel(1))
    #expect(stream.create(chosen) == .created(watchID: 1, revision: revision))
    stream.close()
    stream.close()
    guard case .refused = stream.create(chosen) else {
      Issue.record("a closed stream took a watch")
      return
    }
  }

  @Test("a hub that is closed lets go of its streams, those that wait for a report included")
  func closing() {
    weak var gone: WatchHub?
    weak var stream: WatchStream?
    do {
      let hub = hub()
      let open = hub.openStream {}
      _ = open.create(request("a"))
      open.requestProgress()
      (gone, stream) = (hub, open)
      hub.close()
      #expect(hub.statistics.streams == 0)
    }
    #expect(gone == nil && stream == nil)
  }

  @Test("an empty range is refused, and so is one watch too many")
  func refusals() {
    let stream = hub { $0.watches = 1 }.openStream {}
    let empty = WatchRequest(KeyRange(Bytes("b".utf8), end: Bytes("a".utf8)))
    #expect(
      stream.create(empty)
        == .refused(reason: "mvcc: watcher range is empty", revision: Revision(1)))
    guard case .created = stream.create(request("a")) else {
      Issue.record("the first watch was refused")
      return
    }
    guard case .refused(let reason, _) = stream.create(request("a")) else {
      Issue.record("the bound does not hold")
      return
    }
    #expect(reason.contains("1 watches"))
  }

  @Test("a watch that starts below the compaction floor is created and then cancelled")
  func compactedStart() {
    let hub = hub()
    for _ in 0..<5 { put(hub, "a") }
    model.compact(at: Revision(4))
    let stream = hub.openStream {}
    #expect(stream.create(request("a", from: 3)) == .created(watchID: 0, revision: Revision(6)))
    guard case .canceled(0, _, let compacted, "") = stream.next(maxBytes: 100) else {
      Issue.record("it is not cancelled")
      return
    }
    #expect(compacted == Revision(4))
    #expect(isNone(stream.next(maxBytes: 100)))
    #expect(hub.statistics.watches == 0)
    #expect(stream.create(request("a", from: 4)) == .created(watchID: 1, revision: Revision(6)))
    #expect(events(stream.next(maxBytes: 1000))?.events.map(\.revision.main.rawValue) == [4, 5, 6])
  }

  @Test("a watch from a future revision is told nothing before it")
  func futureStart() {
    let hub = hub()
    let stream = hub.openStream {}
    _ = stream.create(request("a", from: 4))
    stream.requestProgress()
    put(hub, "a")
    #expect(isNone(stream.next(maxBytes: 100)))
    put(hub, "a")
    guard case .progress(-1, Revision(3)) = stream.next(maxBytes: 100) else {
      Issue.record("no progress just before the start")
      return
    }
    put(hub, "a")
    #expect(events(stream.next(maxBytes: 100))?.events.map(\.revision.main.rawValue) == [4])
  }

  @Test("a transaction comes whole, and in fragments only if that was asked for")
  func fragments() {
    let hub = hub { $0.fragmentBytes = 100 }
    let stream = hub.openStream {}
    var whole = WatchRequest(.prefix([]))
    _ = stream.create(whole)
    whole.fragment = true
    _ = stream.create(whole)
    put(hub, "a", "b", "c", bytes: 60)
    put(hub, "d")
    let first = events(stream.next(maxBytes: 10))
    #expect(first?.events.count == 3)
    #expect(first?.isFragment == false)
    var parts: [(id: Int64, events: [WatchEvent], isFragment: Bool)] = []
    while let part = events(stream.next(maxBytes: 10)) {
      parts.append(part)
      if !part.isFragment { break }
    }
    #expect(parts.map(\.events.count) == [1, 1, 1])
    #expect(parts.map(\.id) == [1, 1, 1])
  }

  @Test("a client is woken once, until it has pulled everything")
  func wakes() {
    let hub = hub()
    let wakes = WatchClient.Counter()
    let stream = hub.openStream { wakes.value.add(1, ordering: .relaxed) }
    _ = stream.create(request("a"))
    for _ in 0..<3 { put(hub, "a") }
    put(hub, "other")
    #expect(wakes.value.load(ordering: .relaxed) == 1)
    #expect(events(stream.next(maxBytes: 1000))?.events.count == 3)
    put(hub, "a")
    #expect(wakes.value.load(ordering: .relaxed) == 1)
    #expect(events(stream.next(maxBytes: 1000))?.events.count == 1)
    #expect(isNone(stream.next(maxBytes: 1000)))
    put(hub, "other")
    #expect(wakes.value.load(ordering: .relaxed) == 1)
    put(hub, "a")
    #expect(wakes.value.load(ordering: .relaxed) == 2)
  }

  @Test("requested progress waits for a watch, and for the revision that the store had")
  func requestedProgress() {
    let hub = hub()
    let wakes = WatchClient.Counter()
    let stream = hub.openStream { wakes.value.add(1, ordering: .relaxed) }
    stream.requestProgress()
    #expect(isNone(stream.next(maxBytes: 100)))
    _ = stream.create(request("a"))
    guard case .progress(-1, Revision(1)) = stream.next(maxBytes: 100) else {
      Issue.record("no progress with a watch")
      return
    }
    #expect(isNone(stream.next(maxBytes: 100)))
    put(nil, "b")
    stream.requestProgress()
    #expect(isNone(stream.next(maxBytes: 100)))
    let before = wakes.value.load(ordering: .relaxed)
    hub.publish(through: model.currentRevision)
    #expect(wakes.value.load(ordering: .relaxed) == before + 1)
    guard case .progress(-1, Revision(2)) = stream.next(maxBytes: 100) else {
      Issue.record("no progress after publication")
      return
    }
  }

  @Test("idle watches that asked for it report progress, busy ones do not")
  func idleProgress() {
    let hub = hub()
    let stream = hub.openStream {}
    for key in ["a", "b", "c"] {
      var request = request(key)
      request.progressNotify = key != "c"
      _ = stream.create(request)
    }
    hub.tick(now: 0)
    put(hub, "a")
    #expect(events(stream.next(maxBytes: 100))?.id == 0)
    #expect(isNone(stream.next(maxBytes: 100)))
    hub.tick(now: 999_999_999)
    #expect(isNone(stream.next(maxBytes: 100)))
    hub.tick(now: 1_000_000_000)
    guard case .progress(1, Revision(2)) = stream.next(maxBytes: 100) else {
      Issue.record("the idle watch is silent")
      return
    }
    #expect(isNone(stream.next(maxBytes: 100)))
  }

  @Test("a stream that is not pulled holds a bounded number of events and reads the rest later")
  func slowStream() {
    let hub = hub {
      $0.pendingEvents = 100
      $0.pendingEventsPerWatch = 2
    }
    let stream = hub.openStream {}
    _ = stream.create(WatchRequest(.prefix([])))
    for _ in 0..<1000 { put(hub, "a", "b") }
    #expect(hub.statistics.pendingEvents <= 102)
    #expect(hub.statistics.fallenBehind == 1)
    #expect(hub.statistics.slowWatches == 1)
    model.forget(below: model.currentRevision)
    guard case .needsHistory = stream.next(maxBytes: 1 << 20) else {
      Issue.record("history is not asked for")
      return
    }
    var total = 0
    for _ in 0..<100 where total < 2000 {
      stream.readHistory()
      while let found = events(stream.next(maxBytes: 1 << 20)) { total += found.events.count }
    }
    #expect(total == 2000)
    #expect(hub.statistics.historyReads > 0)
    #expect(hub.statistics.slowWatches == 0)
  }

  @Test("history that cannot be read ends the watch with a reason")
  func brokenHistory() {
    let hub = hub()
    for _ in 0..<5 { put(hub, "a") }
    model.forget(below: model.currentRevision)
    model.state.withLock { $0.isHistoryBroken = true }
    let stream = hub.openStream {}
    _ = stream.create(request("a", from: 2))
    guard case .needsHistory = stream.next(maxBytes: 100) else {
      Issue.record("history is not asked for")
      return
    }
    stream.readHistory()
    guard case .canceled(0, _, .zero, let reason) = stream.next(maxBytes: 100) else {
      Issue.record("the watch lives on")
      return
    }
    #expect(reason.contains("the disk is gone"))
  }

  @Test("an event is encoded from its records' stored bytes")
  func encoding() throws {
    model.write([(Bytes("k".utf8), Bytes("v1".utf8))])
    model.write([(Bytes("k".utf8), Bytes("v2".utf8))])
    model.write([(Bytes("k".utf8), nil)])
    let events = model.events
    for (event, type) in zip(events, [UInt64(0), 0, 1]) {
      var writer = ByteWriter()
      event.append(to: &writer)
      #expect(writer.count == event.encodedByteCount)
      var reader = ByteReader(writer.bytes)
      var found: [UInt64: Bytes] = [:]
      var foundType: UInt64 = 0
      while !reader.isAtEnd {
        let tag = try reader.readTag()
        if tag.field == 1 {
          foundType = try reader.readVarint()
        } else {
          found[tag.field] = Bytes(writer.bytes[try reader.readLengthDelimited()])
        }
      }
      #expect(foundType == type)
      var keyValue = ByteWriter()
      keyValue.append(event.record.stored)
      if event.record.isTombstone {
        keyValue.appendVarintField(3, event.revision.main.rawValue)
      }
      #expect(found[2] == keyValue.bytes)
      #expect(found[3] == event.previous?.stored)
    }
  }
}
