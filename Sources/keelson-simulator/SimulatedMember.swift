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
  /// What became of a start.
  enum Opening {
    case running
    /// The member finds that it does not belong to the cluster any more.
    case removed
    /// The disk refuses; it may be tried again.
    case unavailable
    /// The log or the engine is damaged.
    case damaged(String)
    /// The member does not start, and should.
    case refused(String)
  }

  /// What has befallen a machine for good.
  enum Health {
    case sound
    /// Bits of its log have rotted.
    case rotten
    case damagedEngine
    /// It has begun anew, without what it had promised.
    case forgetful
    /// Its disk is gone.
    case lost
    /// It was removed from the cluster, and stops sooner or later.
    case retired
  }

  let id: MemberID
  let disk = SimulatedDisk()
  let settings: SimulatedSettings
  var engine: MemoryEngine
  var health = Health.sound
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
  /// Until when each write takes long, and until when there is no more room.
  var slowUntil = MonotonicTime(nanoseconds: 0)
  var fullUntil = MonotonicTime(nanoseconds: 0)
  /// When it stops because it was removed.
  var retiresAt: MonotonicTime?
  var flushing: LogIndex?
  var ticks = 0
  /// Up to where its store has been compared with the others'.
  var compared = Revision(1)
  var comparedIndex = LogIndex.zero
  private(set) var directory = "/log"
  private var generations = 0

  init(_ id: MemberID, cluster: ClusterState, begin: EntryMark, settings: SimulatedSettings) {
    self.id = id
    self.settings = settings
    engine = MemoryEngine()
    make(cluster, begin)
  }

  var isUp: Bool { replica != nil }
  /// Whether it may be started.
  var isUsable: Bool { health != .lost && health != .retired }

  private func make(_ cluster: ClusterState, _ begin: EntryMark, forgetting life: MemberLife? = nil)
  {
    engine = MemoryEngine()
    var batch = EngineBatch()
    ClusterTable.bootstrap(cluster, term: begin.term, into: &batch)
    if let life { ClusterTable.bootstrap(forgetting: life, into: &batch) }
    batch.put(
      .meta, key: StoreLayout.appliedKey, value: StoreLayout.encodeApplied(begin.index, Revision(1))
    )
    do {
      try engine.apply(batch)
      try engine.flush()
      try disk.createDirectory(directory)
      _ = try WriteAheadLog.create(
        directory: directory, fileSystem: disk, startingAfter: begin.index, term: begin.term,
        hardState: HardState(term: begin.term, votedFor: .none, commit: begin.index))
      disk.detach()
    } catch {
      invariant(false, "a new machine fails: \(error)")
    }
  }

  /// Begins anew beside what is damaged, as one that has forgotten what it promised.
  func beginAnew(_ cluster: ClusterID, life: MemberLife) {
    disk.inject(nil)
    disk.setCapacity(.max)
    disk.detach()
    generations += 1
    directory = "/log\(generations)"
    incoming = nil
    make(ClusterState(cluster: cluster, members: []), .zero, forgetting: life)
  }

  // MARK: Time

  /// The time on the machine's own clock.
  func time(_ now: MonotonicTime) -> MonotonicTime {
    let elapsed = (now - startedAt).saturatingNanoseconds
    return clockAtStart + .nanoseconds(elapsed + elapsed / 1_000 * drift)
  }

  // MARK: Starting and ending

  /// Opens what disk and engine hold.
  func open(_ entropy: SeededEntropy, plantedBug: PlantedBug?) -> (Opening, hasTornTail: Bool) {
    do {
      var storeConfiguration = StoreConfiguration()
      // As in a large store.
      storeConfiguration.wholeLoadBytes = -1
      storeConfiguration.leftValueBytes = 1
      #if DEBUG || PLANTED_BUGS
        storeConfiguration.plantedBug = plantedBug
      #endif
      var store = try Store(engine: engine, configuration: storeConfiguration)
      let (log, recovery) = try WriteAheadLog.open(
        directory: directory, fileSystem: disk,
        configuration: LogConfiguration(
          segmentBytes: 8_192, batchBytes: 4_096, spareSegments: 1, salt: entropy.next()),
        durableMark: store.appliedIndex)
      // The exchange of a state was cut short behind the point of no return.
      if log.firstIndex > store.appliedIndex.next, let incoming, incoming.isComplete,
        let new = incoming.engine as? MemoryEngine
      {
        engine = new
        self.incoming = nil
        store = try Store(engine: engine, configuration: storeConfiguration)
      }
      let replica = try Replica(
        configuration: settings.replica(id, seed: entropy.next()), log: log, store: store,
        engine: engine)
      hub = WatchHub(source: store)
      #if DEBUG || PLANTED_BUGS
        replica.plantedBug = plantedBug
        hub = WatchHub(source: store, plantedBug: plantedBug)
      #endif
      self.replica = replica
      return (.running, recovery.tornTail != nil)
    } catch let error as LogError {
      switch error {
      case .damaged: return (.damaged("\(error)"), false)
      case .noSpace, .file: return (.unavailable, false)
      default: return (.refused("\(error)"), false)
      }
    } catch StoreError.corrupt(let detail) {
      return (.damaged(detail), false)
    } catch ReplicaError.notAMember {
      return (.removed, false)
    } catch {
      return (.refused("\(error)"), false)
    }
  }

  /// Ends the process; with the power, unsynced writes and unflushed batches go as well.
  func close(losingPower: Bool, _ entropy: SeededEntropy) {
    replica = nil
    hub?.close()
    hub = nil
    flushing = nil
    compared = Revision(1)
    comparedIndex = .zero
    disk.inject(nil)
    if losingPower { disk.crash(seed: entropy.next()) } else { disk.detach() }
    let kept = entropy.next(below: UInt64(engine.unflushedBatches) + 1)
    engine.crash(keeping: Int(kept))
    if incoming?.isComplete == false { incoming = nil }
  }

  // MARK: Damage

  /// Flips a bit of the log somewhere before the last write; false if there is nothing there.
  ///
  /// A last write that rots cannot be told from one that was never finished: that this does not happen is assumed.
  func rot(_ entropy: SeededEntropy) -> Bool {
    guard let replica else { return false }
    let files = ((try? disk.list(directory)) ?? []).filter { $0.hasSuffix(".wal") }
    guard !files.isEmpty else { return false }
    let name = files[Int(entropy.next(below: UInt64(files.count)))]
    let path = "\(directory)/\(name)"
    guard let content = disk.content(of: path) else { return false }
    var end = content.count
    if name == files.last {
      guard let last = replica.lastWrite, last.path == path else { return false }
      end = last.offset
    }
    while end > 0, content[end - 1] == 0 { end -= 1 }
    guard end > 0 else { return false }
    disk.flip(bit: Int(entropy.next(below: 8)), at: Int(entropy.next(below: UInt64(end))), of: path)
    return true
  }
}

