import MVCC
import Primitives
import Synchronization
import Testing

@testable import EtcdAPI

@Suite("an answer to a Range that is written in pieces")
struct RangeAnswerTests {
  private func result(_ n: inout SeededNumbers) -> RangeResult {
    let largest = [0, 10, 300, 40_000][Int.random(in: 0..<4, using: &n)]
    var records: [Record] = []
    for number in 0..<Int.random(in: 0...40, using: &n) {
      records.append(
        Record.make(
          revision: SubRevision(main: Revision(Int64(number + 2)), sub: 0),
          createRevision: Revision(1), version: Int64(number + 1),
          lease: LeaseID(Int64.random(in: 0...1, using: &n) * 7), key: n.bytes(upTo: 40) + [1],
          value: n.bytes(upTo: largest), previous: nil))
    }
    return RangeResult(
      records: records, count: Int64.random(in: 0...1_000_000, using: &n), more: n.flag(),
      revision: Revision(99), keysOnly: n.flag())
  }

  @Test("equals the one that is written at once, however it is cut")
  func equality() {
    for seed in 0..<60 as Range<UInt64> {
      var n = SeededNumbers(state: seed)
      let result = result(&n)
      let header = ResponseHeader(cluster: 7, member: .max, revision: 99, term: 3)
      let expected = Bytes.message(count: result.length(header)) { result.append(header, to: &$0) }
      let answer = RangeAnswer(result, header: header) { _ in false }
      #expect(answer.count == expected.count)
      let largest = [3, 1_000, 100_000][Int.random(in: 0..<3, using: &n)]
      var bytes: Bytes = []
      while bytes.count < expected.count {
        let piece = min(Int.random(in: 1...largest, using: &n), expected.count - bytes.count)
        bytes += Bytes.message(count: piece) { answer.read(into: &$0) }
      }
      #expect(bytes == expected, "seed \(seed)")
    }
  }

  @Test("leaves what nobody reads any more to another thread, if it is much")
  func release() {
    let runs = Mutex(0)
    for count in [10, 10_000] {
      let record = Record.make(
        revision: SubRevision(main: Revision(2), sub: 0), createRevision: Revision(2), version: 1,
        lease: .none, key: [1], value: [2], previous: nil)
      let result = RangeResult(records: Array(repeating: record, count: count))
      var answer: RangeAnswer? = RangeAnswer(result, header: ResponseHeader(revision: Revision(2)))
      { body in
        runs.withLock { $0 += 1 }
        body()
        return true
      }
      _ = Bytes.message(count: 8) { answer?.read(into: &$0) }
      answer = nil
    }
    #expect(runs.withLock { $0 } == 1)
  }
}
