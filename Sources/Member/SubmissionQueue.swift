internal import Environment
internal import Primitives
internal import Raft
internal import ReplicaCore
internal import Synchronization

/// What other members, or what is on its way to them, have to tell the replica thread.
enum PeerNews: Sendable {
  case unreachable(MemberID)
  /// What was asked of the leader is to be asked again: nothing was done.
  case again(Submission)
  case forwardRefused([(number: UInt64, error: ProposalError)])
  case snapshotSent(to: MemberID, last: LogIndex?)
  /// A whole state has arrived.
  case stateArrived(StateArrival)
  case transferLeadership(to: MemberID)
  /// This member does not belong to the cluster any more.
  case removed
}

/// What waits for the replica thread: many threads put in, one takes all.
final class SubmissionQueue: Sendable {
  typealias ReadCompletion = @Sendable (Result<Void, ProposalError>) -> Void

  private struct State {
    var submissions: [Submission] = []
    var reads: [ReadCompletion] = []
    var messages: [Message] = []
    var messageBytes = 0
    /// Messages that may need the disk.
    var longMessages = 0
    var news: [PeerNews] = []
    var flushedIndex: LogIndex?
    var isClosed = false
  }

  /// What the replica thread finds.
  struct Contents {
    var submissions: [Submission] = []
    /// Reads that must be confirmed.
    var reads: [ReadCompletion] = []
    /// Messages of other members, in the order in which they came.
    var messages: [Message] = []
    /// What else concerns other members.
    var news: [PeerNews] = []
    /// What the engine has flushed since the last look.
    var flushedIndex: LogIndex?
    /// Whether nothing more will come from clients.
    var isClosed = false
  }

  private let state = Mutex(State())
  private let wake = WakeWord()
  private let bound: Int

  init(bound: Int) { self.bound = bound }

  /// The number of requests that wait.
  var count: Int { state.withLock { $0.submissions.count } }

  /// Queues a request, or says why not. With `isSilent` somebody who takes it must be found by the caller.
  func add(_ submission: Submission, isSilent: Bool = false) -> ProposalError? {
    let refusal = state.withLock { (state) -> ProposalError? in
      if state.isClosed { return .stopped }
      if state.submissions.count >= bound { return .tooManyRequests }
      state.submissions.append(submission)
      return nil
    }
    if refusal == nil, !isSilent { wake.signal() }
    return refusal
  }

  /// Queues requests together, so that they make one batch; says which found no room, and why.
  func add(_ submissions: [Submission]) -> [(place: Int, error: ProposalError)] {
    let refusals = state.withLock { state -> [(place: Int, error: ProposalError)] in
      let room = state.isClosed ? 0 : max(0, bound - state.submissions.count)
      state.submissions.append(contentsOf: submissions.prefix(room))
      let error = state.isClosed ? ProposalError.stopped : .tooManyRequests
      return submissions.indices.dropFirst(room).map { ($0, error) }
    }
    wake.signal()
    return refusals
  }

  /// Queues a read that other members must confirm, or says why not. Somebody who takes it must be found by the caller.
  func add(read completion: @escaping ReadCompletion) -> ProposalError? {
    state.withLock { (state) -> ProposalError? in
      if state.isClosed { return .stopped }
      if state.reads.count >= Limits.raftWaitingReads { return .tooManyRequests }
      state.reads.append(completion)
      return nil
    }
  }

  /// Queues messages of another member; somebody who takes them must be found by the caller. Beyond the bound they are
  /// dropped, which Raft takes for a network that loses them.
  func add(_ messages: [Message]) {
    state.withLock { state in
      for message in messages {
        let bytes = message.estimatedBytes
        if state.messageBytes + bytes > Limits.peerInboxBytes, !state.messages.isEmpty { return }
        state.messageBytes += bytes
        state.messages.append(message)
        if !message.isAboutReads { state.longMessages += 1 }
      }
    }
  }

  /// Whether reads wait.
  var hasReads: Bool { state.withLock { !$0.reads.isEmpty } }

  /// Whether all that waits is reads, or also messages about reads.
  func holdsReadsOnly(orMessages: Bool) -> Bool {
    state.withLock { state in
      state.submissions.isEmpty && state.news.isEmpty && state.flushedIndex == nil
        && !state.isClosed && (orMessages ? state.longMessages == 0 : state.messages.isEmpty)
    }
  }

  /// Queues news about other members.
  func add(_ news: PeerNews) {
    state.withLock { $0.news.append(news) }
    wake.signal()
  }

  /// Tells the replica thread what the engine has flushed.
  func engineFlushed(through index: LogIndex) {
    state.withLock { $0.flushedIndex = max(index, $0.flushedIndex ?? .zero) }
    wake.signal()
  }

  /// Refuses requests from now on, and tells the replica thread to finish.
  func close() {
    state.withLock { $0.isClosed = true }
    wake.signal()
  }

  /// Has the replica thread look.
  func signal() { wake.signal() }

  /// Takes everything, leaving `contents`' old memory to fill.
  func take(into contents: inout Contents) {
    contents.submissions.removeAll(keepingCapacity: true)
    contents.reads.removeAll(keepingCapacity: true)
    contents.messages.removeAll(keepingCapacity: true)
    contents.news.removeAll(keepingCapacity: true)
    state.withLock { state in
      swap(&state.submissions, &contents.submissions)
      swap(&state.reads, &contents.reads)
      swap(&state.messages, &contents.messages)
      swap(&state.news, &contents.news)
      state.messageBytes = 0
      state.longMessages = 0
      contents.flushedIndex = state.flushedIndex.take()
      contents.isClosed = state.isClosed
    }
  }

  /// Sleeps until something is added, or for a while. For the replica thread.
  func wait(timeoutNanoseconds: Int64?) { wake.wait(timeoutNanoseconds: timeoutNanoseconds) }
}

extension Message {
  /// Whether it is about reads, or a sign of life: nothing that has to reach the disk.
  var isAboutReads: Bool {
    switch content {
    case .heartbeat, .heartbeatAnswer, .readRequest, .readAnswer: true
    default: false
    }
  }

  /// About how many bytes the message keeps.
  fileprivate var estimatedBytes: Int {
    guard case .append(let request) = content else { return 128 }
    return request.entries.reduce(128) { $0 + $1.payload.count + 48 }
  }
}
