import Primitives
import Testing

@testable import KeelsonClient
@testable import keelsonctl

@Suite("transactions as text")
struct TransactionTextTests {
  private func transaction(_ text: String) throws -> Transaction {
    // What stands behind the last end of a line is a line only if there is something.
    var lines = (text.hasSuffix("\n") ? text.dropLast() : text[...])
      .split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) }
      .makeIterator()
    return try TransactionText.transaction(announce: { _ in }) { () throws(Failure) in
      lines.next()
    }
  }

  @Test("conditions and operations, with quotes, escapes and flags")
  func whole() throws {
    let given = try transaction(
      """
      value("a") = "x y"
      mod("b")>"17"
      ver("c") != "0"
      c("\\x64") < "9"
      lease("e") = "ff"

      put k "a\\nb" --lease=1f
      put 'single "quoted"' v --prev-kv
      del --prefix p
      get a b --limit=2 --keys-only

      get a

      """ + "\n")
    var limited = RangeRequest(.range("a", upTo: "b"))
    limited.limit = 2
    limited.keysOnly = true
    var previous = PutRequest("single \"quoted\"", "v")
    previous.returnsPrevious = true
    let expected = Transaction()
      .when(
        .value("a", .equal, "x y"), .modified("b", .greater, .init(17)),
        .version("c", .notEqual, 0), .created("d", .less, .init(9)),
        .lease("e", .equal, .init(0xff))
      )
      .then(
        .put(PutRequest("k", "a\nb", lease: .init(0x1f))), .put(previous),
        .delete(DeleteRequest(.prefix("p"))), .range(limited)
      )
      .otherwise(.range(RangeRequest(.key("a"))))
    #expect(given == expected)
  }

  @Test("three empty lines are a transaction")
  func empty() throws {
    #expect(try transaction("\n\n\n") == Transaction())
  }

  @Test(
    "lines that are not right are refused as bad input",
    arguments: [
      "bad\n\n\n\n", "value(\"a\") ? \"x\"\n\n\n\n", "nope(\"a\") = \"x\"\n\n\n\n",
      "mod(\"a\") = \"x\"\n\n\n\n", "mod(a) > \"1\"\n\n\n\n", "value(\"a\") = \"x\n\n\n\n",
      "value(\"a\" = \"x\"\n\n\n\n", "value(\"a\") = \"x\" y\n\n\n\n", "\nfoo\n\n\n", "\nput\n\n\n",
      "\nput k\n\n\n", "\nget a --nosuch\n\n\n", "\nput k \"\\q\"\n\n\n", "", "\n\n", "\n\nget a",
    ])
  func refused(text: String) {
    #expect(throws: Failure.self) { try transaction(text) }
  }

  @Test("any bytes end in a transaction or a failure")
  func fuzz() {
    var random = SeededGenerator(seed: 20)
    let seeds = [
      "value(\"a\") = \"x\"\n\nput a \"b\\x41\" --lease=1\nget a --prefix\n\ndel 'a'\n\n",
      "mod(`k`) != \"18446744073709551616\"\n\n\n\n", "lease(\"\\u00e9\")<\"\\777\"\n",
    ].map { Array($0.utf8) }
    for round in 0..<400 {
      var bytes = seeds[round % seeds.count]
      for _ in 0..<Int.random(in: 0...6, using: &random) where !bytes.isEmpty {
        let position = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: position)
        default:
          bytes.insert(Array("\"'\\()-= \n".utf8).randomElement(using: &random)!, at: position)
        }
      }
      fuzzTransactionText(bytes)
    }
  }
}
