internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

/// `v3lockpb.Lock`: mutual exclusion for clients that can't run the recipe themselves.
struct LockService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    let methods = InnerMethods(router)
    router.unary("/v3lockpb.Lock/Lock") { (request: V3lockpb_LockRequest, call: ServerCall) in
      lock(request, call, methods)
    }
    router.unary("/v3lockpb.Lock/Unlock") { (request: V3lockpb_UnlockRequest, call: ServerCall) in
      unlock(request, call, methods)
    }
  }

  private func lock(
    _ request: V3lockpb_LockRequest, _ call: ServerCall, _ methods: InnerMethods
  ) {
    let inner = InnerCalls(call, methods)
    let queueing = Queueing(Bytes(request.name), inner, context)
    queueing.withLease(request.lease) { lease in
      queueing.take(value: [], lease: lease) { place in
        if place.isFirst { return Self.answer(call, place.key, place.header) }
        queueing.wait(before: place) {
          // The lease may have run out while its owner waited, and then nothing is locked.
          let mine = Etcdserverpb_RangeRequest.with { $0.key = .init(copying: place.key) }
          inner.ask(methods.range, mine, as: Etcdserverpb_RangeResponse.self) { answer in
            if answer.kvs.isEmpty { return call.finish(.sessionExpired) }
            Self.answer(call, place.key, answer.header)
          }
        }
      }
    }
  }

  private static func answer(
    _ call: ServerCall, _ key: Bytes, _ header: Etcdserverpb_ResponseHeader
  ) {
    call.answer(
      V3lockpb_LockResponse.with {
        $0.header = header
        $0.key = .init(copying: key)
      })
  }

  private func unlock(
    _ request: V3lockpb_UnlockRequest, _ call: ServerCall, _ methods: InnerMethods
  ) {
    let inner = InnerCalls(call, methods)
    call.onCancel = { _ in inner.cancel() }
    let deletion = Etcdserverpb_DeleteRangeRequest.with { $0.key = request.key }
    inner.ask(methods.deleteRange, deletion, as: Etcdserverpb_DeleteRangeResponse.self) {
      answer in call.answer(V3lockpb_UnlockResponse.with { $0.header = answer.header })
    }
  }
}

extension CallStatus {
  fileprivate static let sessionExpired = CallStatus(.unknown, "mutex: session is expired")
}
