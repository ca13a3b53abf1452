internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf

/// `v3electionpb.Election`: leader election for clients that can't run the recipe themselves.
struct ElectionService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    let methods = InnerMethods(router)
    router.unary("/v3electionpb.Election/Campaign") {
      (request: V3electionpb_CampaignRequest, call: ServerCall) in
      campaign(request, call, methods)
    }
    router.unary("/v3electionpb.Election/Proclaim") {
      (request: V3electionpb_ProclaimRequest, call: ServerCall) in
      guard request.hasLeader else { return call.finish(.missingLeader) }
      let inner = InnerCalls(call, methods)
      call.onCancel = { _ in inner.cancel() }
      proclaim(request.leader, Bytes(request.value), inner) { header in
        call.answer(V3electionpb_ProclaimResponse.with { $0.header = header })
      }
    }
    router.unary("/v3electionpb.Election/Leader") {
      (request: V3electionpb_LeaderRequest, call: ServerCall) in
      leader(request, call, methods)
    }
    router.unary("/v3electionpb.Election/Resign") {
      (request: V3electionpb_ResignRequest, call: ServerCall) in
      resign(request, call, methods)
    }
    router.register("/v3electionpb.Election/Observe") { call in
      call.onRequest { message in
        guard let request = call.decoded(message, as: V3electionpb_LeaderRequest.self) else {
          return
        }
        ElectionObserver(Bytes(request.name), call, methods, context).start()
      }
    }
  }

  private func campaign(
    _ request: V3electionpb_CampaignRequest, _ call: ServerCall, _ methods: InnerMethods
  ) {
    let inner = InnerCalls(call, methods)
    let queueing = Queueing(Bytes(request.name), inner, context)
    let value = Bytes(request.value)
    queueing.withLease(request.lease) { lease in
      queueing.take(value: value, lease: lease) { place in
        let leader = V3electionpb_LeaderKey.with {
          $0.name = request.name
          $0.key = .init(copying: place.key)
          $0.rev = place.revision
          $0.lease = lease
        }
        let wait: @Sendable (Etcdserverpb_ResponseHeader) -> Void = { header in
          queueing.wait(before: place) {
            call.answer(
              V3electionpb_CampaignResponse.with {
                $0.header = header
                $0.leader = leader
              })
          }
        }
        if let former = place.formerValue, former != value {
          proclaim(leader, value, inner) { _ in wait(place.header) }
        } else {
          wait(place.header)
        }
      }
    }
  }

  /// Writes a leader's value, if it still leads.
  private func proclaim(
    _ leader: V3electionpb_LeaderKey, _ value: Bytes, _ inner: InnerCalls,
    _ body: @escaping (Etcdserverpb_ResponseHeader) -> Void
  ) {
    let request = Etcdserverpb_TxnRequest.with {
      $0.compare = [.isStill(leader)]
      $0.success = [
        .with {
          $0.requestPut = .with {
            $0.key = leader.key
            $0.value = .init(copying: value)
            $0.lease = leader.lease
          }
        }
      ]
    }
    inner.ask(inner.methods.transaction, request, as: Etcdserverpb_TxnResponse.self) { answer in
      guard answer.succeeded else { return inner.caller.finish(.notLeading) }
      body(answer.header)
    }
  }

  private func leader(
    _ request: V3electionpb_LeaderRequest, _ call: ServerCall, _ methods: InnerMethods
  ) {
    let inner = InnerCalls(call, methods)
    let queueing = Queueing(Bytes(request.name), inner, context)
    inner.ask(methods.range, queueing.firstInLine, as: Etcdserverpb_RangeResponse.self) { answer in
      guard let first = answer.kvs.first else { return call.finish(.noLeaderElected) }
      call.answer(
        V3electionpb_LeaderResponse.with {
          $0.header = answer.header
          $0.kv = first
        })
    }
  }

  private func resign(
    _ request: V3electionpb_ResignRequest, _ call: ServerCall, _ methods: InnerMethods
  ) {
    guard request.hasLeader else { return call.finish(.missingLeader) }
    let inner = InnerCalls(call, methods)
    call.onCancel = { _ in inner.cancel() }
    let change = Etcdserverpb_TxnRequest.with {
      $0.compare = [.isStill(request.leader)]
      $0.success = [.with { $0.requestDeleteRange = .with { $0.key = request.leader.key } }]
    }
    // Whoever does not lead any more has resigned already.
    inner.ask(methods.transaction, change, as: Etcdserverpb_TxnResponse.self) { answer in
      call.answer(V3electionpb_ResignResponse.with { $0.header = answer.header })
    }
  }
}

extension Etcdserverpb_Compare {
  /// That a leader's key is the one that it was elected with.
  fileprivate static func isStill(_ leader: V3electionpb_LeaderKey) -> Self {
    .with {
      $0.key = leader.key
      $0.target = .create
      $0.createRevision = leader.rev
    }
  }
}

extension CallStatus {
  fileprivate static let missingLeader = CallStatus(
    .unknown, "\"leader\" field must be provided")
  fileprivate static let notLeading = CallStatus(.unknown, "election: not leader")
  fileprivate static let noLeaderElected = CallStatus(.unknown, "election: no leader")
}
