internal import EtcdProtocol
internal import HTTPTransport
internal import Primitives
internal import SwiftProtobuf
internal import Synchronization

/// How a caller stands in line for a name, by the layout that etcd's client libraries use, so that both may wait in one
/// line: a key `NAME/LEASE` (the lease in hexadecimal) with the lease attached, and whose turn it is, is who has the
/// lowest creation revision.
///
/// Waiting costs one watch; it ends with the call, which then takes the key away again.
final class Queueing: @unchecked Sendable {
  /// A place in the line.
  struct Place {
    var key: Bytes
    /// The creation revision of the key: what orders the line, and a fencing token for who has got through.
    var revision: Int64
    /// The header of the transaction that took the place.
    var header: Etcdserverpb_ResponseHeader
    /// What the key held before, if it was there.
    var formerValue: Bytes?
    var isFirst: Bool
  }

  private let inner: InnerCalls
  private let context: APIContext
  private let prefix: Bytes
  private var place: Place?
  private var isWaiting = false
  private var isTaking = false
  private var hasLeft = false

  init(_ name: Bytes, _ inner: InnerCalls, _ context: APIContext) {
    prefix = name + [UInt8(ascii: "/")]
    self.inner = inner
    self.context = context
    // The caller is kept by whatever it waits for, and lets go of this when it ends.
    inner.caller.onCancel = { _ in self.leave() }
  }

  deinit { if isWaiting { context.waitingCalls.subtract(1, ordering: .relaxed) } }

  /// The lease to stand in line with: the caller's own, or a new one of a minute.
  func withLease(_ lease: Int64, _ body: @escaping (Int64) -> Void) {
    if lease != 0 { return body(lease) }
    inner.ask(
      inner.methods.grantLease,
      Etcdserverpb_LeaseGrantRequest.with { $0.ttl = Limits.orphanLeaseSeconds },
      as: Etcdserverpb_LeaseGrantResponse.self
    ) { body($0.id) }
  }

  /// Takes the place of a lease, or finds that it has one.
  func take(value: Bytes, lease: Int64, _ body: @escaping (Place) -> Void) {
    let key = prefix + Bytes(String(UInt64(bitPattern: lease), radix: 16).utf8)
    let first = Etcdserverpb_RequestOp.with { $0.requestRange = firstInLine }
    let request = Etcdserverpb_TxnRequest.with {
      $0.compare = [
        .with {
          $0.key = .init(copying: key)
          $0.target = .create
          $0.createRevision = 0
        }
      ]
      $0.success = [
        .with {
          $0.requestPut = .with {
            $0.key = .init(copying: key)
            $0.value = .init(copying: value)
            $0.lease = lease
          }
        }, first,
      ]
      $0.failure = [.with { $0.requestRange = .with { $0.key = .init(copying: key) } }, first]
    }
    isTaking = true
    inner.ask(inner.methods.transaction, request, as: Etcdserverpb_TxnResponse.self) { answer in
      self.isTaking = false
      if self.hasLeft {
        // A key that stood there before belongs to another call.
        if answer.succeeded { InnerCalls.delete(key, for: self.inner.caller, self.inner.methods) }
        return
      }
      guard let place = Place(key, answer) else {
        return self.inner.caller.finish(
          CallStatus(.internalError, "etcdserver: a place in the line has no answer"))
      }
      self.place = place
      body(place)
    }
  }

  /// Waits until nobody stands before a place.
  func wait(before place: Place, _ body: @escaping @Sendable () -> Void) {
    if !isWaiting {
      let count = context.waitingCalls.add(1, ordering: .relaxed).newValue
      isWaiting = true
      if count > Limits.waitingCalls {
        leave()
        return inner.caller.finish(.tooManyRequests)
      }
    }
    var last = Etcdserverpb_RangeRequest(prefix: prefix)
    last.sortOrder = .descend
    last.sortTarget = .create
    last.limit = 1
    last.maxCreateRevision = place.revision - 1
    inner.ask(inner.methods.range, last, as: Etcdserverpb_RangeResponse.self) { answer in
      guard let before = answer.kvs.first else { return body() }
      self.awaitDeletion(of: Bytes(before.key), after: answer.header.revision) {
        self.wait(before: place, body)
      }
    }
  }

  private func awaitDeletion(
    of key: Bytes, after revision: Int64, _ body: @escaping @Sendable () -> Void
  ) {
    let request = Etcdserverpb_WatchCreateRequest.with {
      $0.key = .init(copying: key)
      $0.startRevision = revision + 1
      $0.filters = [.noput]
    }
    inner.watch(request) { response in
      if response.canceled, response.compactRevision == 0 {
        self.inner.caller.finish(CallStatus(.unknown, response.cancelReason))
        return false
      }
      // What was compacted meanwhile is looked up anew.
      guard response.canceled || !response.events.isEmpty else { return true }
      // Not from within the watch's own answer.
      self.inner.caller.execute { body() }
      return false
    }
  }

  /// The record that is first in the line now.
  var firstInLine: Etcdserverpb_RangeRequest {
    var request = Etcdserverpb_RangeRequest(prefix: prefix)
    request.sortOrder = .ascend
    request.sortTarget = .create
    request.limit = 1
    return request
  }

  /// Gives the place up: the caller has gone, or gave up.
  func leave() {
    hasLeft = true
    // A transaction that is on its way can't be taken back: what it writes is deleted when it has answered.
    if isTaking { return }
    inner.cancel()
    if let place { InnerCalls.delete(place.key, for: inner.caller, inner.methods) }
  }
}

extension Queueing.Place {
  fileprivate init?(_ key: Bytes, _ answer: Etcdserverpb_TxnResponse) {
    guard answer.responses.count == 2 else { return nil }
    self.key = key
    header = answer.header
    let first = answer.responses[1].responseRange.kvs.first
    if answer.succeeded {
      revision = answer.header.revision
    } else {
      guard let known = answer.responses[0].responseRange.kvs.first else { return nil }
      revision = known.createRevision
      formerValue = Bytes(known.value)
    }
    let own = revision
    isFirst = first.map { $0.createRevision == own } ?? true
  }
}

extension Etcdserverpb_RangeRequest {
  /// All keys that begin with `prefix`, which does not end in 0xff.
  fileprivate init(prefix: Bytes) {
    self.init()
    key = .init(copying: prefix)
    var end = prefix
    end[end.count - 1] += 1
    rangeEnd = .init(copying: end)
  }
}
