/// Every bound of a member, in one place; what happens at each stands beside it.
public enum Limits {
  // MARK: Requests

  /// Bytes of a request. Beyond: InvalidArgument, "request is too large" (`--max-request-bytes`).
  public static let requestBytes = 1_572_864
  /// What a message may be longer than a request, for its envelope. Beyond: ResourceExhausted.
  public static let messageOverheadBytes = 524_288
  /// Operations in a transaction, per list. Beyond: InvalidArgument (`--max-txn-ops`).
  public static let transactionOperations = 128
  /// Nested transactions. Beyond: InvalidArgument.
  public static let transactionDepth = 16
  /// Bytes that keys and values may take. Beyond: the NOSPACE alarm (`--quota-backend-bytes`).
  public static let quotaBytes: Int64 = 2 * 1024 * 1024 * 1024
  /// Seconds that a lease may be granted for. Beyond: OutOfRange.
  public static let leaseSeconds: Int64 = 9_000_000_000

  /// Seconds of the lease that a lock or a campaign without a lease is given.
  public static let orphanLeaseSeconds: Int64 = 60

  // MARK: Queues

  /// Calls that wait for a lock or for their election. Beyond: ResourceExhausted, "too many requests".
  public static let waitingCalls = 10_000

  /// Proposals that wait for the replica thread. Beyond: ResourceExhausted, "too many requests".
  public static let queuedProposals = 5_000
  /// Bytes that a member of several keeps of its log behind what its engine has made durable, for members that
  /// were away: half a minute of 8,000 puts/s of 1 KiB. Beyond: they get the whole state. In memory, 16 bytes for
  /// each of these entries.
  public static let logBytesForFollowers = 256 * 1024 * 1024
  /// Entries that a leader keeps in its log for a member that it has sent a state. Beyond: that member gets the
  /// next state.
  public static let entriesHeldForState: UInt64 = 2_000_000
  /// Bytes of one log write. A batch that is longer is written in several.
  public static let logBatchBytes = 8 * 1024 * 1024
  /// Bytes of recent records that all watches share. Beyond: slow watches read history from the engine.
  public static let recentRecordBytes = 32 * 1024 * 1024
  /// Watches on one stream. Beyond: the creation is refused and cancelled with a reason.
  public static let watchesPerStream = 100_000
  /// Bytes of events in one watch response that asked for fragments.
  public static let watchFragmentBytes = 1_572_864
  /// Bytes that wait in one connection before its handlers are told to pause.
  public static let connectionBufferBytes = 1_048_576

  /// Bytes that wait in one stream before its handler is told to pause, a quarter of the connection's.
  public static let streamBufferBytes = 262_144

  /// Bytes of answers that wait in one connection before its further requests wait unread.
  public static let connectionAnswerBytes = 16_777_216

  /// Bytes of one answer. Beyond: ResourceExhausted, as in grpc-go, whose clients take no more.
  public static let answerBytes = 2_147_483_647

  /// Bytes of a range's answer from which on it is made in pieces, as the connection takes them.
  public static let wholeAnswerBytes = 65_536

  // MARK: Identity

  /// Passwords that wait to be hashed, and tokens to be signed. Beyond: ResourceExhausted, "too many requests".
  public static let queuedHashes = 256
  /// Simple tokens that a member remembers. Beyond: the one that would end first is forgotten.
  public static let simpleTokens = 100_000
  /// Signed tokens whose check a member remembers. Beyond: all are forgotten, and checked again.
  public static let verifiedTokens = 4_096
  /// Bytes of a signed token. Beyond: it is invalid.
  public static let signedTokenBytes = 8_192

  // MARK: Replication

