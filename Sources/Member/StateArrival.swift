internal import Engine
internal import LinuxEnvironment
internal import Primitives
internal import Raft
internal import ReplicaCore
internal import Synchronization

/// A state that another member sends, built beside the engine in use.
final class StateArrival: StateSink {
  private struct State {
    var builder: StateBuilder?
    var isWhole = false
  }

  /// Who sends it.
  let sender: MemberID
  /// What it is.
  let mark: SnapshotMark
  /// The name of its directory.
  let name: String
  /// For the replica that goes on with it.
  let seed = LinuxEntropy().next()
  private let engines: EngineDirectories
  private let queue: SubmissionQueue
  private let state: Mutex<State>

  /// Makes an empty engine.
  init(
    from sender: MemberID, mark: SnapshotMark, in directory: DataDirectory,
    _ configuration: MemberConfiguration, queue: SubmissionQueue
  ) throws(MemberError) {
    self.sender = sender
    self.mark = mark
    self.queue = queue
    engines = directory.engines
    name = try engines.freshName()
    let engine = try MemberOpening.openEngine(engines.path(name), configuration)
    state = Mutex(State(builder: StateBuilder(engine: engine)))
  }

  /// The engine, once everything is in it; nil before.
  var engine: (any Engine)? {
    state.withLock { $0.isWhole ? $0.builder?.engine : nil }
  }

  func append(_ chunk: StateChunk) throws(PeerRefusal) {
    try state.withLock { (state) throws(PeerRefusal) in
      guard let builder = state.builder else { throw Self.abandoned }
      do throws(StateTransferError) { try builder.append(chunk) } catch {
        throw PeerRefusal(.failed, "the state cannot be taken: \(error)")
      }
    }
  }

  func finish() throws(PeerRefusal) {
    try state.withLock { (state) throws(PeerRefusal) in
      guard let builder = state.builder else { throw Self.abandoned }
      guard builder.isComplete else {
        throw PeerRefusal(.malformed, "the state ends before its last chunk")
      }
      do throws(MemberError) { try engines.noteArrival(of: name) } catch {
        throw PeerRefusal(.failed, "\(error)")
      }
      state.isWhole = true
    }
    queue.add(.stateArrived(self))
  }

  /// Drops what has arrived so far; what is whole belongs to the member.
  func abandon() {
    if !state.withLock({ $0.isWhole }) { discard() }
  }

  /// Drops the state, whole or not.
  func discard() {
    let builder = state.withLock { $0.builder.take() }
    guard let builder else { return }
    builder.engine.close()
    engines.remove(name)
  }

  private static let abandoned = PeerRefusal(
    .unavailable, "the state was abandoned: another one takes its place")
}
