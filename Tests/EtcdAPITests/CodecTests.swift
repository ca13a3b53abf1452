import EtcdProtocol
import FoundationEssentials
import HTTPTransport
import MVCC
import Primitives
import SwiftProtobuf
import Testing

@testable import EtcdAPI

/// Numbers that repeat for a seed (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bytes(upTo count: Int) -> Bytes {
    (0..<Int.random(in: 0...count, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self)
    }
  }

  mutating func number() -> Int64 {
    switch Int.random(in: 0..<4, using: &self) {
    case 0: 0
    case 1: Int64.random(in: 0...300, using: &self)
    case 2: Int64.random(in: .min ... .max, using: &self)
    default: -1
    }
  }

  mutating func flag() -> Bool { Bool.random(using: &self) }
}

@Suite("Direct codecs equal the generated messages")
struct CodecTests {
  static func range(_ n: inout SeededNumbers) -> Etcdserverpb_RangeRequest {
    .with {
      $0.key = .init(n.bytes(upTo: 20))
      $0.rangeEnd = .init(n.bytes(upTo: 20))
      $0.limit = n.number()
      $0.revision = n.number()
      $0.sortOrder = .init(rawValue: Int.random(in: 0...2, using: &n))!
      $0.sortTarget = .init(rawValue: Int.random(in: 0...4, using: &n))!
      $0.serializable = n.flag()
      $0.keysOnly = n.flag()
      $0.countOnly = n.flag()
      $0.minModRevision = n.number()
      $0.maxModRevision = n.number()
      $0.minCreateRevision = n.number()
      $0.maxCreateRevision = n.number()
    }
  }

  static func put(_ n: inout SeededNumbers) -> Etcdserverpb_PutRequest {
    .with {
      $0.key = .init(n.bytes(upTo: 20))
      $0.value = .init(n.bytes(upTo: 200))
      $0.lease = n.number()
      $0.prevKv = n.flag()
      $0.ignoreValue = n.flag()
      $0.ignoreLease = n.flag()
    }
  }

  static func delete(_ n: inout SeededNumbers) -> Etcdserverpb_DeleteRangeRequest {
    .with {
      $0.key = .init(n.bytes(upTo: 20))
      $0.rangeEnd = .init(n.bytes(upTo: 20))
      $0.prevKv = n.flag()
    }
  }

  static func compare(_ n: inout SeededNumbers) -> Etcdserverpb_Compare {
    .with {
      $0.key = .init(n.bytes(upTo: 9))
      $0.rangeEnd = .init(n.bytes(upTo: 9))
      $0.result = .init(rawValue: Int.random(in: 0...3, using: &n))!
      switch Int.random(in: 0..<5, using: &n) {
      case 0: ($0.target, $0.version) = (.version, n.number())
      case 1: ($0.target, $0.createRevision) = (.create, n.number())
      case 2: ($0.target, $0.modRevision) = (.mod, n.number())
      case 3: ($0.target, $0.value) = (.value, .init(n.bytes(upTo: 30)))
      default: ($0.target, $0.lease) = (.lease, n.number())
      }
    }
  }

  static func step(_ n: inout SeededNumbers, depth: Int) -> Etcdserverpb_RequestOp {
    .with {
      switch Int.random(in: 0..<(depth > 2 ? 3 : 4), using: &n) {
      case 0: $0.requestRange = range(&n)
      case 1: $0.requestPut = put(&n)
      case 2: $0.requestDeleteRange = delete(&n)
      default: $0.requestTxn = transaction(&n, depth: depth + 1)
      }
    }
  }

  static func transaction(_ n: inout SeededNumbers, depth: Int = 0) -> Etcdserverpb_TxnRequest {
    .with {
      for _ in 0..<Int.random(in: 0...3, using: &n) { $0.compare.append(compare(&n)) }
      for _ in 0..<Int.random(in: 0...3, using: &n) { $0.success.append(step(&n, depth: depth)) }
      for _ in 0..<Int.random(in: 0...3, using: &n) { $0.failure.append(step(&n, depth: depth)) }
    }
  }

  static func expect(_ operation: RangeOperation, _ request: Etcdserverpb_RangeRequest) {
    #expect(operation.keys == KeyRange(Bytes(request.key), end: Bytes(request.rangeEnd)))
    #expect(operation.limit == request.limit)
    #expect(operation.revision.rawValue == request.revision)
    #expect(Int(operation.sortOrder.rawValue) == request.sortOrder.rawValue)
    #expect(Int(operation.sortTarget.rawValue) == request.sortTarget.rawValue)
    #expect(operation.keysOnly == request.keysOnly)
    #expect(operation.countOnly == request.countOnly)
    #expect(operation.minModRevision.rawValue == request.minModRevision)
    #expect(operation.maxModRevision.rawValue == request.maxModRevision)
    #expect(operation.minCreateRevision.rawValue == request.minCreateRevision)
    #expect(operation.maxCreateRevision.rawValue == request.maxCreateRevision)
  }

