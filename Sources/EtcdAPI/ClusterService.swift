internal import EtcdProtocol
internal import HTTPTransport
internal import Member
internal import Primitives
internal import ReplicaCore
internal import SwiftProtobuf
internal import Telemetry

/// `etcdserverpb.Cluster`: the members and their URLs, and who joins, leaves and gains a vote.
struct ClusterService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    router.unary("/etcdserverpb.Cluster/MemberList", list)
    router.unary("/etcdserverpb.Cluster/MemberAdd", add)
    router.unary("/etcdserverpb.Cluster/MemberRemove", remove)
    router.unary("/etcdserverpb.Cluster/MemberUpdate", update)
    router.unary("/etcdserverpb.Cluster/MemberPromote", promote)
  }

  /// In a call's metadata, with `true`: a learner is to get its vote as soon as it has caught up. Etcd's
  /// message has no field for that.
  static let promotionHeader = "keelson-promote-when-ready"

  private func add(_ request: Etcdserverpb_MemberAddRequest, _ call: ServerCall) {
    guard Self.areURLs(request.peerUrls) else { return call.finish(.invalidURLs) }
    guard let author = author(of: call) else { return }
    context.member.addMember(
      peerURLs: request.peerUrls, isLearner: request.isLearner,
      gainsVote: call.headers.first(named: Self.promotionHeader) == "true", by: author
    ) { result in
      finish(call, result) { member in
        Etcdserverpb_MemberAddResponse.with {
          $0.header = context.header(.zero).message
          $0.member = Etcdserverpb_Member(member)
          $0.members = context.member.members.map(Etcdserverpb_Member.init)
        }
      }
    }
  }

  private func remove(_ request: Etcdserverpb_MemberRemoveRequest, _ call: ServerCall) {
    guard let author = author(of: call) else { return }
    context.member.removeMember(MemberID(request.id), by: author) { result in
      finish(call, result) { members in
        Etcdserverpb_MemberRemoveResponse.with {
          $0.header = context.header(.zero).message
          $0.members = members.map(Etcdserverpb_Member.init)
        }
      }
    }
  }

  private func update(_ request: Etcdserverpb_MemberUpdateRequest, _ call: ServerCall) {
    guard Self.areURLs(request.peerUrls) else { return call.finish(.invalidURLs) }
    guard let author = author(of: call) else { return }
    context.member.updateMember(
      MemberID(request.id), peerURLs: request.peerUrls, by: author
    ) { result in
      finish(call, result) { members in
        Etcdserverpb_MemberUpdateResponse.with {
          $0.header = context.header(.zero).message
          $0.members = members.map(Etcdserverpb_Member.init)
        }
      }
    }
  }

  private func promote(_ request: Etcdserverpb_MemberPromoteRequest, _ call: ServerCall) {
    guard let author = author(of: call) else { return }
    context.member.promoteMember(MemberID(request.id), by: author) { result in
      if case .success = result { context.meters.promotions.add() }
      finish(call, result) { members in
        Etcdserverpb_MemberPromoteResponse.with {
          $0.header = context.header(.zero).message
          $0.members = members.map(Etcdserverpb_Member.init)
        }
      }
    }
  }

  /// Who wants the change; nil, and the call has ended, if it may not.
  private func author(of call: ServerCall) -> Author? {
    do throws(CallStatus) {
      return try context.access.author(of: .membership(.remove(.none)), for: call)
    } catch {
      call.finish(error)
      return nil
    }
  }

  private func finish<Value: Sendable, Answer: Message>(
    _ call: ServerCall, _ result: Result<Value, ProposalError>,
    _ answer: @escaping @Sendable (Value) -> Answer
  ) {
    call.execute {
      switch result {
      case .success(let value): call.answer(answer(value))
      case .failure(let error): call.finish(CallStatus(error))
      }
    }
  }

  /// Whether there are URLs, each of them of a scheme and an address, as etcd wants them.
  private static func areURLs(_ texts: [String]) -> Bool {
    !texts.isEmpty
      && texts.allSatisfy { text in
        ["http://", "https://", "unix://", "unixs://"].contains { scheme in
          text.hasPrefix(scheme) && text.count > scheme.count
        }
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
