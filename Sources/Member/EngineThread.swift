internal import Engine
internal import Environment
internal import MVCC
internal import Primitives
internal import Synchronization
internal import Telemetry
internal import WriteAheadLog

/// What waits for the engine thread.
final class EngineWork: Sendable {
  private struct State {
    var wantsFlush = false
    var wantsReclaim = false
    var isStopping = false
    var compactions: [(revision: Revision, completion: @Sendable (Bool) -> Void)] = []
    var preparation: SegmentPreparation?
    /// Engines that are not in use any more, for as long as somebody still reads them.
    var retired: [Retired] = []
  }

  private struct Retired {
    weak var engine: (any Engine)?
    var directories: EngineDirectories
    var name: String
  }

  /// Bytes that the engine lacks at which it is fed at once, rather than at the next look.
  private static let eagerBytes = 4 * 1024 * 1024
  /// Bytes that the engine lacks at which writes are refused until it catches up.
  private static let backlogBytes = 256 * 1024 * 1024

  private let state = Mutex(State())
  private let wake = WakeWord()
  private let backlogged = Atomic<Bool>(false)

  /// Whether the engine is so far behind that writes must wait.
  var isBacklogged: Bool { backlogged.load(ordering: .relaxed) }

  /// Tells how much the engine lacks.
  func noteUnfed(_ bytes: Int) {
    backlogged.store(bytes > Self.backlogBytes, ordering: .relaxed)
    if bytes >= Self.eagerBytes { wake.signal() }
  }

  /// Asks for a flush.
  func requestFlush() {
    state.withLock { $0.wantsFlush = true }
    wake.signal()
  }

  /// Asks for space to be given back.
  func requestReclaim() {
    state.withLock { $0.wantsReclaim = true }
    wake.signal()
  }

  /// Wakes the thread because there may be history to drop.
  func noteCompaction() { wake.signal() }

  /// Has the log's next segment made ready.
  func prepare(_ work: SegmentPreparation) {
    state.withLock { $0.preparation = work }
    wake.signal()
  }

  /// Calls `completion` with true when history up to a revision has left the engine, or with false
  /// when the thread ends before that.
  func awaitCompaction(_ revision: Revision, _ completion: @escaping @Sendable (Bool) -> Void) {
    state.withLock { $0.compactions.append((revision, completion)) }
    wake.signal()
  }

  /// Tells the thread to flush and end.
  func stop() {
    state.withLock { $0.isStopping = true }
    wake.signal()
  }

  fileprivate func takeFlush() -> Bool { state.withLock { take(&$0.wantsFlush) } }
  fileprivate func takeReclaim() -> Bool { state.withLock { take(&$0.wantsReclaim) } }
  fileprivate var isStopping: Bool { state.withLock { $0.isStopping } }

  private func take(_ flag: inout Bool) -> Bool {
    defer { flag = false }
    return flag
  }

  fileprivate func completeCompactions(through revision: Revision) {
    let done = state.withLock { state in
      let done = state.compactions.filter { $0.revision <= revision }
      state.compactions.removeAll { $0.revision <= revision }
      return done
    }
    for compaction in done { compaction.completion(true) }
  }

  fileprivate func abandonCompactions() {
    let waiting = state.withLock { state in
      defer { state.compactions = [] }
      return state.compactions
    }
    for compaction in waiting { compaction.completion(false) }
  }

  /// Removes an engine's directory once nobody reads it any more.
  func retire(_ engine: any Engine, _ directories: EngineDirectories, _ name: String) {
    state.withLock {
      $0.retired.append(Retired(engine: engine, directories: directories, name: name))
    }
  }

  fileprivate func removeRetired() {
    let gone = state.withLock { state in
      let gone = state.retired.filter { $0.engine == nil }
      if !gone.isEmpty { state.retired.removeAll { $0.engine == nil } }
      return gone
    }
    for engine in gone { engine.directories.remove(engine.name) }
  }

  fileprivate func runPreparation() { state.withLock { $0.preparation.take() }?.run() }

