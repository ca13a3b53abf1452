internal import EtcdProtocol
internal import HTTPTransport
internal import Member
internal import Primitives
internal import ReplicaCore
internal import SwiftProtobuf

/// `etcdserverpb.Cluster`: the list of members and their URLs, and honest answers to changes of a membership
/// that can't change yet.
struct ClusterService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    router.unary("/etcdserverpb.Cluster/MemberList", list)
    router.unary("/etcdserverpb.Cluster/MemberAdd") {
      (_: Etcdserverpb_MemberAddRequest, call: ServerCall) in call.finish(.singleMember)
    }
    router.unary("/etcdserverpb.Cluster/MemberRemove") {
      (request: Etcdserverpb_MemberRemoveRequest, call: ServerCall) in
      call.finish(isMember(request.id) ? .notEnoughStarted : .memberNotFound)
    }
    router.unary("/etcdserverpb.Cluster/MemberUpdate", update)
    router.unary("/etcdserverpb.Cluster/MemberPromote") {
      (request: Etcdserverpb_MemberPromoteRequest, call: ServerCall) in
      call.finish(isMember(request.id) ? .notLearner : .memberNotFound)
    }
  }

  private func isMember(_ id: UInt64) -> Bool {
    context.member.members.contains { $0.id.rawValue == id }
  }

  private func update(_ request: Etcdserverpb_MemberUpdateRequest, _ call: ServerCall) {
    let command = Command.memberPeerURLs(MemberID(request.id), request.peerUrls)
    context.propose(command, for: call) { _ in
      call.answer(
        Etcdserverpb_MemberUpdateResponse.with {
          $0.header = context.header(.zero).message
          $0.members = context.member.members.map(Etcdserverpb_Member.init)
        })
    }
  }

  private func list(_ request: Etcdserverpb_MemberListRequest, _ call: ServerCall) {
    let answer: @Sendable () -> Void = {
      call.answer(
        Etcdserverpb_MemberListResponse.with {
          // The list is no key's state, so its header has no revision, as in etcd.
          $0.header = context.header(.zero).message
          $0.members = context.member.members.map(Etcdserverpb_Member.init)
        })
    }
    if request.linearizable {
      context.afterReadBarrier(for: call, answer)
    } else {
      answer()
    }
  }
}

extension CallStatus {
  /// Membership is fixed while members do not replicate.
  fileprivate static let singleMember = CallStatus(
    .failedPrecondition, "etcdserver: not capable: this version serves clusters of one member")
}

extension Etcdserverpb_Member {
  fileprivate init(_ member: ClusterMember) {
    self.init()
    id = member.id.rawValue
    name = member.name
    peerUrls = member.peerURLs
    clientUrls = member.clientURLs
    isLearner = member.isLearner
  }
}
