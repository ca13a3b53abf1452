internal import HTTPTransport
internal import MVCC
internal import Member
internal import NIOCore
internal import Primitives
internal import ReplicaCore
internal import Telemetry

/// A request that took longer than an operator wants to see, and where its time went.
public struct SlowRequest: Sendable {
  /// A part of the way, which begins where the one before ends.
  public struct Step: Hashable, Sendable {
    /// What the time went by with.
    public enum Kind: String, Sendable, CaseIterable {
      /// It was here, but the event loop had other things to do.
      case receive
      /// It waited for the replica, or a long read for a thread.
      case queue
      /// Its batch was written to the log and synced.
      case log
      /// Other members had not yet said that they have it; for a read, that the leader still leads.
      case majority
      /// It was carried out.
      case apply
      /// It was read.
      case read
      /// The answer waited for the event loop.
      case answer
    }

    public var kind: Kind
    public var nanoseconds: Int64
  }

  /// The method's path.
  public var path: String
  /// Who asked: the client's address.
  public var remoteAddress: String
  /// Nanoseconds from its arrival to its answer.
  public var nanoseconds: Int64
  /// What they went by with, in order; they add up.
  public var steps: [Step]
  /// How many of them went by while the log was synced, in syncs of 5 ms or more; 0 for a read, which needs none.
  public var logSyncNanoseconds: Int64
  /// What was asked for, in etcd's words and without values; nil where the path says it all.
  public var request: String?

  /// Where most of the time went.
  public var longest: Step.Kind? { steps.max { $0.nanoseconds < $1.nanoseconds }?.kind }
}

/// When a read passed the stages of its way.
struct ReadSteps: Sendable {
  let operation: RangeOperation
  /// Other members had confirmed that it may; nil if they were not asked.
  let confirmed: NIODeadline?
  /// It had a thread of its own, and it was done; nil for a short one, on the event loop.
  var begun: NIODeadline?
  var read: NIODeadline?

  init(_ operation: RangeOperation, confirmed: NIODeadline?) {
    self.operation = operation
    self.confirmed = confirmed
  }
}

extension APIContext {
  /// Reports a write that took longer than an operator wants to see.
  func noteDuration(of call: ServerCall, _ steps: WriteSteps) {
    guard let now = endOfSlow(call) else { return }
    report(
      call, until: now,
      [
        (.receive, steps.asked), (.queue, steps.taken), (.log, steps.logged),
        (.majority, steps.agreed), (.apply, steps.applied), (.answer, now),
      ],
      request: RequestWords.describe(steps.command))
  }

  /// Reports a read that took longer than an operator wants to see.
  func noteDuration(of call: ServerCall, _ steps: ReadSteps) {
    guard let now = endOfSlow(call) else { return }
    var ends: [(SlowRequest.Step.Kind, UInt64)] = []
    if let confirmed = steps.confirmed { ends.append((.majority, confirmed.uptimeNanoseconds)) }
    if let begun = steps.begun { ends.append((.queue, begun.uptimeNanoseconds)) }
    ends.append((.read, steps.read?.uptimeNanoseconds ?? now))
    if steps.read != nil { ends.append((.answer, now)) }
    report(call, until: now, ends, request: RequestWords.describe(steps.operation))
  }

  /// The time if a call has taken too long.
  private func endOfSlow(_ call: ServerCall) -> UInt64? {
    let now = NIODeadline.now()
    let nanoseconds = (now - call.arrival).nanoseconds
    return nanoseconds > configuration.slowRequestNanoseconds ? now.uptimeNanoseconds : nil
  }

  private func report(
    _ call: ServerCall, until now: UInt64, _ ends: [(SlowRequest.Step.Kind, UInt64)],
    request: String?
  ) {
    meters.slowRequests.add()
    let began = call.arrival.uptimeNanoseconds
    let nanoseconds = Int64(clamping: now - began)
    let isWrite = ends.contains { $0.0 == .log }
    configuration.onSlowRequest(
      SlowRequest(
        path: call.path, remoteAddress: call.peer.remoteAddress, nanoseconds: nanoseconds,
        steps: Self.steps(from: began, ends),
        logSyncNanoseconds: isWrite ? member.logSyncNanoseconds(inLast: nanoseconds) : 0,
        request: request))
  }

  /// The steps that end at some moments. Where two threads looked at the clock in another order than it went, a step
  /// takes no time.
  static func steps(
    from began: UInt64, _ ends: [(kind: SlowRequest.Step.Kind, end: UInt64)]
  ) -> [SlowRequest.Step] {
    var last = began
    return ends.map { step in
      let end = max(last, step.end)
      defer { last = end }
      return SlowRequest.Step(kind: step.kind, nanoseconds: Int64(clamping: end - last))
    }
  }
}

/// What was asked for in a line, as etcd's log has it: keys, which may be long and hold anything, and how long values
/// are, but never what they hold.
enum RequestWords {
  static func describe(_ read: RangeOperation) -> String {
    var words = describe(read.keys)
    if read.limit > 0 { words += " limit:\(read.limit)" }
    if read.revision > .zero { words += " revision:\(read.revision)" }
    return words
  }

  static func describe(_ command: Command) -> String? {
    guard case .store(let change) = command else { return nil }
    return switch change {
    case .put(let put):
      "key:\(quoted(put.key)) value_size:\(put.value.count)"
        + (put.lease == .none ? "" : " lease:\(put.lease)")
    case .deleteRange(let deletion): describe(deletion.keys)
    case .transaction(let transaction): describe(transaction)
    case .compact(let revision): "revision:\(revision)"
    case .grantLease(let lease, let seconds): "lease:\(lease) ttl:\(seconds)"
    case .revokeLease(let lease): "lease:\(lease)"
    case .checkpointLeases(let checkpoints): "leases:\(checkpoints.count)"
    }
  }

  private static func describe(_ transaction: TransactionOperation) -> String {
    let counts =
      "compare:\(transaction.comparisons.count) success:\(transaction.success.count) "
      + "failure:\(transaction.failure.count)"
    // Most transactions are about one key.
    let keys = transaction.comparisons.first?.keys ?? transaction.success.first?.keys
    return keys.map { "\(describe($0)) \(counts)" } ?? counts
  }

  private static func describe(_ keys: KeyRange) -> String {
    let words = "key:\(quoted(keys.key))"
    return keys.isSingleKey ? words : "\(words) range_end:\(quoted(keys.end))"
  }

  private static func quoted(_ key: Bytes) -> String {
    let shown = String(decoding: key.prefix(128), as: UTF8.self)
    return shown.debugDescription + (key.count > 128 ? "…" : "")
  }
}

extension TransactionOperation.Step {
  /// What the step is about; nil for a transaction of its own.
  fileprivate var keys: KeyRange? {
    switch self {
    case .range(let read): read.keys
    case .put(let put): KeyRange(put.key)
    case .deleteRange(let deletion): deletion.keys
    case .transaction: nil
    }
  }
}
