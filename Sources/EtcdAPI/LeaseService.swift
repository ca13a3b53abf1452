internal import EtcdProtocol
internal import HTTPTransport
internal import MVCC
internal import Member
internal import Primitives
internal import ReplicaCore
internal import SwiftProtobuf
internal import Telemetry

/// `etcdserverpb.Lease`.
struct LeaseService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    router.unary("/etcdserverpb.Lease/LeaseGrant", grant)
    router.unary("/etcdserverpb.Lease/LeaseRevoke", revoke)
    router.unary("/etcdserverpb.Lease/LeaseTimeToLive", timeToLive)
    router.unary("/etcdserverpb.Lease/LeaseLeases", leases)
    router.register("/etcdserverpb.Lease/LeaseKeepAlive") { call in
      KeepAliveStream(call, context).start()
    }
  }

  private func grant(_ request: Etcdserverpb_LeaseGrantRequest, _ call: ServerCall) {
    if request.ttl > Limits.leaseSeconds { return call.finish(.leaseTimeTooLong) }
    let lease = request.id == 0 ? context.member.makeLeaseID() : LeaseID(request.id)
    let seconds = max(request.ttl, context.configuration.minimumLeaseSeconds)
    context.propose(.store(.grantLease(lease, seconds: seconds)), for: call) { result in
      guard case .store(.leaseGranted(let lease, let seconds, let revision)) = result else {
        return call.finish(.mismatched(result))
      }
      context.meters.leasesGranted.add()
      let nanoseconds = seconds.multipliedReportingOverflow(by: 1_000_000_000)
      context.meters.leaseTimes.observe(
        nanoseconds: nanoseconds.overflow ? .max : nanoseconds.partialValue)
      call.answer(
        Etcdserverpb_LeaseGrantResponse.with {
          $0.header = context.header(revision).message
          $0.id = lease.rawValue
          $0.ttl = seconds
        })
    }
  }

  private func revoke(_ request: Etcdserverpb_LeaseRevokeRequest, _ call: ServerCall) {
    context.propose(.store(.revokeLease(LeaseID(request.id))), for: call) { result in
      guard case .store(.leaseRevoked(let revision)) = result else {
        return call.finish(.mismatched(result))
      }
      context.meters.leasesRevoked.add()
      call.answer(
        Etcdserverpb_LeaseRevokeResponse.with { $0.header = context.header(revision).message })
    }
  }

  private func timeToLive(_ request: Etcdserverpb_LeaseTimeToLiveRequest, _ call: ServerCall) {
    let lease = LeaseID(request.id)
    do throws(CallStatus) { try context.access.checkReads(of: [lease], for: call) } catch {
      return call.finish(error)
    }
    context.member.leaseTimeToLive(lease) { result in
      switch result {
      case .success(let status) where request.keys:
        // A lease may hold very many keys: neither the replica's thread nor the event loop collects them.
        context.onReaderThread(for: call) {
          answer(lease, status, keys: context.member.store.keys(of: lease), call)
        }
      case .success(let status): answer(lease, status, keys: [], call)
      // A lease that is not there is no error here: etcd answers with -1.
      case .failure(.store(.leaseNotFound)):
        let none = LeaseStatus(grantedSeconds: 0, remainingSeconds: -1)
        answer(lease, none, keys: [], call)
      case .failure(let error): call.execute { call.finish(CallStatus(error)) }
      }
    }
  }

  /// Answers with a `LeaseTimeToLiveResponse`; any thread.
  private func answer(
    _ lease: LeaseID, _ status: LeaseStatus, keys: [Bytes], _ call: ServerCall
  ) {
    let header = context.header()
    var writer = ByteWriter(capacity: header.fieldSize + 32)
    header.append(to: &writer)
    writer.appendVarintField(2, lease.rawValue)
    writer.appendVarintField(3, status.remainingSeconds)
    writer.appendVarintField(4, status.grantedSeconds)
    for key in keys { writer.appendBytesField(5, key) }
    let message = writer.bytes
    call.execute { call.finish(message) }
  }

  private func leases(_ request: Etcdserverpb_LeaseLeasesRequest, _ call: ServerCall) {
    context.member.leases { result in
      call.execute {
        switch result {
        case .failure(let error): call.finish(CallStatus(error))
        case .success(let leases):
          do throws(CallStatus) { try context.access.checkReads(of: leases, for: call) } catch {
            return call.finish(error)
          }
          call.answer(
            Etcdserverpb_LeaseLeasesResponse.with {
              $0.header = context.header().message
              $0.leases = leases.map { lease in .with { $0.id = lease.rawValue } }
            })
        }
      }
    }
  }
}

/// One keep-alive stream: every request is a renewal, answered in the order in which renewals take effect.
private final class KeepAliveStream: @unchecked Sendable {
  // Used on the call's event loop only.
  private let call: ServerCall
  private let context: APIContext
  private var pending = 0
  private var hasEnded = false
  /// Renewals under way on one stream; beyond, the client is held back.
  private static let maxPending = 256

  init(_ call: ServerCall, _ context: APIContext) {
    self.call = call
    self.context = context
  }

  func start() {
    guard context.streams.add(call) else { return }
    call.onMessage = { self.renew($0) }
    call.onHalfClose = {
      self.hasEnded = true
      self.finishIfDone()
    }
  }

  private func renew(_ message: Bytes) {
    guard let id = lease(in: message) else { return }
    do throws(CallStatus) {
      try context.access.checkWrites(of: LeaseID(id), for: call)
    } catch { return call.finish(error) }
    if pending == 0 {
      switch context.member.renewLeaseAtOnce(LeaseID(id)) {
      case .renewed(let seconds):
        context.meters.leasesRenewed.add()
        return answer(id, seconds: seconds)
      case .notFound: return answer(id, seconds: 0)
      case .needsReplica: break
      }
    }
    pending += 1
    if pending >= Self.maxPending { call.pauseReading() }
    context.member.renewLease(LeaseID(id)) { result in
      self.call.execute { self.renewed(id, result) }
    }
  }

  /// Reads a `LeaseKeepAliveRequest`: as a rule its one field, else whatever it is.
  private func lease(in message: Bytes) -> Int64? {
    var reader = ByteReader(message)
    if let tag = try? reader.readTag(), tag == (1, 0), let id = try? reader.readVarint(),
      reader.isAtEnd
    {
      return Int64(bitPattern: id)
    }
    return call.decoded(message, as: Etcdserverpb_LeaseKeepAliveRequest.self)?.id
  }

  private func renewed(_ id: Int64, _ result: Result<Int64, ProposalError>) {
    pending -= 1
    call.resumeReading()
    switch result {
    case .success(let seconds):
      context.meters.leasesRenewed.add()
      answer(id, seconds: seconds)
    // A lease that is gone is no error on this stream: etcd answers with a lifetime of 0.
    case .failure(.store(.leaseNotFound)): answer(id, seconds: 0)
    case .failure(let error): call.finish(CallStatus(error))
    }
    finishIfDone()
  }

  private func answer(_ id: Int64, seconds: Int64) {
    let header = context.header()
    let result = RenewalResult(lease: id, seconds: seconds)
    call.send(Bytes.message(count: result.length(header)) { result.append(header, to: &$0) })
  }

  private func finishIfDone() {
    if hasEnded && pending == 0 { call.finish() }
  }
}
