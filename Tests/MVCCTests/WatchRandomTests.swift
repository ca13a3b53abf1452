import Primitives
import Synchronization
import Testing

@testable import MVCC

/// Random histories, watched by clients of every speed; the seed is in the test's name when it fails.
@Suite struct WatchRandomTests {
  static let keys: [Bytes] = (0..<24).map { Bytes("k/\($0 % 4)/\($0)".utf8) }

  @Test(
    "every watch is told exactly what happened in its range, in order, from its start until its end",
    arguments: 1...8 as ClosedRange<UInt64>)
  func exactDelivery(seed: UInt64) {
    let run = WatchRandomRun(seed: seed)
    run.go(steps: 2500)
    #expect(run.complaints.isEmpty, "seed \(seed): \(run.complaints.prefix(3))")
    let reached = run.statistics
    #expect(reached.recentReads > 0, "seed \(seed) never caught up from memory")
    #expect(reached.historyReads > 0, "seed \(seed) never caught up from history")
    #expect(reached.fallenBehind > 0, "seed \(seed) never fell behind")
    #expect(reached.compactedWatches > 0, "seed \(seed) never was overtaken by compaction")
    #expect(reached.deliveredEvents > 300)
    #expect(run.progressReports > 10)
    #expect(reached.pendingEvents == 0)
    #expect(reached.slowWatches == 0)
    run.close()
    #expect(run.statistics.watches == 0)
    #expect(run.statistics.streams == 0)
  }
}

/// One random history.
final class WatchRandomRun {
  let model = WatchModel()
  let hub: WatchHub
  var random: WatchRandom
  var clients: [WatchClient] = []
  var past: [WatchClient] = []
  var now: UInt64 = 0
  var mostPending = 0

  init(seed: UInt64) {
    random = WatchRandom(seed: seed)
    var bounds = WatchBounds()
    bounds.pendingEvents = Int.random(in: 4...60, using: &random)
    bounds.pendingEventsPerWatch = 2
    bounds.sliceEvents = Int.random(in: 1...40, using: &random)
    bounds.slicesPerRead = Int.random(in: 1...4, using: &random)
    bounds.inlineWatches = random.chance(30) ? 0 : Int.random(in: 1...8, using: &random)
    bounds.lookup = Int.random(in: 1...20, using: &random)
    bounds.fragmentBytes = Int.random(in: 1...200, using: &random)
    bounds.watches = 12
    hub = WatchHub(source: model, progressInterval: .nanoseconds(10), bounds: bounds)
    for _ in 0..<4 { clients.append(WatchClient(hub: hub, model: model)) }
  }

  var complaints: [String] { (clients + past).flatMap(\.complaints) }
  var statistics: WatchStatistics { hub.statistics }
  var progressReports: Int { (clients + past).reduce(0) { $0 + $1.progressReports } }

  func go(steps: Int) {
    for _ in 0..<steps {
      step()
      if !complaints.isEmpty { return }
    }
    hub.publish(through: model.currentRevision)
    // Everyone pulls until nothing is left.
    var isQuiet = false
    for _ in 0..<10_000 where !isQuiet {
      isQuiet = true
      for client in clients {
        if !client.pull(atMost: 1000, maxBytes: 200) { isQuiet = false }
        if client.wantsHistory {
          client.wantsHistory = false
          client.stream.readHistory()
          isQuiet = false
        }
        if client.wakes.value.load(ordering: .relaxed) > 0 { isQuiet = false }
      }
    }
    for client in clients + past { client.checkAll() }
  }

  func close() { for client in clients { client.stream.close() } }

  private func step() {
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<38: write()
    case 38..<48: hub.publish(through: model.currentRevision)
    case 48..<52: create()
    case 52..<54:
      let client = anyClient()
      if let id = client.watches.keys.sorted().randomElement(using: &random) { client.cancel(id) }
    case 54..<56:
      let back = Int64.random(in: 0...30, using: &random)
      model.forget(below: Revision(model.currentRevision.rawValue - back))
    case 56: if random.chance(50) { compact() }
    case 57..<60: anyClient().stream.requestProgress()
    case 60..<62:
      now += UInt64.random(in: 1...20, using: &random)
      hub.tick(now: now)
    case 62..<70:
      let client = anyClient()
      if client.wantsHistory {
        client.wantsHistory = false
        client.stream.readHistory()
      }
    case 70:
      if random.chance(10) { replaceClient() }
    default:
      // The first client is quick, the last one very slow.
      let place = Int.random(in: 0..<clients.count, using: &random)
      if place == 3, random.chance(80) { return }
      let maxBytes = Int.random(in: 0...400, using: &random)
      _ = clients[place].pull(atMost: 1 + (3 - place) * 4, maxBytes: maxBytes)
    }
  }

  private func anyClient() -> WatchClient {
    clients[Int.random(in: 0..<clients.count, using: &random)]
  }

  private func write() {
    var changes: [(key: Bytes, value: Bytes?)] = []
    var keys = WatchRandomTests.keys
    keys.shuffle(using: &random)
    for key in keys.prefix(random.chance(70) ? 1 : Int.random(in: 1...6, using: &random)) {
      let length = Int.random(in: 0...40, using: &random)
      changes.append((key, random.chance(25) ? nil : Bytes(repeating: 1, count: length)))
    }
    model.write(changes)
    if random.chance(60) { hub.publish(through: model.currentRevision) }
  }

  private func create() {
    let key = WatchRandomTests.keys[Int.random(in: 0..<24, using: &random)]
    var request: WatchRequest
    switch Int.random(in: 0..<5, using: &random) {
    case 0, 1: request = WatchRequest(KeyRange(key))
    case 2: request = WatchRequest(.prefix(Bytes(key.prefix(4))))
    case 3: request = WatchRequest(KeyRange(key, end: [0]))
    default: request = WatchRequest(KeyRange(key, end: key + [0xFF]))
    }
    let current = model.currentRevision.rawValue
    switch Int.random(in: 0..<4, using: &random) {
    case 0: break
    case 1: request.startRevision = Revision(current + Int64.random(in: 0...20, using: &random))
    default:
      request.startRevision = Revision(max(1, current - Int64.random(in: 0...90, using: &random)))
    }
    request.noPut = random.chance(15)
    request.noDelete = random.chance(15)
    request.previous = random.chance(50)
    request.progressNotify = random.chance(50)
    request.fragment = random.chance(30)
    _ = anyClient().create(request)
  }

  private func compact() {
    let floor = model.compactedRevision.rawValue
    let current = model.currentRevision.rawValue
    guard floor < current else { return }
    let revision = Revision(Int64.random(in: max(1, current - 60)...current, using: &random))
    model.compact(at: revision)
    if random.chance(50) { model.forget(below: revision) }
  }

  private func replaceClient() {
    let client = clients.removeFirst()
    client.stream.close()
    for watch in client.watches.values { client.ended.append(watch) }
    client.watches = [:]
    past.append(client)
    clients.insert(WatchClient(hub: hub, model: model), at: 0)
  }
}
