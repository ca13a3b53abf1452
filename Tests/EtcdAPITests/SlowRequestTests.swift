import MVCC
import Primitives
import Testing

@testable import EtcdAPI

@Suite("a slow read in the log")
struct SlowRequestTests {
  @Test("is named by its key, range, limit and revision")
  func words() {
    var read = RangeOperation(KeyRange(Bytes("a\n\"".utf8)))
    #expect(APIContext.describe(read) == #"key:"a\n\"""#)
    read = RangeOperation(KeyRange(Bytes("a".utf8), end: Bytes("b".utf8)))
    read.limit = 500
    read.revision = Revision(7)
    #expect(APIContext.describe(read) == #"key:"a" range_end:"b" limit:500 revision:7"#)
  }

  @Test("takes a short line, whatever the keys are")
  func bound() {
    let keys = KeyRange(
      Bytes(repeating: 0xFF, count: 1_000_000), end: Bytes(repeating: 0, count: 1_000_000))
    let words = APIContext.describe(RangeOperation(keys))
    #expect(words.utf8.count < 2_000 && words.hasPrefix("key:\"") && words.hasSuffix("…"))
  }
}
