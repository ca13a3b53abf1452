import Member
import Primitives
import Raft
import ReplicaCore
import Synchronization

/// Members of one process that reach each other by calls, with connections that can be cut.
final class LoopbackNetwork: Sendable {
  private struct State {
    var inboxes: [MemberID: any PeerInbox] = [:]
    var isolated: Set<MemberID> = []
    var statesSent = 0
    var statesBegun = 0
    var holdsStates = false
  }

  private let state = Mutex(State())

  /// The number of whole states that were taken.
  var statesSent: Int { state.withLock { $0.statesSent } }

  func connect(_ setup: PeerSetup) -> any PeerLink {
    state.withLock { $0.inboxes[setup.member] = setup.inbox }
    return LoopbackLink(network: self, member: setup.member)
  }

  /// Takes a member that stopped off the network.
  func remove(_ member: MemberID) { state.withLock { $0.inboxes[member] = nil } }

  /// Cuts a member off from all others, or joins it with them again.
  func isolate(_ member: MemberID, _ isCut: Bool = true) {
    state.withLock { state in
      if isCut { state.isolated.insert(member) } else { state.isolated.remove(member) }
    }
  }

  /// The number of states that somebody began to send.
  var statesBegun: Int { state.withLock { $0.statesBegun } }
  /// Whether states wait before their last part.
  var holdsStates: Bool { state.withLock { $0.holdsStates } }

  /// Has states wait before their last part, or lets them go on.
  func holdStates(_ holds: Bool) { state.withLock { $0.holdsStates = holds } }

  func noteStateBegun() { state.withLock { $0.statesBegun += 1 } }

  func noteState() { state.withLock { $0.statesSent += 1 } }

  func inbox(from: MemberID, to: MemberID) -> (any PeerInbox)? {
    state.withLock { state in
      state.isolated.isDisjoint(with: [from, to]) ? state.inboxes[to] : nil
    }
  }
}

/// One member's way to the others.
private final class LoopbackLink: PeerLink {
  private let network: LoopbackNetwork
  private let member: MemberID
  private let members = Mutex<[MemberID]>([])

  init(network: LoopbackNetwork, member: MemberID) {
    self.network = network
    self.member = member
  }

  func send(_ messages: [Message]) {
    for message in messages {
      if let inbox = network.inbox(from: member, to: message.to) {
        inbox.receive([message])
      } else {
        network.inbox(from: member, to: member)?.unreachable(message.to)
      }
    }
  }

  func sendState(
    to receiver: MemberID, mark: SnapshotMark,
    next: @escaping @Sendable () throws -> StateChunk?,
    completion: @escaping @Sendable (LogIndex?) -> Void
  ) {
    guard let inbox = network.inbox(from: member, to: receiver) else { return completion(nil) }
    Task.detached { [member, network] in
      do {
        let sink = try inbox.receiveState(from: member, mark: mark)
        network.noteStateBegun()
        while network.holdsStates { try await Task.sleep(for: .milliseconds(5)) }
        while let chunk = try next() { try sink.append(chunk) }
        try sink.finish()
        network.noteState()
        completion(mark.last.index)
      } catch {
        completion(nil)
      }
    }
  }

  func call(
    _ receiver: MemberID, _ method: PeerMethod, _ payload: Bytes, timeout: Duration,
    completion: @escaping @Sendable (Result<Bytes, PeerCallError>) -> Void
  ) {
    guard let inbox = network.inbox(from: member, to: receiver) else {
      return completion(.failure(.unreachable))
    }
    inbox.serve(method, from: member, payload) { [member, network] result in
      guard network.inbox(from: receiver, to: member) != nil else {
        return completion(.failure(.lost))
      }
      completion(result.mapError { .refused($0) })
    }
  }

  func update(_ members: [ClusterMember]) { self.members.withLock { $0 = members.map(\.id) } }

  var peers: [PeerStatus] {
    members.withLock { $0 }.filter { $0 != member }.map {
      PeerStatus(member: $0, isConnected: network.inbox(from: member, to: $0) != nil)
    }
  }
}