  static func expect(_ operation: PutOperation, _ request: Etcdserverpb_PutRequest) {
    #expect(operation.key == Bytes(request.key))
    #expect(operation.value == Bytes(request.value))
    #expect(operation.lease.rawValue == request.lease)
    #expect(operation.returnsPrevious == request.prevKv)
    #expect(operation.ignoresValue == request.ignoreValue)
    #expect(operation.ignoresLease == request.ignoreLease)
  }

  static func expect(
    _ operation: TransactionOperation, _ request: Etcdserverpb_TxnRequest
  ) throws {
    try #require(operation.comparisons.count == request.compare.count)
    for (mine, theirs) in zip(operation.comparisons, request.compare) {
      #expect(mine.keys == KeyRange(Bytes(theirs.key), end: Bytes(theirs.rangeEnd)))
      #expect(Int(mine.relation.rawValue) == theirs.result.rawValue)
      switch mine.target {
      case .version(let number): #expect(theirs.target == .version && theirs.version == number)
      case .createRevision(let number):
        #expect(theirs.target == .create && theirs.createRevision == number)
      case .modRevision(let number): #expect(theirs.target == .mod && theirs.modRevision == number)
      case .value(let value): #expect(theirs.target == .value && Bytes(theirs.value) == value)
      case .lease(let number): #expect(theirs.target == .lease && theirs.lease == number)
      }
    }
    for (mine, theirs) in [
      (operation.success, request.success), (operation.failure, request.failure),
    ] {
      try #require(mine.count == theirs.count)
      for (step, other) in zip(mine, theirs) {
        switch step {
        case .range(let inner): expect(inner, other.requestRange)
        case .put(let inner): expect(inner, other.requestPut)
        case .deleteRange(let inner):
          #expect(inner.returnsPrevious == other.requestDeleteRange.prevKv)
          #expect(inner.keys.key == Bytes(other.requestDeleteRange.key))
        case .transaction(let inner): try expect(inner, other.requestTxn)
        }
      }
    }
  }

  @Test("requests decode to what the generated messages hold", arguments: 0..<200)
  func requests(seed: UInt64) throws {
    var numbers = SeededNumbers(state: seed)
    let range = Self.range(&numbers)
    let rangeBytes: Bytes = try range.serializedBytes()
    let decoded = try RangeOperation.decode(rangeBytes, in: 0..<rangeBytes.count)
    Self.expect(decoded.operation, range)
    #expect(decoded.isSerializable == range.serializable)
    let put = Self.put(&numbers)
    let putBytes: Bytes = try put.serializedBytes()
    Self.expect(try PutOperation.decode(putBytes, in: 0..<putBytes.count), put)
    let transaction = Self.transaction(&numbers)
    let bytes: Bytes = try transaction.serializedBytes()
    try Self.expect(try TransactionOperation.decode(bytes, in: 0..<bytes.count), transaction)
  }

  @Test("mutated requests end in an error or an operation, never in a crash", arguments: 0..<300)
  func mutations(seed: UInt64) throws {
    var numbers = SeededNumbers(state: seed &+ 77)
    var bytes: Bytes = try Self.transaction(&numbers).serializedBytes()
    for _ in 0..<50 {
      guard !bytes.isEmpty else { break }
      switch Int.random(in: 0..<3, using: &numbers) {
      case 0:
        bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = UInt8.random(
          in: 0...255, using: &numbers)
      case 1: bytes.removeLast(min(bytes.count, 3))
      default: bytes.insert(0xFF, at: Int.random(in: 0...bytes.count, using: &numbers))
      }
      fuzzRequests(bytes)
    }
  }

