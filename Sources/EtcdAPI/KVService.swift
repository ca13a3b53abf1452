internal import Access
internal import HTTPTransport
internal import MVCC
internal import Member
internal import NIOCore
internal import Primitives
internal import ReplicaCore

/// `etcdserverpb.KV`: the hot path. Requests are decoded straight to operations and answers encoded
/// straight from records.
struct KVService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    router.registerUnary("/etcdserverpb.KV/Put") { put($1, $0) }
    router.registerUnary("/etcdserverpb.KV/Range") { range($1, $0) }
    router.registerUnary("/etcdserverpb.KV/DeleteRange") { deleteRange($1, $0) }
    router.registerUnary("/etcdserverpb.KV/Txn") { transaction($1, $0) }
    router.registerUnary("/etcdserverpb.KV/Compact") { compact($1, $0) }
    router.registerUnary("/etcdserverpb.KV/RangeStream") { rangeStream($1, $0) }
  }

  private func put(_ message: Bytes, _ call: ServerCall) {
    let operation: PutOperation
    do throws(CallStatus) {
      operation = try decoded(message, PutOperation.decode)
      try operation.check()
    } catch { return call.finish(error) }
    context.propose(.store(.put(operation)), for: call) { result in
      guard case .store(.put(let put)) = result else { return call.finish(.mismatched(result)) }
      let header = context.header(put.revision)
      call.finish(count: put.length(header)) { put.append(header, to: &$0) }
    }
  }

  private func deleteRange(_ message: Bytes, _ call: ServerCall) {
    let operation: DeleteRangeOperation
    do throws(CallStatus) {
      operation = try decoded(message, DeleteRangeOperation.decode)
      try operation.check()
    } catch { return call.finish(error) }
    context.propose(.store(.deleteRange(operation)), for: call) { result in
      guard case .store(.deleteRange(let deletion)) = result else {
        return call.finish(.mismatched(result))
      }
      let header = context.header(deletion.revision)
      call.finish(count: deletion.length(header)) { deletion.append(header, to: &$0) }
    }
  }

  private func transaction(_ message: Bytes, _ call: ServerCall) {
    let operation: TransactionOperation
    do throws(CallStatus) {
      operation = try decoded(message) { bytes, range throws(RequestDecodingError) in
        try TransactionOperation.decode(bytes, in: range)
      }
      try operation.check(limit: context.configuration.maxTransactionOperations)
    } catch { return call.finish(error) }
    context.propose(.store(.transaction(operation)), for: call) { result in
      guard case .store(.transaction(let transaction)) = result else {
        return call.finish(.mismatched(result))
      }
      let header = context.header(transaction.revision)
      call.finish(count: transaction.length(header)) { transaction.append(header, to: &$0) }
    }
  }

  private func range(_ message: Bytes, _ call: ServerCall) {
    if message.count <= context.configuration.maxRequestBytes,
      let get = PlainGet.decode(message), get.isSerializable || context.member.servesReadsAlone
    {
      do throws(CallStatus) {
        if context.access.isEnabled {
          try context.access.check(.read(KeyRange(Bytes(message[get.key]))), for: call)
        }
      } catch { return call.finish(error) }
      return answer(get, in: message, call)
    }
    let request: (operation: RangeOperation, isSerializable: Bool)
    do throws(CallStatus) {
      request = try decoded(message, RangeOperation.decode)
      try request.operation.check()
    } catch { return call.finish(error) }
    if request.isSerializable {
      read(request.operation, call)
    } else {
      let asksOthers = !context.member.servesReadsAlone
      context.afterReadBarrier(for: call) {
        read(request.operation, call, confirmed: asksOthers ? .now() : nil)
      }
    }
  }

  /// Reads one key as it is at present: by far the most frequent read, with nothing made on its way
  /// but the answer.
  private func answer(_ get: PlainGet, in message: Bytes, _ call: ServerCall) {
    let (record, revision) = context.member.store.get(message, in: get.key)
    let header = context.header(revision)
    call.finish(count: record.length(header)) { record.append(header, to: &$0) }
  }

  /// Reads at once if that is quick, else on a reader thread, so that no long range holds up an
  /// event loop.
  ///
  /// - Parameter confirmed: when other members had confirmed that it may; nil if they were not asked.
  private func read(
    _ operation: RangeOperation, _ call: ServerCall, confirmed: NIODeadline? = nil
  ) {
    let standing: AccessGuard.Standing
    do throws(CallStatus) {
      standing = try context.access.stand(.read(operation.keys), for: call)
    } catch { return call.finish(error) }
    let inPieces = call.takesPieces
    if context.member.store.estimatedCost(of: operation) <= APIContext.shortRangeKeys {
      answer(operation, call, inPieces: inPieces) { $0() }
      if let confirmed {
        context.noteDuration(of: call, ReadSteps(operation, confirmed: confirmed))
      }
    } else {
      context.onReaderThread(for: call) {
        var steps = ReadSteps(operation, confirmed: confirmed)
        steps.begun = .now()
        answer(operation, call, inPieces: inPieces) { body in
          steps.read = .now()
          call.execute { [steps] in
            context.noteDuration(of: call, steps)
            // While a long read ran, the permission may have been taken back.
            var standing = standing
            do throws(CallStatus) { try context.access.renew(&standing, for: call) } catch {
              return call.finish(error)
            }
            body()
          }
        }
      }
    }
  }

  /// Reads, and hops to the call's event loop with the answer.
  private func answer(
    _ operation: RangeOperation, _ call: ServerCall, inPieces: Bool,
    on hop: (@escaping @Sendable () -> Void) -> Void
  ) {
    do throws(StoreError) {
      let result = try context.member.store.range(operation)
      let header = context.header(result.revision)
      let length = result.length(header)
      if inPieces, length > Limits.wholeAnswerBytes {
        let answer = RangeAnswer(result, header: header, elsewhere: context.member.runRead)
        hop { call.finish(answer) }
      } else {
        let message = Bytes.message(count: length) { result.append(header, to: &$0) }
        hop { call.finish(message) }
      }
    } catch {
      let status = CallStatus(error)
      hop { call.finish(status) }
    }
  }

  private func rangeStream(_ message: Bytes, _ call: ServerCall) {
    let request: (operation: RangeOperation, isSerializable: Bool)
    do throws(CallStatus) {
      request = try decoded(message, RangeOperation.decode)
      try request.operation.check()
      if !RangeCursor.isStreamable(request.operation) {
        throw CallStatus(.unimplemented, "etcdserver: range stream with sort or revision filters")
      }
    } catch { return call.finish(error) }
    let streamer = RangeStreamer(request.operation, call: call, context: context)
    if request.isSerializable {
      streamer.start()
    } else {
      context.afterReadBarrier(for: call) { streamer.start() }
    }
  }

  private func compact(_ message: Bytes, _ call: ServerCall) {
    let request: (revision: Revision, isPhysical: Bool)
    do throws(CallStatus) { request = try decoded(message, CompactionRequest.decode) } catch {
      return call.finish(error)
    }
    let author: Author
    do throws(CallStatus) {
      author = try context.access.author(of: .store(.compact(request.revision)), for: call)
    } catch { return call.finish(error) }
    context.member.compact(
      request.revision, physical: request.isPhysical, by: author
    ) { result in
      call.execute {
        switch result {
        case .failure(let error): call.finish(CallStatus(error))
        case .success(let revision):
          let header = context.header(revision)
          call.finish(count: header.fieldSize) { header.append(to: &$0) }
        }
      }
    }
  }

  /// Decodes a message, and turns what is wrong with it into what etcd's clients are told.
  private func decoded<Operation>(
    _ message: Bytes,
    _ decode: (Bytes, Range<Int>) throws(RequestDecodingError) -> Operation
  ) throws(CallStatus) -> Operation {
    if message.count > context.configuration.maxRequestBytes { throw .requestTooLarge }
    do { return try decode(message, 0..<message.count) } catch { throw CallStatus(error) }
  }
}

extension CallStatus {
  /// A result of another kind than the command's: a fault of ours, told as such.
  static func mismatched(_ result: CommandResult) -> CallStatus {
    CallStatus(.internalError, "etcdserver: the command was answered with \(result)")
  }
}

/// Reads an `etcdserverpb.CompactionRequest`.
enum CompactionRequest {
  static func decode(
    _ bytes: Bytes, in range: Range<Int>
  ) throws(RequestDecodingError) -> (revision: Revision, isPhysical: Bool) {
    var reader = ByteReader(bytes, in: range)
    var revision = Revision.zero
    var isPhysical = false
    do {
      while !reader.isAtEnd {
        let tag = try reader.readTag()
        switch (tag.field, tag.wireType) {
        case (1, 0): revision = Revision(Int64(bitPattern: try reader.readVarint()))
        case (2, 0): isPhysical = try reader.readVarint() != 0
        default: try reader.skipField(wireType: tag.wireType)
        }
      }
    } catch { throw .malformed(error) }
    return (revision, isPhysical)
  }
}