  /// Bytes of entries in one message to a follower. An entry that is longer travels alone.
  public static let raftAppendBytes = 1_048_576
  /// Messages with entries under way to one follower. Beyond: the rest waits in the log.
  public static let raftInFlightMessages = 256
  /// Bytes of entries under way to one follower. Beyond: the rest waits in the log.
  public static let raftInFlightBytes = 16 * 1024 * 1024
  /// Bytes of entries that a leader has appended and not committed. Beyond: "too many requests".
  public static let raftUncommittedBytes = 64 * 1024 * 1024
  /// Bytes of durable entries that a leader keeps in memory for its followers, and a follower until it has
  /// applied them. Beyond: read from the log.
  public static let raftWindowBytes = 16 * 1024 * 1024
  /// Bytes of entries that a leader reads from the log at once for a follower that lags; with four times as many under way
  /// to it, it reads no more.
  public static let raftLoadBytes = 262_144
  /// Bytes of one chunk of a state on its way to another member.
  public static let stateChunkBytes = 262_144
  /// Chunks of a state that are under way to a member and not taken yet.
  public static let stateChunksInFlight = 4
  /// Bytes of states that a member sends in a second, so that it has time and bandwidth for its clients.
  public static let stateBytesPerSecond = 20 * 1024 * 1024
  /// Bytes of heartbeats, votes, answers and short questions that wait for one member. Beyond: dropped, and the
  /// member is reported unreachable.
  public static let peerPromptBytes = 8 * 1024 * 1024
  /// Bytes of entries and long questions that wait for one member. Beyond: the same.
  public static let peerBulkBytes = 32 * 1024 * 1024
  /// Bytes that one frame between members gathers; a longer message travels alone.
  public static let peerFrameBytes = 262_144
  /// Bytes of a question that goes with the short ones.
  public static let peerShortCallBytes = 16_384
  /// Questions to one member without an answer. Beyond: they are refused.
  public static let peerCalls = 20_000
  /// Reads that wait for a confirmation by a majority. Beyond: they are refused.
  public static let raftWaitingReads = 10_000
  /// Removed members that a cluster remembers; of more, those that were removed first are forgotten.
  public static let removedMembers = 1_000

  /// Bytes of other members' messages that wait for the replica. Beyond: they are dropped, as by a network.
  public static let peerInboxBytes = 64 * 1024 * 1024
  /// Bytes of proposals that a follower hands to the leader in one call. A longer one travels alone.
  public static let forwardBytes = 1_048_576

  // MARK: Connections

  /// Bytes that a peer may send on one stream ahead of its reader.
  public static let streamWindowBytes = 262_144
  /// Bytes that a peer may send on all streams of a connection ahead of their readers.
  public static let connectionWindowBytes = 8_388_608
  /// Bytes of requests that have not arrived whole, per connection. Beyond: ResourceExhausted.
  public static let assembledRequestBytes = 67_108_864

  /// Bytes of a request's header list, as etcd's server has it. Beyond: the stream is refused.
  public static let headerListBytes = 65_536
  /// Streams that a connection may have open.
  public static let concurrentStreams: UInt32 = 16_384
  /// Seconds for a TLS handshake, and for the first bytes of a connection. Beyond: it is closed.
  public static let handshakeSeconds = 10
  /// Seconds for an HTTP/2 frame, or a header block, from its first byte to its last. Beyond: the connection is
  /// closed.
  public static let frameSeconds = 30
  /// Streams that a client may reset before they were answered, in one second. Beyond: GOAWAY.
  public static let resetsPerSecond = 1_000

  // MARK: Reads

  /// Records that a read collects before it lets the writer go on.
  public static let rangeSliceRecords = 1_000
  /// Bytes of the first chunk of a streamed range, as a number of keys.
  public static let rangeStreamFirstKeys = 10
  /// Bytes of a snapshot chunk.
  public static let snapshotChunkBytes = 32 * 1024
  /// Snapshots that are sent at once. Beyond: ResourceExhausted, "too many requests".
  public static let openSnapshots = 4
  /// Seconds that a snapshot waits for a client that does not read. Beyond: Aborted.
  public static let snapshotStallSeconds: Int64 = 60
}