  @Test("a transaction that is nested too deeply is refused")
  func depth() throws {
    var request = Etcdserverpb_TxnRequest()
    for _ in 0..<100 {
      let inner = request
      request = .with { $0.success = [.with { $0.requestTxn = inner }] }
    }
    let bytes: Bytes = try request.serializedBytes()
    #expect(throws: RequestDecodingError.tooDeep) {
      try TransactionOperation.decode(bytes, in: 0..<bytes.count)
    }
  }

  static func record(_ numbers: inout SeededNumbers) -> Record {
    Record.make(
      revision: SubRevision(
        main: Revision(Int64.random(in: 1...1_000_000, using: &numbers)), sub: 0),
      createRevision: Revision(Int64.random(in: 1...1_000_000, using: &numbers)),
      version: Int64.random(in: 1...1_000, using: &numbers),
      lease: LeaseID(numbers.flag() ? 0 : Int64.random(in: 1 ... .max, using: &numbers)),
      key: [1] + numbers.bytes(upTo: 40), value: numbers.bytes(upTo: 400), previous: nil)
  }

  static func expect(_ message: Mvccpb_KeyValue, _ record: Record, keysOnly: Bool = false) {
    #expect(Bytes(message.key) == record.key)
    #expect(Bytes(message.value) == (keysOnly ? [] : record.value))
    #expect(message.modRevision == record.revision.main.rawValue)
    #expect(message.createRevision == record.createRevision.rawValue)
    #expect(message.version == record.version)
    #expect(message.lease == record.lease.rawValue)
  }

  @Test("answers decode as the generated messages", arguments: 0..<100)
  func responses(seed: UInt64) throws {
    var numbers = SeededNumbers(state: seed)
    let header = ResponseHeader(cluster: .max, member: 5, revision: 1 << 40, term: 3)
    let records = (0..<Int.random(in: 0...5, using: &numbers)).map { _ in Self.record(&numbers) }
    let keysOnly = numbers.flag()
    let range = RangeResult(
      records: records, count: 1_000, more: numbers.flag(), revision: Revision(9),
      keysOnly: keysOnly)
    var writer = ByteWriter()
    range.append(header, to: &writer)
    #expect(writer.count == range.length(header))
    let decoded = try Etcdserverpb_RangeResponse(serializedBytes: writer.bytes)
    #expect(decoded.header == header.message)
    #expect(decoded.count == 1_000 && decoded.more == range.more)
    try #require(decoded.kvs.count == records.count)
    for (message, record) in zip(decoded.kvs, records) {
      Self.expect(message, record, keysOnly: keysOnly)
    }

    let put = PutResult(previous: records.first, revision: Revision(4))
    let deletion = DeleteRangeResult(deleted: 3, previous: records, revision: Revision(4))
    let nested = TransactionResult(succeeded: false, steps: [.put(put)], revision: Revision(4))
    let transaction = TransactionResult(
      succeeded: true,
      steps: [.range(range), .put(put), .deleteRange(deletion), .transaction(nested)],
      revision: Revision(4))
    var second = ByteWriter()
    transaction.append(header, to: &second)
    #expect(second.count == transaction.length(header))
    let answer = try Etcdserverpb_TxnResponse(serializedBytes: second.bytes)
    #expect(answer.succeeded && answer.responses.count == 4)
    #expect(answer.responses[0].responseRange.header.revision == 9)
    #expect(answer.responses[1].responsePut.hasPrevKv == !records.isEmpty)
    #expect(answer.responses[2].responseDeleteRange.prevKvs.count == records.count)
    #expect(answer.responses[2].responseDeleteRange.deleted == 3)
    #expect(answer.responses[3].responseTxn.responses.count == 1)
  }
}

@Suite("What a request must fulfil")
struct RequestCheckTests {
  static func put(_ key: String) -> TransactionOperation.Step {
    .put(PutOperation(key: Bytes(key.utf8), value: []))
  }

  static func delete(_ key: String, _ end: String = "") -> TransactionOperation.Step {
    .deleteRange(DeleteRangeOperation(KeyRange(Bytes(key.utf8), end: Bytes(end.utf8))))
  }

  static func nested(
    success: [TransactionOperation.Step], failure: [TransactionOperation.Step] = []
  ) -> TransactionOperation.Step {
    var operation = TransactionOperation()
    operation.success = success
    operation.failure = failure
    return .transaction(operation)
  }

  static func check(_ success: [TransactionOperation.Step]) -> CallStatus? {
    var operation = TransactionOperation()
    operation.success = success
    do throws(CallStatus) {
      try operation.check(limit: 128)
      return nil
    } catch { return error }
  }

  @Test("a transaction may not write a key twice")
  func duplicates() {
    #expect(Self.check([Self.put("a"), Self.put("a")]) == .duplicateKey)
    #expect(Self.check([Self.put("b"), Self.delete("a", "c")]) == .duplicateKey)
    #expect(Self.check([Self.put("a"), Self.nested(success: [Self.put("a")])]) == .duplicateKey)
    #expect(
      Self.check([Self.nested(success: [Self.put("b")]), Self.delete("a", "c")]) == .duplicateKey)
    #expect(Self.check([Self.nested(success: [Self.delete("a")]), Self.put("a")]) == .duplicateKey)
  }

  @Test("writes that can't meet are fine")
  func distinct() {
    #expect(Self.check([Self.put("a"), Self.put("b"), Self.delete("c")]) == nil)
    #expect(Self.check([Self.delete("a", "c"), Self.delete("b")]) == nil)
    #expect(
      Self.check([Self.nested(success: [Self.put("a")], failure: [Self.put("a")])]) == nil)
    #expect(
      Self.check([
        Self.nested(success: [Self.put("a")]), Self.nested(success: [Self.put("b")]),
      ]) == nil)
  }

  @Test("operations are counted per list, nested ones against what is left")
  func counts() {
    let many = (0..<129).map { Self.put("k\($0)") }
    #expect(Self.check(many) == .tooManyOperations)
    #expect(Self.check(Array(many.dropLast())) == nil)
    let inner = Self.nested(success: Array(many.prefix(100)))
    #expect(Self.check([inner]) == nil)
    #expect(Self.check((0..<28).map { Self.put("o\($0)") } + [inner]) == .tooManyOperations)
  }

  @Test("keys are required, and what is to be ignored may not be given")
  func fields() {
    #expect(Self.check([Self.put("")]) == .emptyKey)
    var put = PutOperation(key: [1], value: [2])
    put.ignoresValue = true
    #expect(throws: CallStatus.valueProvided) { try put.check() }
    put.value = []
    put.ignoresLease = true
    put.lease = LeaseID(3)
    #expect(throws: CallStatus.leaseProvided) { try put.check() }
  }
}
