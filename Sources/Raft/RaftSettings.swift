public import Primitives

/// Times and bounds of a node.
public struct RaftSettings: Hashable, Sendable {
  /// Ticks without a leader after which a follower stands for election: this many, and at random up to
  /// as many again less one. As long, a member that hears from a leader refuses others its vote.
  public var electionTicks: Int
  /// Ticks between two heartbeats of a leader.
  public var heartbeatTicks: Int
  /// Bytes of payload in one message; an entry that is longer travels alone.
  public var appendBytes: Int
  /// Messages with entries under way to one follower. Beyond: the rest waits in the log.
  public var inFlightMessages: Int
  /// Bytes of entries under way to one follower. Beyond: the rest waits in the log.
  public var inFlightBytes: Int
  /// Bytes of entries that a leader has appended and not committed. Beyond: it takes no proposals.
  public var uncommittedBytes: Int
  /// Bytes of durable entries kept in memory for followers. Beyond: they are read from the log.
  public var windowBytes: Int
  /// Bytes of entries that are read from the log at once for one follower, so that nobody waits for long meanwhile.
  public var loadBytes: Int
  /// Reads that wait for a confirmation. Beyond: they are refused.
  public var waitingReads: Int

  /// Bytes of entries under way to one follower. Beyond: what is not in memory is not read for it.
  var loadedBytes: Int { 4 * loadBytes }

  /// Describes a node; by default as etcd has it, ten heartbeats to an election timeout.
  public init(
    electionTicks: Int = 10, heartbeatTicks: Int = 1, appendBytes: Int = Limits.raftAppendBytes,
    inFlightMessages: Int = Limits.raftInFlightMessages,
    inFlightBytes: Int = Limits.raftInFlightBytes,
    uncommittedBytes: Int = Limits.raftUncommittedBytes,
    windowBytes: Int = Limits.raftWindowBytes, loadBytes: Int = Limits.raftLoadBytes,
    waitingReads: Int = Limits.raftWaitingReads
  ) {
    invariant(
      heartbeatTicks > 0 && electionTicks > heartbeatTicks,
      "\(electionTicks) ticks to an election, \(heartbeatTicks) to a heartbeat")
    self.electionTicks = electionTicks
    self.heartbeatTicks = heartbeatTicks
    self.appendBytes = appendBytes
    self.inFlightMessages = inFlightMessages
    self.inFlightBytes = inFlightBytes
    self.uncommittedBytes = uncommittedBytes
    self.windowBytes = windowBytes
    self.loadBytes = loadBytes
    self.waitingReads = waitingReads
  }
}
