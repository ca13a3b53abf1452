import Foundation
import Primitives
import Synchronization
import Testing

@testable import MVCC

/// Real threads: one writes and publishes, one for each client pulls, creates and cancels, one reads history.
@Suite struct WatchThreadTests {
  @Test("nothing is lost or doubled when writer, clients and history readers run at once")
  func threads() {
    let model = WatchModel()
    var bounds = WatchBounds()
    bounds.pendingEvents = 50
    bounds.pendingEventsPerWatch = 2
    bounds.sliceEvents = 64
    let hub = WatchHub(source: model, progressInterval: .milliseconds(1), bounds: bounds)
    let isWritten = WatchClient.Counter()
    let isOver = WatchClient.Counter()
    let finished = DispatchSemaphore(value: 0)
    let complaints = Mutex<[String]>([])
    let delivered = Mutex(0)
    let toRead = Mutex<[WatchStream]>([])
    let clientCount = 3
    let hasBegun = WatchClient.Counter()

    Thread.detachNewThread {
      var random = WatchRandom(seed: 1)
      while hasBegun.value.load(ordering: .acquiring) < clientCount { usleep(100) }
      for number in 0..<2500 {
        let place = Int.random(in: 0..<20, using: &random)
        let keys = WatchRandomTests.keys[place..<place + Int.random(in: 1...4, using: &random)]
        model.write(keys.map { ($0, random.chance(20) ? nil : [1, 2, 3]) })
        if random.chance(50) { hub.publish(through: model.currentRevision) }
        if number % 50 == 0 {
          model.forget(below: Revision(model.currentRevision.rawValue - 100))
          hub.tick(now: UInt64(number) * 1_000_000)
        }
      }
      hub.publish(through: model.currentRevision)
      isWritten.value.store(1, ordering: .releasing)
      finished.signal()
    }
    Thread.detachNewThread {
      while isOver.value.load(ordering: .acquiring) < clientCount {
        let streams = toRead.withLock { list in
          defer { list = [] }
          return list
        }
        for stream in streams { stream.readHistory() }
        if streams.isEmpty { usleep(100) }
      }
      finished.signal()
    }
    for place in 0..<clientCount {
      Thread.detachNewThread {
        let client = WatchClient(hub: hub, model: model)
        var random = WatchRandom(seed: UInt64(place) + 10)
        for key in WatchRandomTests.keys.prefix(4) {
          _ = client.create(WatchRequest(KeyRange(key)))
        }
        hasBegun.value.add(1, ordering: .acquiringAndReleasing)
        let deadline = Date(timeIntervalSinceNow: 30)
        while Date() < deadline {
          let isWriting = isWritten.value.load(ordering: .acquiring) == 0
          if isWriting, client.watches.count < 8, random.chance(10) {
            let key = WatchRandomTests.keys[Int.random(in: 0..<24, using: &random)]
            var request = WatchRequest(random.chance(50) ? KeyRange(key) : .prefix([107]))
            let back = Int64.random(in: 0...200, using: &random)
            request.startRevision = Revision(max(1, model.currentRevision.rawValue - back))
            if random.chance(30) { request.startRevision = .zero }
            request.progressNotify = true
            _ = client.create(request)
          }
          if isWriting, random.chance(1), let id = client.watches.keys.min() { client.cancel(id) }
          if random.chance(1) { client.stream.requestProgress() }
          let isDrained = client.pull(atMost: 5, maxBytes: 300)
          if client.wantsHistory {
            client.wantsHistory = false
            toRead.withLock { $0.append(client.stream) }
          }
          if isDrained {
            let isQuiet = client.stream.statistics.slowWatches == 0
            if !isWriting, isQuiet, client.wakes.value.load(ordering: .acquiring) == 0 { break }
            usleep(50)
          } else if place == 2 {
            usleep(500)
          }
        }
        client.checkAll()
        complaints.withLock { $0 += client.complaints }
        delivered.withLock { $0 += client.outputs }
        client.stream.close()
        isOver.value.add(1, ordering: .acquiringAndReleasing)
        finished.signal()
      }
    }
    for _ in 0..<(clientCount + 2) { finished.wait() }
    let found = complaints.withLock { $0 }
    #expect(found.isEmpty, "\(found.prefix(3))")
    #expect(delivered.withLock { $0 } > 100)
    #expect(hub.statistics.watches == 0)
  }
}