  fileprivate func sleep(milliseconds: Int64) {
    wake.wait(timeoutNanoseconds: milliseconds * 1_000_000)
  }
}

/// What the engine thread does: it feeds the engine from behind, flushes it, drops history in
/// slices, and gives space back, so that none of that holds up the replica thread.
///
/// `@unchecked`: only the thread itself uses what varies.
final class EngineThread: @unchecked Sendable {
  /// How long a write waits at most before the engine is fed.
  private static let lookMilliseconds: Int64 = 500
  /// How many times as long as a slice of compaction the pause behind it is, and its bounds in milliseconds. The
  /// longest keeps a slow disk from making history grow faster than it is dropped.
  private static let restPerSlice: Int64 = 4
  private static let leastPause: Int64 = 1
  private static let longestPause: Int64 = 10
  /// The wait after a refusal before the engine is asked again, and for how long it is asked.
  private static let retryInterval = Duration.seconds(2)
  private static let patience = Duration.seconds(60)

  private let shared: MemberState
  private let clock: any Clock
  private let propose: @Sendable (Revision) -> Void
  private let periodic: @Sendable (MonotonicTime) -> Void
  private var compactor: AutoCompactor
  private var problem: String?
  private var refusedSince: MonotonicTime?

  /// `propose` is called with revisions that the configuration wants compacted, `periodic` about twice a second.
  init(
    shared: MemberState, clock: any Clock, periodic: @escaping @Sendable (MonotonicTime) -> Void,
    propose: @escaping @Sendable (Revision) -> Void
  ) {
    self.periodic = periodic
    self.shared = shared
    self.clock = clock
    self.propose = propose
    compactor = AutoCompactor(shared.configuration.autoCompaction, now: clock.now())
  }

  /// Runs until the work's `stop`; then everything that was applied has been flushed, if the disk
  /// allows.
  func run() {
    while !shared.engineWork.isStopping {
      if look() {
        shared.engineWork.sleep(milliseconds: Self.lookMilliseconds)
      } else {
        // What wakes the thread meanwhile does not make the engine take more.
        let retry = clock.now() + Self.retryInterval
        while clock.now() < retry, !shared.engineWork.isStopping {
          shared.engineWork.sleep(milliseconds: Self.lookMilliseconds)
        }
      }
    }
    attempt { () throws(StoreError) in _ = try shared.store.flush() }
    shared.engineWork.abandonCompactions()
  }

  /// Does what there is to do; false if the engine refused for a reason that may pass.
  private func look() -> Bool {
    let now = clock.now()
    shared.engineWork.runPreparation()
    shared.engineWork.removeRetired()
    shared.watches.tick(now: now.nanoseconds)
    periodic(now)
    if let revision = compactor.due(now: now, revision: shared.store.currentRevision) {
      propose(revision)
    }
    if shared.store.unfedBytes > 0 {
      let begin = clock.now()
      guard attempt({ () throws(StoreError) in try shared.store.feedEngine() }) else {
        return false
      }
      shared.engineFeeds.observe(nanoseconds: (clock.now() - begin).saturatingNanoseconds)
      shared.engineWork.noteUnfed(shared.store.unfedBytes)
    }
    if shared.engineWork.takeFlush() {
      guard flush() else {
        shared.engineWork.requestFlush()
        return false
      }
    }
    guard compact() else { return false }
    if shared.engineWork.takeReclaim() { return reclaim() }
    return true
  }

  private func flush() -> Bool {
    let begin = clock.now()
    var index = LogIndex.zero
    let isDone = attempt { () throws(StoreError) in index = try shared.store.flush() }
    guard isDone else { return false }
    let nanoseconds = UInt64((clock.now() - begin).saturatingNanoseconds)
    shared.counters.engineFlushes.add(1, ordering: .relaxed)
    shared.counters.engineFlushNanoseconds.add(nanoseconds, ordering: .relaxed)
    shared.queue.engineFlushed(through: index)
    return true
  }

