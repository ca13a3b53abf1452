internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

/// Answers one `Election.Observe` call: each leader, and each value that it proclaims, in order. A client that does not
/// read misses values in between, never the last.
final class ElectionObserver: @unchecked Sendable {
  // Used on the call's event loop only.
  private let call: ServerCall
  private let inner: InnerCalls
  private let queueing: Queueing
  private let context: APIContext
  /// The newest state that could not be sent yet.
  private var waiting: V3electionpb_LeaderResponse?

  init(_ name: Bytes, _ call: ServerCall, _ methods: InnerMethods, _ context: APIContext) {
    self.call = call
    self.context = context
    inner = InnerCalls(call, methods)
    queueing = Queueing(name, inner, context)
  }

  /// Looks for the leader, and follows it.
  func start() {
    guard context.streams.add(call) else { return }
    call.onWritable = {
      guard let last = self.waiting else { return }
      self.waiting = nil
      self.call.send(last)
    }
    find()
  }

  private func find() {
    inner.ask(
      inner.methods.range, queueing.firstInLine, as: Etcdserverpb_RangeResponse.self
    ) { answer in
      if let leader = answer.kvs.first {
        self.follow(leader, answer.header)
      } else {
        self.awaitLeader(after: answer.header.revision)
      }
    }
  }

  /// Sends what the leader says now, and then what it says until its key goes.
  private func follow(_ leader: Mvccpb_KeyValue, _ header: Etcdserverpb_ResponseHeader) {
    send(leader, header)
    let request = Etcdserverpb_WatchCreateRequest.with {
      $0.key = leader.key
      $0.startRevision = header.revision + 1
    }
    inner.watch(request) { response in
      if self.hasFailed(response) { return false }
      for event in response.events {
        if event.type == .delete { return self.findAnew() }
        self.send(event.kv, response.header)
      }
      return response.canceled ? self.findAnew() : true
    }
  }

  private func awaitLeader(after revision: Int64) {
    let all = queueing.firstInLine
    let request = Etcdserverpb_WatchCreateRequest.with {
      $0.key = all.key
      $0.rangeEnd = all.rangeEnd
      $0.startRevision = revision + 1
      $0.filters = [.nodelete]
    }
    inner.watch(request) { response in
      if self.hasFailed(response) { return false }
      return response.canceled || !response.events.isEmpty ? self.findAnew() : true
    }
  }

  /// Looks again, after the watch has ended; answers false for the watch's sake.
  private func findAnew() -> Bool {
    call.execute { self.find() }
    return false
  }

  private func hasFailed(_ response: Etcdserverpb_WatchResponse) -> Bool {
    guard response.canceled, response.compactRevision == 0 else { return false }
    call.finish(CallStatus(.unknown, response.cancelReason))
    return true
  }

  private func send(_ leader: Mvccpb_KeyValue, _ header: Etcdserverpb_ResponseHeader) {
    let response = V3electionpb_LeaderResponse.with {
      $0.header = header
      $0.kv = leader
    }
    if call.isWritable { call.send(response) } else { waiting = response }
  }
}
