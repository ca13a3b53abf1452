internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

/// The methods that Lock and Election are made of.
struct InnerMethods: Sendable {
  let range: LocalMethod
  let deleteRange: LocalMethod
  let transaction: LocalMethod
  let watch: LocalMethod
  let grantLease: LocalMethod

  /// - Parameter calls: a router that has KV, Watch and Lease already.
  init(_ calls: CallRouter) {
    func method(_ path: String) -> LocalMethod {
      guard let method = LocalMethod("/etcdserverpb." + path, of: calls) else {
        fatalError("the method \(path) is registered later than those that are made of it")
      }
      return method
    }
    range = method("KV/Range")
    deleteRange = method("KV/DeleteRange")
    transaction = method("KV/Txn")
    watch = method("Watch/Watch")
    grantLease = method("Lease/LeaseGrant")
  }
}

/// The calls that one call makes of other methods, with its caller's credentials: one after the other, and none any more
/// once the caller has gone.
///
/// Used on the caller's event loop only.
final class InnerCalls: @unchecked Sendable {
  let caller: ServerCall
  let methods: InnerMethods
  private var current: LocalCall?
  private var isCancelled = false

  init(_ caller: ServerCall, _ methods: InnerMethods) {
    self.caller = caller
    self.methods = methods
  }

  /// Makes a call of one message and one answer. `body` is not called after `cancel`.
  func ask<Request: Message, Answer: Message>(
    _ method: LocalMethod, _ request: Request, as type: Answer.Type,
    _ body: @escaping (Answer) -> Void
  ) {
    guard !isCancelled, let message = try? request.serializedBytes() as Bytes else { return }
    let call = LocalCall(method, LocalCall.Origin(caller))
    var answer: Bytes?
    call.onMessage = { answer = $0 }
    call.onEnd = { status in
      self.current = nil
      guard status.code == .ok, let answer, let decoded = try? Answer(serializedBytes: answer)
      else { return self.caller.finish(status.fromWithin) }
      body(decoded)
    }
    current = call
    call.start()
    call.sendOnly(message)
  }

  /// Opens a watch and hands on what it sends, until `stop` is called or `body` answers false.
  func watch(
    _ request: Etcdserverpb_WatchCreateRequest,
    _ body: @escaping (Etcdserverpb_WatchResponse) -> Bool
  ) {
    let creation = Etcdserverpb_WatchRequest.with { $0.createRequest = request }
    guard !isCancelled, let message = try? creation.serializedBytes() as Bytes else { return }
    let call = LocalCall(methods.watch, LocalCall.Origin(caller))
    call.onMessage = { [weak call] bytes in
      // After the first answer that was enough, others may be on their way.
      guard let call, self.current === call,
        let response = try? Etcdserverpb_WatchResponse(serializedBytes: bytes)
      else { return }
      if body(response) { return }
      if self.current === call { self.current = nil }
      call.cancel()
    }
    call.onEnd = { status in
      self.current = nil
      self.caller.finish(status.fromWithin)
    }
    current = call
    call.start()
    call.send(message)
  }

  /// Ends the call that is under way.
  func cancel() {
    isCancelled = true
    let last = current
    current = nil
    last?.cancel()
  }

  /// Deletes a key on behalf of a caller who has gone; nobody waits for the answer.
  static func delete(_ key: Bytes, for caller: ServerCall, _ methods: InnerMethods) {
    let request = Etcdserverpb_DeleteRangeRequest.with { $0.key = .init(copying: key) }
    guard let message = try? request.serializedBytes() as Bytes else { return }
    let call = LocalCall(methods.deleteRange, LocalCall.Origin(caller))
    call.start()
    call.sendOnly(message)
  }
}

extension CallStatus {
  /// The status as the caller of a method is told that is made of others: etcd passes the text on and loses the code,
  /// except where the server itself can't go on.
  fileprivate var fromWithin: CallStatus {
    switch code {
    case .unavailable, .resourceExhausted, .cancelled, .deadlineExceeded: self
    case .ok: CallStatus(.internalError, "etcdserver: a call ended without its answer")
    default: CallStatus(.unknown, message)
    }
  }
}

extension RangeReplaceableCollection where Element == UInt8 {
  /// The bytes as generated messages hold them.
  init(copying bytes: Bytes) {
    self.init()
    append(contentsOf: bytes)
  }
}
