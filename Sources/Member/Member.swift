internal import Engine
internal import Environment
internal import Glibc
internal import LinuxEnvironment
public import MVCC
public import Primitives
public import ReplicaCore
internal import Synchronization

/// A running member: the replica on threads of its own, its data directory, and the doors to both.
///
/// Every function may be called from any thread. Completions are called once, on the caller's
/// thread or on one of the member's, which must not be held up: they hand over and return, and
/// never call `stop`.
public final class Member: Sendable {
  /// The keys, leases and history. Reads go to it directly: those that must be linearizable after
  /// `linearizableRead`, long ones by `runRead`.
  public let store: Store
  /// The watches of the store.
  public let watches: WatchHub
  /// The users and roles, and whether they count.
  public let access: AccessStore
  /// The cluster.
  public let cluster: ClusterID
  /// This member.
  public let id: MemberID
  /// What it was started with.
  public let configuration: MemberConfiguration

  private let leases: LeaseTimes
  let logSyncs: SyncDurations
  let shared: MemberState
  let clock: any Clock
  let entropy = LinuxEntropy()
  let membership: MembershipChanges
  private let readers: ReaderPool
  private let engineThread: MemberThread
  private let replicaThread: MemberThread
  private let valueThread: MemberThread?
  private let closing: Mutex<Closing>

  /// What `stop` releases, in order.
  private struct Closing: Sendable {
    var isOpen = true
    var lock: (any DirectoryLock)?
  }

  /// Opens the data directory, or makes one that is missing or empty, replays the log and begins to
  /// serve.
  ///
  /// Cost: a scan of the engine, and the replay of the log since its last flush.
  public static func start(
    configuration: MemberConfiguration
  ) throws(MemberError) -> Member {
    try Member(MemberOpening(configuration))
  }

  init(_ opening: MemberOpening) throws(MemberError) {
    let shared = opening.shared
    let clock = opening.clock
    self.shared = shared
    self.clock = clock
    store = shared.store
    watches = shared.watches
    access = shared.access
    configuration = shared.configuration
    cluster = opening.identity.cluster
    id = opening.identity.member
    logSyncs = opening.logSyncs
    leases = opening.replica.leases
    closing = Mutex(Closing(lock: opening.lock))
    membership = MembershipChanges(shared: shared, clock: clock)

    let readers = try ReaderPool(threads: 4)
    self.readers = readers
    shared.readers.withLock { $0 = readers }
    try opening.connect()
    let replica = ReplicaThread(
      replica: opening.replica, shared: shared, clock: clock, directory: opening.directory,
      logSyncs: logSyncs)
    try replica.start()
    shared.noteAttributes()
    let upkeep = Upkeep(shared: shared, clock: clock)
    let engine = EngineThread(shared: shared, clock: clock, periodic: { upkeep.look($0) }) {
      revision in
      // One member's compaction is everybody's.
      guard shared.isLeading else { return }
      Self.submit(
        .store(.compact(revision)), by: .member, at: clock.now(), within: .seconds(60), to: shared
      ) { result, _ in
        guard case .failure(let error) = result, error != .store(.compacted) else { return }
        shared.configuration.log(
          MemberNotice(
            .warning, "automatic compaction was refused",
            [.init("revision", "\(revision)"), .init("error", "\(error)")]))
      }
    }
    engineThread = try MemberThread("keelson-engine") { engine.run() }
    replicaThread = try MemberThread("keelson-replica") { replica.run() }
    shared.turns.open(replica)
    upkeep.look(clock.now())
    // Without the thread each value comes when it is asked for.
    valueThread =
      store.hasValuesInEngine
      ? try? MemberThread("keelson-values") { Self.bringValues(shared) } : nil
  }

  /// Brings what the start left in the engine into memory, behind everything else that wants a processor.
  private static func bringValues(_ shared: MemberState) {
    _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
    do throws(StoreError) {
      try shared.store.bringValues { !shared.isStopping.load(ordering: .relaxed) }
    } catch {
      if shared.isStopping.load(ordering: .relaxed) { return }
      shared.fail(
        "the engine's data is damaged or cannot be read: \(error); start the member again")
    }
  }

  // MARK: Writes

  /// Has a command replicated, made durable and applied.
  ///
  /// `timeout` bounds the wait for a leader and for its turn; by default it is
  /// `MemberConfiguration.requestTimeout`. Beyond `Limits.queuedProposals` waiting ones it is
  /// refused at once with `tooManyRequests`, on the caller's thread. Cost there: the encoding and a
  /// lock.
  ///
  /// With `mayTurnHere` a small command may be carried out on the caller's thread, which is held up
  /// for the sync of the log then: for a thread that has nothing else to do meanwhile.
  ///
  /// The completion is also told when the command passed each stage, unless it was refused before that.
  public func propose(
    _ command: Command, by author: Author = .unknown, timeout: Duration? = nil,
    mayTurnHere: Bool = false,
    completion: @escaping @Sendable (Result<CommandResult, ProposalError>, WriteSteps?) -> Void
  ) {
    let turns = mayTurnHere && servesReadsAlone && command.isShort ? shared.turns : nil
    Self.submit(
      command, by: author, at: clock.now(), within: timeout ?? configuration.requestTimeout,
      to: shared, here: turns, completion)
  }

  static func submit(
    _ command: Command, by author: Author, at now: MonotonicTime, within timeout: Duration,
    to shared: MemberState, here turns: TurnDoor? = nil,
    _ completion: @escaping Submission.ProposalCompletion
  ) {
    let payload = command.encoded(by: author)
    if payload.count > shared.configuration.requestBytes + Limits.messageOverheadBytes {
      return completion(.failure(.requestTooLarge), nil)
    }
    if shared.engineWork.isBacklogged, command.mayGrow {
      return completion(.failure(.tooManyRequests), nil)
    }
    add(
      Submission(
        kind: .propose(
          Proposal(
            id: RequestID(rawValue: 0), command: command, by: author, payload: payload),
          completion), asked: now, deadline: now + timeout),
      to: shared, here: payload.count <= shortPayloadBytes ? turns : nil)
  }