  /// Drops what is due, a slice at a time, and feeds the engine with the deletions.
  private func compact() -> Bool {
    while true {
      let begin = clock.now()
      guard shared.store.compactSlice() else { break }
      shared.engineWork.runPreparation()
      // Slice by slice: deletions that gather take a processor for as long as they are many, and requests for a flush
      // and records need not wait for the last slice.
      guard attempt({ () throws(StoreError) in try shared.store.feedEngine() }) else {
        return false
      }
      if shared.engineWork.takeFlush(), !flush() {
        shared.engineWork.requestFlush()
        return false
      }
      pause(after: clock.now() - begin)
      if shared.engineWork.isStopping { return true }
    }
    guard attempt({ () throws(StoreError) in try shared.store.feedEngine() }) else { return false }
    shared.engineWork.completeCompactions(through: shared.store.finishedCompactRevision)
    return true
  }

  /// Leaves processor and lock to requests for several times as long as a slice took.
  private func pause(after work: Duration) {
    let milliseconds = work.saturatingNanoseconds * Self.restPerSlice / 1_000_000
    shared.engineWork.sleep(
      milliseconds: min(max(milliseconds, Self.leastPause), Self.longestPause))
  }

  /// Gives the space of dropped history back, in intervals of revisions, so that flushes and a stop
  /// need not wait for all of it.
  private func reclaim() -> Bool {
    let floor = shared.store.finishedCompactRevision.rawValue
    let step = max(50_000, floor / 64 + 1)
    for from in stride(from: Int64(0), through: floor, by: Int64.Stride(step)) {
      if shared.engineWork.isStopping { return true }
      let first = StoreLayout.firstKey(Revision(from))
      let end = StoreLayout.firstKey(Revision(from + step))
      guard reclaim(.records, from: first, to: end) else { return false }
      shared.engineWork.runPreparation()
      let isFed = attempt { () throws(StoreError) in try shared.store.feedEngine() }
      guard isFed else { return false }
      if shared.engineWork.takeFlush(), !flush() {
        shared.engineWork.requestFlush()
        return false
      }
    }
    return reclaim(.leases, from: nil, to: nil) && reclaim(.meta, from: nil, to: nil)
  }

  private func reclaim(_ table: Table, from: Bytes?, to: Bytes?) -> Bool {
    attempt { () throws(StoreError) in
      do throws(EngineError) {
        try shared.store.engine.reclaim(table, from: from, to: to)
      } catch {
        switch error {
        case .corrupt(let detail): throw .corrupt(detail: detail)
        case .noSpace(let detail), .failed(let detail), .locked(let detail):
          throw .engineFailed(detail: detail)
        }
      }
    }
  }

  /// Runs a call of the engine's. A refusal is reported and may pass, a full disk for example;
  /// damage, or a refusal that lasts, ends the process: the log has everything, and grows
  /// meanwhile.
  @discardableResult
  private func attempt(_ body: () throws(StoreError) -> Void) -> Bool {
    do throws(StoreError) {
      try body()
      if let problem {
        self.problem = nil
        refusedSince = nil
        shared.problems.withLock { $0.removeAll { $0 == problem } }
        shared.configuration.log(MemberNotice(.information, "the engine takes writes again"))
      }
      return true
    } catch {
      report(error)
      return false
    }
  }

  private func report(_ error: StoreError) {
    switch error {
    case .engineFailed(let detail):
      let line = "the engine refused a write and will be asked again: \(detail)"
      if problem == nil {
        problem = line
        shared.problems.withLock { $0.append(line) }
        shared.configuration.log(MemberNotice(.error, line))
      }
      let now = clock.now()
      let since = refusedSince ?? now
      refusedSince = since
      if now - since >= Self.patience {
        shared.fail(
          "the engine has refused writes for a minute: \(detail); everything acknowledged is in "
            + "the log, start the member again when the disk has room")
      }
    case .corrupt(let detail):
      shared.fail("the engine's data is damaged: \(detail); restore this member from a snapshot")
    default:
      shared.fail("the engine could not be fed: \(error)")
    }
  }
}
