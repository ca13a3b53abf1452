internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf
internal import Synchronization

/// Renews leases over one stream, and makes the stream again when it breaks.
actor LeaseRenewer {
  typealias Continuation = AsyncThrowingStream<LeaseRenewal, any Error>.Continuation

  /// Keeps one lease alive while it lives.
  final class Subscription: Sendable {
    let stream: AsyncThrowingStream<LeaseRenewal, any Error>
    private let continuation: Continuation

    init(lease: LeaseID, renewer: LeaseRenewer) {
      (stream, continuation) = AsyncThrowingStream.makeStream(
        bufferingPolicy: .bufferingNewest(16))
      let continuation = continuation
      let identity = LeaseRenewer.identities.wrappingAdd(1, ordering: .relaxed).newValue
      continuation.onTermination = { _ in
        Task { await renewer.remove(lease, identity) }
      }
      Task { await renewer.add(lease, continuation, identity) }
    }

    deinit { continuation.finish() }
  }

  private struct Entry {
    var subscribers: [Int: Continuation] = [:]
    var nextRenewal = ContinuousClock.now
    /// When the lease is certainly gone unless an answer comes; nil before the first answer.
    var expiry: ContinuousClock.Instant?
  }

  /// How often due renewals are looked for; a lease lives at least a second.
  private static let tick = Duration.milliseconds(250)
  /// How long the first answer may take before a stream is given up.
  private static let answerTimeout = Duration.seconds(5)

  private static let identities = Atomic(0)

  private let pool: EndpointPool
  private let tokens: TokenKeeper
  private var entries: [LeaseID: Entry] = [:]
  /// Subscriptions that ended before they were added: tasks have no order.
  private var endedEarly: Set<Int> = []
  /// Subscriptions that were added and have not ended.
  private var live: Set<Int> = []
  private var worker: Task<Void, Never>?
  private var isStopped = false

  init(pool: EndpointPool, tokens: TokenKeeper) {
    self.pool = pool
    self.tokens = tokens
  }

  func stop() {
    isStopped = true
    worker?.cancel()
    worker = nil
    for entry in entries.values {
      for continuation in entry.subscribers.values { continuation.finish() }
    }
    entries = [:]
  }

  private func add(_ lease: LeaseID, _ continuation: Continuation, _ identity: Int) {
    if endedEarly.remove(identity) != nil { return }
    guard !isStopped else {
      continuation.finish()
      return
    }
    live.insert(identity)
    entries[lease, default: Entry()].subscribers[identity] = continuation
    if worker == nil { worker = Task { await self.run() } }
  }

  private func remove(_ lease: LeaseID, _ identity: Int) {
    guard live.remove(identity) != nil else {
      if !isStopped { endedEarly.insert(identity) }
      return
    }
    guard var entry = entries[lease] else { return }
    entry.subscribers[identity] = nil
    entries[lease] = entry.subscribers.isEmpty ? nil : entry
    if entries.isEmpty {
      worker?.cancel()
      worker = nil
    }
  }

  /// Serves one stream after the other until there is no lease left.
  private func run() async {
    while !Task.isCancelled {
      dropExpired()
      do throws(KeelsonError) {
        let deadline = Deadline(after: Self.answerTimeout)
        let headers = try await tokens.current(within: deadline)
        let (connection, slot) = try await pool.connection(within: deadline)
        let stream: ClientStream
        do throws(CallStatus) {
          stream = try await connection.openStream(Method.leaseKeepAlive, headers: headers)
        } catch {
          pool.reportFailure(of: slot)
          throw KeelsonError(error, endpoint: slot.address.text)
        }
        await serve(stream)
        pool.reportFailure(of: slot)
      } catch {
        if error.code == .cancelled { return }
      }
      for lease in entries.keys { entries[lease]?.nextRenewal = .now }
      try? await Task.sleep(for: Self.tick)
    }
  }

  /// Sends due renewals and takes the answers until either side of the stream fails.
  private func serve(_ stream: ClientStream) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.receive(from: stream) }
      group.addTask { await self.send(to: stream) }
      await group.next()
      stream.cancel()
      group.cancelAll()
    }
  }

  private func send(to stream: ClientStream) async {
    while !Task.isCancelled {
      dropExpired()
      for lease in dueLeases() {
        var request = Etcdserverpb_LeaseKeepAliveRequest()
        request.id = lease.rawValue
        guard let bytes: Bytes = try? request.serializedBytes(),
          (try? await stream.send(bytes)) != nil
        else { return }
      }
      guard (try? await Task.sleep(for: Self.tick)) != nil else { return }
    }
  }

  private func receive(from stream: ClientStream) async {
    do throws(CallStatus) {
      while let bytes = try await stream.receive() {
        guard let answer = try? Etcdserverpb_LeaseKeepAliveResponse(serializedBytes: bytes) else {
          return
        }
        accept(LeaseRenewal(answer))
      }
    } catch {
      // The next stream begins with a new token.
      if tokens.mayRetry(after: KeelsonError(error, endpoint: "")) { await tokens.discard() }
    }
  }

  /// The leases whose renewal is due; each is due again after the time that an answer may take.
  private func dueLeases() -> [LeaseID] {
    let now = ContinuousClock.now
    let due = entries.filter { $0.value.nextRenewal <= now }.map(\.key)
    for lease in due { entries[lease]?.nextRenewal = now + .milliseconds(500) }
    return due
  }

  private func accept(_ renewal: LeaseRenewal) {
    guard var entry = entries[renewal.lease] else { return }
    guard renewal.ttlSeconds > 0 else {
      finish(renewal.lease, .leaseNotFound)
      return
    }
    let now = ContinuousClock.now
    entry.nextRenewal = now + .milliseconds(renewal.ttlSeconds.multipliedSaturating(by: 1000) / 3)
    entry.expiry = now + .milliseconds(renewal.ttlSeconds.multipliedSaturating(by: 1000))
    entries[renewal.lease] = entry
    for continuation in entry.subscribers.values { continuation.yield(renewal) }
  }

  private func dropExpired() {
    let now = ContinuousClock.now
    for (lease, entry) in entries {
      guard let expiry = entry.expiry, expiry <= now else { continue }
      finish(
        lease,
        KeelsonError(
          .leaseNotFound, "no server answered within the time to live of lease \(lease)"))
    }
  }

  private func finish(_ lease: LeaseID, _ error: KeelsonError) {
    guard let entry = entries.removeValue(forKey: lease) else { return }
    for continuation in entry.subscribers.values { continuation.finish(throwing: error) }
  }
}

extension Int64 {
  /// A century at most, so that adding it to a clock cannot overflow.
  fileprivate func multipliedSaturating(by factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? 3_155_760_000_000 : Swift.min(product, 3_155_760_000_000)
  }
}