/// How the members of one cluster are set up; each seed draws its own.
struct SimulatedSettings {
  var snapshotCount: UInt64
  var catchUpEntries: UInt64
  var catchUpBytes: Int
  var raft: RaftSettings
  var chunkBytes: Int
  var keys: Int
  /// Whether clients may write at followers, or are sent away.
  var forwards: Bool

  init(_ entropy: SeededEntropy, forwards: Bool) {
    self.forwards = forwards
    func draw<Value>(_ values: [Value]) -> Value {
      values[Int(entropy.next(below: UInt64(values.count)))]
    }
    snapshotCount = draw([30, 60, 200])
    catchUpEntries = draw([10, 40, 100])
    raft = RaftSettings(
      appendBytes: draw([0, 300, 2_048]), inFlightMessages: draw([1, 2, 8]), windowBytes: 4_096,
      loadBytes: 256)
    chunkBytes = draw([512, 4_096, 4_096])
    keys = draw([3, 6, 30])
    catchUpBytes = draw([0, 0, 20_000])
  }

  func replica(_ member: MemberID, seed: UInt64) -> ReplicaConfiguration {
    ReplicaConfiguration(
      member: member, snapshotCount: snapshotCount, snapshotLogBytes: 1 << 16,
      catchUpEntries: catchUpEntries, catchUpBytes: catchUpBytes, raft: raft, seed: seed,
      forwardTimeout: forwards ? .milliseconds(1_500) : nil)
  }
}
