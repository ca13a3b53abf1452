import Engine
import Environment
import MVCC
import Primitives
import Raft
import ReplicaCore
import Simulation
import WriteAheadLog

/// One machine of a simulated cluster: a disk, an engine, and the real replica on them while it runs.
final class SimulatedMember {
  let id: MemberID
  let disk = SimulatedDisk()
  var engine: MemoryEngine
  /// A state that arrives, or that arrived and was not put in place.
  var incoming: StateBuilder?
  var replica: Replica?
  var hub: WatchHub?
  /// How often it has started; what was planned for an earlier life does not happen.
  var life = 0
  /// Of a thousand ticks of the world's clock, how many more or fewer this machine's has.
  var drift: Int64 = 0
  /// When it last started, and what its own clock showed.
  var startedAt = MonotonicTime(nanoseconds: 0)
  var clockAtStart = MonotonicTime(nanoseconds: 0)
  /// Until when it does nothing: a pause, or a slow disk.
  var busyUntil = MonotonicTime(nanoseconds: 0)
  var flushing: LogIndex?
  /// Up to where its store has been compared with the others'.
  var compared = Revision(1)
  var seenLeases: Set<LeaseID> = []

  init(_ id: MemberID, cluster: ClusterState, begin: EntryMark) {
    self.id = id
    engine = MemoryEngine()
    var batch = EngineBatch()
    ClusterTable.bootstrap(cluster, term: begin.term, into: &batch)
    batch.put(
      .meta, key: StoreLayout.appliedKey, value: StoreLayout.encodeApplied(begin.index, Revision(1))
    )
    do {
      try engine.apply(batch)
      try engine.flush()
      try disk.createDirectory("/log")
      _ = try WriteAheadLog.create(
        directory: "/log", fileSystem: disk, startingAfter: begin.index, term: begin.term,
        hardState: HardState(term: begin.term, votedFor: .none, commit: begin.index))
      disk.detach()
    } catch {
      invariant(false, "a new machine fails: \(error)")
    }
  }

  var isUp: Bool { replica != nil }

  /// The time on the machine's own clock.
  func time(_ now: MonotonicTime) -> MonotonicTime {
    let elapsed = (now - startedAt).saturatingNanoseconds
    return clockAtStart + .nanoseconds(elapsed + elapsed / 1_000 * drift)
  }

  /// Opens what disk and engine hold; answers with why that is refused, if it is.
  func open(_ entropy: SeededEntropy, plantedBug: PlantedBug?) -> String? {
    do {
      var store = try Store(engine: engine)
      let (log, _) = try WriteAheadLog.open(
        directory: "/log", fileSystem: disk,
        configuration: LogConfiguration(
          segmentBytes: 8_192, batchBytes: 4_096, spareSegments: 1, salt: entropy.next()))
      // The exchange of a state was cut short behind the point of no return.
      if log.firstIndex > store.appliedIndex.next, let incoming, incoming.isComplete,
        let new = incoming.engine as? MemoryEngine
      {
        engine = new
        self.incoming = nil
        store = try Store(engine: engine)
      }
      let replica = try Replica(
        configuration: ReplicaConfiguration(
          member: id, snapshotCount: 60, snapshotLogBytes: 1 << 16, catchUpEntries: 40,
          raft: RaftSettings(appendBytes: 2_048, inFlightMessages: 8, windowBytes: 4_096),
          seed: entropy.next()),
        log: log, store: store, engine: engine)
      #if DEBUG || PLANTED_BUGS
        replica.plantedBug = plantedBug
      #endif
      self.replica = replica
      hub = WatchHub(source: store)
      return nil
    } catch ReplicaError.notAMember {
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// Ends the process; with the power, unsynced writes and unflushed batches go as well.
  func close(losingPower: Bool, _ entropy: SeededEntropy) {
    replica = nil
    hub = nil
    flushing = nil
    seenLeases = []
    compared = Revision(1)
    disk.inject(nil)
    if losingPower { disk.crash(seed: entropy.next()) } else { disk.detach() }
    let kept = entropy.next(below: UInt64(engine.unflushedBatches) + 1)
    engine.crash(keeping: Int(kept))
    if incoming?.isComplete == false { incoming = nil }
  }
}
