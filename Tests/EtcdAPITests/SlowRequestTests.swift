import MVCC
import Primitives
import ReplicaCore
import Testing

@testable import EtcdAPI

@Suite("a slow request in the log")
struct SlowRequestTests {
  @Test("is named by its key, range, limit and revision if it is a read")
  func reads() {
    var read = RangeOperation(KeyRange(Bytes("a\n\"".utf8)))
    #expect(RequestWords.describe(read) == #"key:"a\n\"""#)
    read = RangeOperation(KeyRange(Bytes("a".utf8), end: Bytes("b".utf8)))
    read.limit = 500
    read.revision = Revision(7)
    #expect(RequestWords.describe(read) == #"key:"a" range_end:"b" limit:500 revision:7"#)
  }

  @Test("is named by what it changes if it is a write, but never by a value")
  func writes() {
    func words(_ change: StoreCommand) -> String? { RequestWords.describe(.store(change)) }
    let key = Bytes("pods/a".utf8)
    var put = PutOperation(key: key, value: Bytes("secret".utf8))
    #expect(words(.put(put)) == #"key:"pods/a" value_size:6"#)
    put.lease = LeaseID(0x1f)
    #expect(words(.put(put)) == #"key:"pods/a" value_size:6 lease:\#(LeaseID(0x1f))"#)
    let range = KeyRange(Bytes("a".utf8), end: Bytes("c".utf8))
    #expect(words(.deleteRange(DeleteRangeOperation(range))) == #"key:"a" range_end:"c""#)
    #expect(words(.compact(Revision(9))) == "revision:9")
    var transaction = TransactionOperation()
    #expect(words(.transaction(transaction)) == "compare:0 success:0 failure:0")
    transaction.success = [.put(put), .put(put)]
    #expect(words(.transaction(transaction)) == #"key:"pods/a" compare:0 success:2 failure:0"#)
    transaction.comparisons = [Comparison(KeyRange(key), .equal, .value(Bytes("secret".utf8)))]
    #expect(words(.transaction(transaction)) == #"key:"pods/a" compare:1 success:2 failure:0"#)
    #expect(words(.revokeLease(LeaseID(1))) == "lease:\(LeaseID(1))")
    #expect(RequestWords.describe(.memberPeerURLs(MemberID(1), [])) == nil)
  }

  @Test("takes a short line, whatever the keys are")
  func bound() {
    let keys = KeyRange(
      Bytes(repeating: 0xFF, count: 1_000_000), end: Bytes(repeating: 0, count: 1_000_000))
    let words = RequestWords.describe(RangeOperation(keys))
    #expect(words.utf8.count < 2_000 && words.hasPrefix("key:\"") && words.hasSuffix("…"))
  }

  @Test("has steps that add up, also where two threads' looks at the clock do not ascend")
  func steps() {
    let steps = APIContext.steps(
      from: 1_000, [(.receive, 1_200), (.queue, 1_150), (.log, 5_000), (.answer, 5_100)])
    #expect(steps.map(\.nanoseconds) == [200, 0, 3_800, 100])
    #expect(steps.map(\.kind) == [.receive, .queue, .log, .answer])
    let slow = SlowRequest(
      path: "/p", remoteAddress: "", nanoseconds: 4_100, steps: steps, logSyncNanoseconds: 0)
    #expect(slow.longest == .log)
    #expect(steps.reduce(0) { $0 + $1.nanoseconds } == slow.nanoseconds)
  }
}
