import Environment
import MVCC
import Primitives
import ReplicaCore
import Simulation
import Testing

@Suite("A replica on a bad disk")
struct SimulationTests {
  /// Fewer where nothing is optimised, to end in seconds all the same.
  #if DEBUG
    private static let lives: UInt64 = 80
  #else
    private static let lives: UInt64 = 2_000
  #endif

  /// A whole life: acts, faults, crashes and stops, as the seed has it.
  private func live(seed: UInt64, rounds: Int = 4, acts: Int = 25) -> World {
    let world = World(seed: seed)
    for _ in 0..<rounds {
      world.start()
      // Some rounds lose the power in the middle of a call of the disk, the start-up's included.
      switch world.below(4) {
      case 0, 1:
        let call = 1 + world.below(60)
        world.disk.inject(DiskFault(call: call, duration: .forGood, kind: .powerLoss))
      case 2 where world.below(3) == 0:
        let kind: DiskFault.Kind = [.inputOutput, .noSpace, .readOnly][world.below(3)]
        world.disk.inject(DiskFault(call: 1 + world.below(60), duration: .once, kind: kind))
      default: break
      }
      for _ in 0..<acts where world.replica != nil && world.fatalLine == nil { world.act() }
      // After a failed write or sync only a restart tells; the process ends at once.
      if world.fatalLine == nil, world.below(3) == 0 { world.stop() } else { world.crash() }
    }
    world.start()
    world.step(.requests([], world.now))
    world.compare()
    return world
  }

  @Test("loses nothing that was acknowledged, whatever the power and the disk do")
  func crashes() {
    var failures: [String] = []
    var answers = 0
    for seed in 1...Self.lives {
      let world = live(seed: seed)
      answers += world.answers
      failures += world.failures
    }
    #expect(failures.isEmpty, "\(failures.prefix(5))")
    #expect(answers > 70 * Int(Self.lives))
  }

  @Test("is checked by lives that notice a log cut too early")
  func sensitivity() {
    var failures = 0
    for seed in 1...30 as ClosedRange<UInt64> {
      let world = World(seed: seed)
      world.flushesAreReportedEarly = true
      for _ in 0..<4 where world.failures.isEmpty {
        world.start()
        for _ in 0..<60 where world.replica != nil && world.fatalLine == nil { world.act() }
        world.crash()
      }
      failures += world.failures.isEmpty ? 0 : 1
    }
    #expect(failures > 10)
  }

  @Test("does the same for the same seed")
  func determinism() {
    for seed in 1...40 as ClosedRange<UInt64> {
      #expect(live(seed: seed).trace == live(seed: seed).trace, "seed \(seed)")
    }
  }

  @Test("keeps what is acknowledged when a disk fills up, and goes on when there is room again")
  func fullDisk() {
    for seed in 1...100 as ClosedRange<UInt64> {
      let world = World(seed: seed)
      world.flushesComplete = false
      world.start()
      world.disk.setCapacity(30_000 + world.below(40_000))
      for _ in 0..<400 where world.fatalLine == nil { world.act() }
      #expect(world.fatalLine != nil, "seed \(seed): the disk never filled up")
      #expect(world.fatalLine?.contains("no space left") == true, "\(world.fatalLine ?? "")")
      world.crash()
      world.disk.setCapacity(.max)
      world.start()
      for _ in 0..<20 { world.act() }
      #expect(world.failures.isEmpty, "\(world.failures.prefix(3))")
      #expect(world.fatalLine == nil)
    }
  }

  @Test("never retries a failed sync: it says so once and takes nothing more")
  func failedSync() {
    let world = World(seed: 9)
    world.start()
    world.act()
    world.disk.inject(DiskFault(call: 1, duration: .forGood, kind: .inputOutput))
    for _ in 0..<200 where world.fatalLine == nil { world.act() }
    #expect(world.fatalLine != nil)
    var effects: [ReplicaEffect] = []
    world.disk.inject(nil)
    let command = Command.store(.put(PutOperation(key: [1], value: [2])))
    let proposal = Proposal(
      id: RequestID(rawValue: 1 << 40), command: command, payload: command.encoded())
    world.replica?.step(.requests([.propose(proposal)], world.now), into: &effects)
    guard case .answer(proposal.id, .failure(.stopped)) = effects.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(effects.count == 1)
  }

  @Test("cuts the log once the engine has flushed, and starts from what is left")
  func logCut() {
    let world = World(seed: 4)
    world.configuration.snapshotCount = 10
    for _ in 0..<6 {
      world.start()
      for _ in 0..<60 {
        world.act()
        world.completeFlush()
      }
      #expect((world.replica?.flushedIndex ?? .zero) > LogIndex(50))
      world.crash()
    }
    world.start()
    #expect(world.failures.isEmpty, "\(world.failures.prefix(3))")
  }
}
