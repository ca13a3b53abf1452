internal import KeelsonClient
internal import Primitives

/// Moves what one store holds into another one, while the first goes on.
///
/// One task uses it. What has been moved is known only by comparing the two: so it can begin again at any time.
final class Migration {
  /// Bytes that a page of either store is meant to have.
  private static let pageBytes = 2 << 20
  /// Bytes of one transaction there, about; below every server's largest request.
  static let transactionBytes = 1 << 20
  /// How long a destination that does not answer is asked again.
  private static let patience = Duration.seconds(60)
  /// How often the source's history may be compacted away under the copy before it is given up.
  private static let attemptsMax = 20

  let source: StoreClient
  let destination: StoreClient
  let operationsMax: Int
  let meter = MigrationMeter()
  /// The source's revision up to which its changes are in the destination.
  private(set) var position = Revision.zero
  /// Whether the destination may hold keys, so that it has to be looked at.
  private var reconciles = false

  init(source: StoreClient, destination: StoreClient, operationsMax: Int) {
    self.source = source
    self.destination = destination
    self.operationsMax = operationsMax
  }

  /// Refuses a destination that is not what it is taken for.
  func prepare(overwrites: Bool) async throws {
    let (there, here) = (try await count(source), try await count(destination))
    guard overwrites || here.count == 0 else {
      throw Failure(
        .error,
        "the destination holds \(here.count) keys: give --overwrite to make it the same as the source, "
          + "which deletes what the source has not")
    }
    reconciles = overwrites
    meter.say(
      "source: revision \(there.header.revision), \(there.count) keys; "
        + "destination: revision \(here.header.revision), \(here.count) keys")
    meter.expect(keys: there.count)
  }

  private func count(_ store: StoreClient) async throws(KeelsonError) -> RangeResponse {
    var request = RangeRequest(.all)
    request.countOnly = true
    return try await store.range(request)
  }

  /// The source's present revision.
  func sourceRevision() async throws(KeelsonError) -> Revision {
    try await count(source).header.revision
  }

  // MARK: The copy

  /// Makes the destination what the source is at one revision. Where the source compacts that revision away
  /// meanwhile, it begins again with a later one, and writes only what differs.
  func bringUp() async throws {
    for _ in 0..<Self.attemptsMax {
      do {
        try await copyAll()
        return
      } catch let error as KeelsonError where error.code == .compacted {
        meter.say(
          "the source has compacted its revision \(position) away: comparing with a later one")
        reconciles = true
      }
    }
    throw Failure(
      .error,
      "the source compacts its history faster than it can be copied: have it compact less often")
  }

  private func copyAll() async throws {
    var pages = StorePages(source, bytes: Self.pageBytes)
    meter.beginCopy()
    while let page = try await pages.next() {
      position = pages.revision
      var changes: [Operation] = []
      if reconciles {
        changes = try await differences(page)
      } else {
        changes = page.records.map { .put(PutRequest($0.key, $0.value)) }
      }
      try await write(changes)
      meter.copied(keys: page.records.count, bytes: page.byteCount)
    }
    position = pages.revision
    // From now on the destination holds something, and has to be looked at if this begins again.
    reconciles = true
    meter.endCopy(at: position)
  }

  /// What makes the destination's part of a page's keys the same as the page.
  private func differences(_ page: StorePage) async throws -> [Operation] {
    var wanted: [Bytes: Bytes] = [:]
    for record in page.records { wanted[record.key] = record.value }
    var changes: [Operation] = []
    var pages = StorePages(destination, bytes: Self.pageBytes, keys: page.keys)
    while let found = try await pages.next() {
      for record in found.records {
        if let value = wanted.removeValue(forKey: record.key) {
          if value != record.value { changes.append(.put(PutRequest(record.key, value))) }
        } else {
          changes.append(.delete(DeleteRequest(.key(record.key))))
        }
      }
    }
    for record in page.records where wanted[record.key] != nil {
      changes.append(.put(PutRequest(record.key, record.value)))
    }
    return changes
  }

  /// Writes changes of distinct keys whose order does not matter, in transactions as large as they may be.
  func write(_ changes: [Operation]) async throws {
    var transaction = Transaction()
    var bytes = 0
    for change in changes {
      let more = change.byteCount
      if !transaction.success.isEmpty,
        transaction.success.count == operationsMax || bytes + more > Self.transactionBytes
      {
        try await commit(transaction)
        (transaction, bytes) = (Transaction(), 0)
      }
      transaction.success.append(change)
      bytes += more
    }
    if !transaction.success.isEmpty { try await commit(transaction) }
  }

  /// Commits what may as well be committed twice: puts and deletions without conditions.
  func commit(_ transaction: Transaction) async throws {
    let deadline = ContinuousClock.now + Self.patience
    while true {
      do throws(KeelsonError) {
        try await destination.commit(transaction)
        return
      } catch {
        let mayPass: Set<KeelsonError.Code> = [.unavailable, .connectionFailed, .deadlineExceeded]
        guard mayPass.contains(error.code), ContinuousClock.now < deadline else {
          throw Failure(
            .error,
            "the destination refuses what came from the source: \(error.message); when it is well "
              + "again, run the command with --overwrite, and it goes on")
        }
        try await Task.sleep(for: .milliseconds(500))
      }
    }
  }

  // MARK: The changes after the copy

  /// Brings the source's changes over until `isDone` holds, which is asked after each response of the watch, and
  /// twice a second, with the position reached.
  ///
  /// Where the source has compacted away what comes next, both stores are compared anew.
  func follow(until isDone: (Revision) async throws -> Bool) async throws {
    while true {
      do {
        try await followOnce(until: isDone)
        return
      } catch let error as KeelsonError where error.code == .compacted {
        meter.say(
          "the source has compacted its revision \(position) away: comparing with a later one")
        try await bringUp()
      }
    }
  }

  private func followOnce(until isDone: (Revision) async throws -> Bool) async throws {
    // The watch runs in a task of its own, so that time passes here although nothing is written there.
    let queue = ResponseQueue()
    let request = WatchRequest(.all, startRevision: Revision(position.rawValue + 1))
    let responses = source.watch(request)
    let watching = Task {
      do {
        for try await response in responses { await queue.put(response) }
        await queue.end(with: nil)
      } catch {
        await queue.end(with: error)
      }
    }
    defer { watching.cancel() }
    while true {
      switch try await queue.take(waiting: .milliseconds(500)) {
      case .response(let response): try await apply(response)
      case .nothing: break
      case .end: return
      }
      meter.followed(to: position)
      if try await isDone(position) { return }
    }
  }

  /// Writes a response's changes: each revision's together, and several revisions' in one transaction as long as
  /// no key comes twice.
  private func apply(_ response: WatchResponse) async throws {
    var batch = ChangeBatch(operationsMax: operationsMax, bytesMax: Self.transactionBytes)
    for change in ChangeBatch.revisions(of: response) {
      if !batch.takes(change) {
        try await write(&batch)
      }
      batch.add(change)
    }
    try await write(&batch)
    meter.count(events: response.events.count)
  }

  private func write(_ batch: inout ChangeBatch) async throws {
    guard let last = batch.lastRevision else { return }
    try await write(batch.operations)
    position = last
    batch.removeAll()
  }
}

extension Operation {
  /// Bytes that it adds to a request, about.
  var byteCount: Int {
    switch self {
    case .put(let put): put.key.count + put.value.count + 32
    case .delete(let deletion): deletion.keys.key.count + deletion.keys.rangeEnd.count + 32
    case .range, .transaction: 64
    }
  }
}
