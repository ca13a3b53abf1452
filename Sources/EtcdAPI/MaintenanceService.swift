internal import Access
internal import EtcdProtocol
internal import HTTPTransport
internal import MVCC
internal import Member
internal import NIOCore
internal import Primitives
internal import ReplicaCore
internal import SwiftProtobuf
internal import Telemetry

/// `etcdserverpb.Maintenance`, but for Snapshot, which has a file of its own.
struct MaintenanceService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    router.unary("/etcdserverpb.Maintenance/Status", status)
    router.unary("/etcdserverpb.Maintenance/Alarm", alarm)
    router.unary("/etcdserverpb.Maintenance/Defragment", defragment)
    router.unary("/etcdserverpb.Maintenance/Hash", hash)
    router.unary("/etcdserverpb.Maintenance/HashKV", hashKV)
    router.unary("/etcdserverpb.Maintenance/MoveLeader", moveLeader)
    router.unary("/etcdserverpb.Maintenance/Downgrade", downgrade)
    router.register("/etcdserverpb.Maintenance/Snapshot") { call in
      call.onRequest { _ in SnapshotStreamer(call, context).start() }
    }
  }

  private func status(_ request: Etcdserverpb_StatusRequest, _ call: ServerCall) {
    let status = context.member.status
    call.answer(
      Etcdserverpb_StatusResponse.with {
        $0.header = context.header(status.revision).message
        $0.version = Version.etcdAPI
        $0.storageVersion = Version.etcdCluster
        $0.dbSize = status.sizeOnDiskBytes
        $0.dbSizeInUse = status.logicalBytes
        $0.dbSizeQuota = status.quotaBytes
        $0.leader = status.leader.rawValue
        $0.raftIndex = status.commitIndex.rawValue
        $0.raftTerm = status.term.rawValue
        $0.raftAppliedIndex = status.appliedIndex.rawValue
        $0.errors = Self.errors(status)
        $0.isLearner = status.isLearner
        $0.downgradeInfo = .init()
      })
  }

  /// What is wrong, in etcd's words where it has any.
  private static func errors(_ status: MemberStatus) -> [String] {
    let noLeader = status.leader == .none ? [CallStatus.noLeader.message] : []
    // Each as Go prints the message, the space at its end included.
    let alarms = status.alarms.map { "memberID:\($0.member.rawValue) alarm:\($0.kind.name) " }
    return noLeader + alarms + status.errors
  }

  private func alarm(_ request: Etcdserverpb_AlarmRequest, _ call: ServerCall) {
    switch request.action {
    case .get:
      do throws(CallStatus) { try context.access.check(.login, for: call) } catch {
        return call.finish(error)
      }
      // Like etcd, whichever member is named.
      let wanted = AlarmKind(request.alarm)
      answer(context.member.alarms.filter { wanted == nil || $0.kind == wanted }, call)
    case .activate: change(.activate, request, call)
    case .deactivate: change(.deactivate, request, call)
    case .UNRECOGNIZED:
      do throws(CallStatus) { try context.access.check(.login, for: call) } catch {
        return call.finish(error)
      }
      answer([], call)
    }
  }

  private func change(
    _ action: AlarmAction, _ request: Etcdserverpb_AlarmRequest, _ call: ServerCall
  ) {
    do throws(CallStatus) { try context.access.check(.maintenance(.alarm), for: call) } catch {
      return call.finish(error)
    }
    guard let kind = AlarmKind(request.alarm) else { return answer([], call) }
    let command = Command.alarm(action, MemberID(request.memberID), kind)
    context.propose(command, for: call) { result in
      guard case .alarms(let alarms) = result else { return call.finish(.mismatched(result)) }
      answer(alarms, call)
    }
  }

  private func answer(_ alarms: [Alarm], _ call: ServerCall) {
    call.answer(
      Etcdserverpb_AlarmResponse.with {
        $0.header = context.header().message
        $0.alarms = alarms.map { alarm in
          .with {
            $0.memberID = alarm.member.rawValue
            $0.alarm = alarm.kind == .noSpace ? .nospace : .corrupt
          }
        }
      })
  }

  private func defragment(_ request: Etcdserverpb_DefragmentRequest, _ call: ServerCall) {
    context.member.defragment()
    call.answer(
      Etcdserverpb_DefragmentResponse.with { $0.header = context.header().message })
  }

  private func hash(_ request: Etcdserverpb_HashRequest, _ call: ServerCall) {
    let begin = NIODeadline.now()
    context.member.hashKV(at: .zero) { result in
      context.meters.hashes.observe(since: begin)
      call.execute {
        switch result {
        case .failure(let error): call.finish(CallStatus(error))
        case .success(let hash):
          call.answer(
            Etcdserverpb_HashResponse.with {
              $0.header = context.header(hash.revision).message
              $0.hash = hash.hash
            })
        }
      }
    }
  }

  private func hashKV(_ request: Etcdserverpb_HashKVRequest, _ call: ServerCall) {
    let begin = NIODeadline.now()
    context.member.hashKV(at: Revision(request.revision)) { result in
      context.meters.hashesOfRevisions.observe(since: begin)
      call.execute {
        switch result {
        case .failure(let error): call.finish(CallStatus(error))
        case .success(let hash):
          call.answer(
            Etcdserverpb_HashKVResponse.with {
              $0.header = context.header(hash.revision).message
              $0.hash = hash.hash
              $0.compactRevision = hash.compactRevision.rawValue
              $0.hashRevision = hash.hashRevision.rawValue
            })
        }
      }
    }
  }

  /// Nobody is promised a way back that does not exist: what lies on disk is this release's own, and the way to etcd
  /// of any version is a snapshot.
  private func downgrade(_ request: Etcdserverpb_DowngradeRequest, _ call: ServerCall) {
    switch request.action {
    case .validate, .enable:
      call.finish(
        Self.isVersion(request.version) ? .invalidDowngradeTarget : .wrongDowngradeFormat)
    case .cancel: call.finish(.noDowngrade)
    case .UNRECOGNIZED:
      call.finish(CallStatus(.unknown, "unknown downgrade action"))
    }
  }

  /// `3.6` or `3.6.0`.
  private static func isVersion(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return (2...3).contains(parts.count) && parts.allSatisfy { UInt32($0) != nil }
  }

  private func moveLeader(_ request: Etcdserverpb_MoveLeaderRequest, _ call: ServerCall) {
    context.member.moveLeader(to: MemberID(request.targetID)) { result in
      call.execute {
        switch result {
        case .failure(let error): call.finish(CallStatus(error))
        case .success:
          call.answer(
            Etcdserverpb_MoveLeaderResponse.with { $0.header = context.header().message })
        }
      }
    }
  }
}

extension AlarmKind {
  /// As etcd's API has it.
  var name: String {
    switch self {
    case .noSpace: "NOSPACE"
    case .corrupt: "CORRUPT"
    }
  }

  fileprivate init?(_ kind: Etcdserverpb_AlarmType) {
    switch kind {
    case .nospace: self = .noSpace
    case .corrupt: self = .corrupt
    case .none, .UNRECOGNIZED: return nil
    }
  }
}