  /// Bytes of a command that is short.
  private static let shortPayloadBytes = 65_536

  private static func add(
    _ submission: Submission, to shared: MemberState, here turns: TurnDoor? = nil
  ) {
    if let refusal = shared.queue.add(submission, isSilent: turns != nil) {
      shared.counters.refused.add(1, ordering: .relaxed)
      return submission.refuse(refusal)
    }
    if let turns, !turns.turn(.submission) { shared.queue.signal() }
  }

  private func add(_ kind: Submission.Kind) {
    let now = clock.now()
    Self.add(
      Submission(kind: kind, asked: now, deadline: now + configuration.requestTimeout), to: shared)
  }

  /// Compacts; with `physical` it completes only when what was dropped has left the engine as well,
  /// or with `stopped` if the member stops before that: the compaction then goes on after the next
  /// start.
  public func compact(
    _ revision: Revision, physical: Bool, by author: Author = .unknown,
    timeout: Duration? = nil,
    completion: @escaping @Sendable (Result<Revision, ProposalError>) -> Void
  ) {
    propose(.store(.compact(revision)), by: author, timeout: timeout) {
      [engineWork = shared.engineWork] result, _ in
      switch result {
      case .failure(let error): completion(.failure(error))
      case .success(.store(.compacted(let present))):
        guard physical else {
          engineWork.noteCompaction()
          return completion(.success(present))
        }
        engineWork.awaitCompaction(revision) { isDone in
          completion(isDone ? .success(present) : .failure(.stopped))
        }
      case .success(let other): invariant(false, "a compaction was answered with \(other)")
      }
    }
  }

  // MARK: Reads

  /// Completes when reads of `store` see every write that was acknowledged before the call, by any
  /// member. With one voter that is at once, on the caller's thread; else a majority is asked, once for all reads
  /// that wait.
  public func linearizableRead(
    completion: @escaping @Sendable (Result<Void, ProposalError>) -> Void
  ) {
    if servesReadsAlone { return completion(.success(())) }
    if let refusal = shared.queue.add(read: completion) { return completion(.failure(refusal)) }
    if shared.awaitsReads.load(ordering: .acquiring) { return }
    if !shared.turns.turn(.reads) { shared.queue.signal() }
  }

  /// Runs a long read on a thread that may block; false, without running it, when too many wait
  /// already.
  public func runRead(_ body: @escaping @Sendable () -> Void) -> Bool { readers.run(body) }

  /// Hashes the store's history up to a revision (0: the present one), on a reader thread.
  public func hashKV(
    at revision: Revision,
    completion: @escaping @Sendable (Result<StoreHash, ProposalError>) -> Void
  ) {
    let isTaken = runRead { [store] in
      do throws(StoreError) {
        completion(.success(try store.hashKV(at: revision)))
      } catch {
        completion(.failure(.store(error)))
      }
    }
    if !isTaken { completion(.failure(.tooManyRequests)) }
  }

  // MARK: Leases

  /// Gives a lease its whole lifetime again, if this member may without asking others or writing anything.
  public func renewLeaseAtOnce(_ lease: LeaseID) -> LeaseTimes.Renewal {
    leases.renewAtOnce(lease, now: clock.now())
  }

  /// Gives a lease its whole lifetime again, and completes with that lifetime in seconds.
  public func renewLease(
    _ lease: LeaseID, completion: @escaping @Sendable (Result<Int64, ProposalError>) -> Void
  ) {
    add(.renewLease(lease, completion))
  }

  /// Tells how long a lease has left. Its keys are in `store`.
  public func leaseTimeToLive(
    _ lease: LeaseID, completion: @escaping @Sendable (Result<LeaseStatus, ProposalError>) -> Void
  ) {
    add(.leaseTimeToLive(lease, completion))
  }

  /// Lists all leases in the order in which they end.
  public func leases(
    completion: @escaping @Sendable (Result<[LeaseID], ProposalError>) -> Void
  ) {
    add(.leases(completion))
  }

  /// A random identifier for a lease that a client let the server name; above 0.
  public func makeLeaseID() -> LeaseID { LeaseID(Int64(max(1, entropy.next() >> 1))) }

  // MARK: Maintenance

  /// Has space that compaction left given back to the file system in the background. Returns at
  /// once.
  public func defragment() { shared.engineWork.requestReclaim() }

  /// Refuses new proposals, completes those that were taken, notes what leases have left, flushes,
  /// and ends the member's threads. A second call waits for the first. Not from a completion.
  public func stop() {
    shared.queue.close()
    shared.isStopping.store(true, ordering: .relaxed)
    closing.withLock { closing in
      guard closing.isOpen else { return }
      closing.isOpen = false
      replicaThread.join()
      shared.turns.close()
      shared.servesReads.store(false, ordering: .releasing)
      shared.serves.store(false, ordering: .releasing)
      shared.link.withLock { $0 = nil }
      shared.readers.withLock { $0 = nil }
      readers.close()
      shared.engineWork.stop()
      engineThread.join()
      valueThread?.join()
      // Answers that are still on their way may have values to read.
      if !store.hasValuesInEngine { store.engine.close() }
      closing.lock?.release()
      closing.lock = nil
    }
  }

  /// Closes the engine of a member that has stopped, if `stop` left it open: soon after the start, while records have
  /// values there. Nothing may read a record afterwards.
  public func close() {
    stop()
    store.engine.close()
  }
}
