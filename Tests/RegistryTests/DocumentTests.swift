import Primitives
import Testing

@testable import Registry

@Suite("Reading documents")
struct DocumentTests {
  @Test("a stream holds several documents, and empty ones are null")
  func several() throws {
    #expect(
      try json("a: 1\n---\nb: 2\n...\n---\n---\nc: 3\n") == "{\"a\":1} {\"b\":2} null {\"c\":3}")
    #expect(try json("") == "")
    #expect(try json("# nothing\n") == "")
    #expect(try json("\u{feff}a: 1\n") == "{\"a\":1}")
  }

  @Test("JSON documents may follow one another, and braces may be YAML")
  func jsonStreams() throws {
    #expect(
      try json("{\"a\":1}\n {\"b\":[true,null,\"x\"]}") == "{\"a\":1} {\"b\":[true,null,\"x\"]}")
    #expect(try json("{\"a\": 1}\n---\n{\"b\": 2}\n") == "{\"a\":1} {\"b\":2}")
    #expect(try json("{a: 1,\n b: [x, z]}") == "{\"a\":1,\"b\":[\"x\",\"z\"]}")
    #expect(try json("{\n\t\"a\": \"\\ud83d\\ude00\"\n}") == "{\"a\":\"😀\"}")
  }

  @Test("every part has its place")
  func places() throws {
    let node = try documents("a: 1\nlist:\n  - x\n  - name: y\n")[0]
    #expect(node.position == Position(line: 1, column: 1))
    #expect(node["list"]?.elements?[0].position == Position(line: 3, column: 5))
    #expect(node["list"]?.elements?[1]["name"]?.position == Position(line: 4, column: 11))
    let second = try documents("---\n# one\nä: {b: c}\n")[0]
    #expect(second["ä"]?["b"]?.position == Position(line: 3, column: 8))
    #expect(complaint("{\"ä\": \"öö\" 1}") == "1:12: expected ',' or '}', found '1'")
    let third = try documents("{\n  \"a\": {\"b\": 1}\n}")[0]
    #expect(third["a"]?["b"]?.position == Position(line: 2, column: 14))
  }

  @Test("aliases and merge keys bring in what they name")
  func aliases() throws {
    #expect(
      try json("base: &b {x: 1, z: 2}\nd:\n  <<: *b\n  z: 3\nl: [*b, &t text, *t]\n")
        == "{\"base\":{\"x\":1,\"z\":2},\"d\":{\"x\":1,\"z\":3},\"l\":[{\"x\":1,\"z\":2},\"text\",\"text\"]}"
    )
    #expect(
      try json("a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b]}\n")
        == "{\"a\":{\"x\":1},\"b\":{\"x\":2,\"z\":2},\"c\":{\"x\":1,\"z\":2}}")
    #expect(complaint("d: {<<: 1}") == "1:9: only a map, or a list of maps, can be merged with <<")
  }

  @Test(
    "what is no document is refused at its place",
    arguments: [
      ("a: 1\na: 2\n", "2:1: the name \"a\" occurs twice in this map"),
      ("{\"a\": 1, \"a\": 2}", "1:10: the name \"a\" occurs twice in this map"),
      ("1: a\n\"1\": b\n", "2:1: the name \"1\" occurs twice in this map"),
      ("a: *x\n", "1:4: the alias *x repeats nothing: there is no &x before it"),
      ("a: &x [*x]\n", "1:8: the alias *x stands inside of what it repeats"),
      ("a: 1\n---\nb: *x\n&x c: d", "3:4: the alias *x repeats nothing: there is no &x before it"),
      (
        "a:\n\tb: 1\n",
        "2:1: while scanning for the next token: found character that cannot start any token "
          + "(a tab cannot indent; text that begins with '@', '`' or '%' needs quotes)"
      ),
      ("a: [1, 2\nb: 3\n", "2:2: while parsing a flow sequence: did not find expected ',' or ']'"),
      ("a: \"x\n", "2:1: while scanning a quoted scalar: found unexpected end of stream"),
      ("? [a]\n: b\n", "1:3: a list cannot be a name in a map"),
      ("~: b\n", "1:1: null cannot be a name in a map"),
      ("a: .inf\n", "1:4: .inf is a number that JSON cannot hold; put it in quotes for text"),
      ("{\"a\": 1,\n \"b\": tru}", "2:7: expected a value, found a word that JSON does not have"),
      ("{\"a\": \"\\ud800\"}", "1:14: an escape is half of a character"),
      ("{\"a\": \"x", "1:9: a text is not closed"),
      ("{\"a\": 01}", "1:7: a number must not begin so"),
      ("{\"a\": 1e999}", "1:12: the number is too large"),
    ])
  func refused(text: String, message: String) {
    #expect(complaint(text) == message)
  }

  @Test("bytes that are no text are refused")
  func encodings() {
    func message(_ bytes: Bytes) -> String? {
      var reader = DocumentReader(bytes)
      do {
        while try reader.next() != nil {}
        return nil
      } catch {
        return "\(error.position): \(error.message)"
      }
    }
    #expect(
      message([0xff, 0xfe, 0x61, 0]) == "1:1: the text is UTF-16 or UTF-32: save it as UTF-8")
    #expect(message([0x61, 0x3a, 0x20, 0xff])?.contains("the text is not UTF-8") == true)
    #expect(message([0x61, 0x3a, 0x20, 0x00])?.contains("the control character 0") == true)
    #expect(message([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80])?.contains("not UTF-8") == true)
    #expect(
      message(Bytes("{\"a\": \"".utf8) + [0xff] + Bytes("\"}".utf8))?.contains("UTF-8") == true)
  }

  @Test("aliases that multiply are refused in little time and memory")
  func bombs() {
    var bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
    for level in 1...60 {
      let alias = "*a\(level - 1)"
      bomb +=
        "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
    }
    let clock = ContinuousClock()
    let start = clock.now
    #expect(complaint(bomb)?.contains("aliases repeat more than 100000 parts") == true)
    let text =
      "a: &a \(String(repeating: "x", count: 100_000))\nb: ["
      + String(repeating: "*a, ", count: 1000) + "]"
    #expect(complaint(text)?.contains("8388608 bytes") == true)
    var merges = "m0: &m0 {a: 1, b: 2, c: 3, d: 4}\n"
    for level in 1...60 {
      merges +=
        "m\(level): &m\(level) {<<: [*m\(level - 1), *m\(level - 1)], x\(level): *m\(level - 1)}\n"
    }
    #expect(complaint(merges)?.contains("aliases repeat more") == true)
    #expect(start.duration(to: clock.now) < .seconds(5))
  }

  @Test("a document beyond a limit is refused")
  func limits() {
    var limits = DocumentLimits()
    limits.bytes = 100_000
    limits.nodes = 1000
    limits.depth = 50
    let deep = String(repeating: "[", count: 60)
    #expect(complaint(deep, limits: limits) == "1:51: maps and lists lie deeper than 50 levels")
    #expect(complaint("{\"a\":" + deep, limits: limits)?.contains("deeper than 50") == true)
    #expect(
      complaint(String(repeating: "- ", count: 60), limits: limits)?.contains("deeper") == true)
    #expect(
      complaint(String(repeating: "- a\n", count: 2000), limits: limits)
        == "1000:3: the document has more than 1000 parts")
    #expect(
      complaint("a: " + String(repeating: "x", count: 1_000_000), limits: limits)?
        .contains("longer than 100000 bytes") == true)
    #expect(
      complaint("{\"a\": \"" + String(repeating: "x", count: 1_000_000), limits: limits)?
        .contains("longer than 100000 bytes") == true)
  }

  @Test("a scalar of 10 MB is read, said to be too long for its object, and hides nothing")
  func longScalars() async throws {
    let long = String(repeating: "x", count: 10_000_000)
    #expect(try documents("a: \"\(long)\"\n")[0]["a"]?.text?.utf8.count == 10_000_000)
    let (lines, _) = try await importing(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: long}\ndata:\n  a: \(long)\n---\n"
        + "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(long)}\n---\n"
        + ImportTests.configMap, into: FakeStore())
    #expect(lines.count == 3)
    #expect(
      lines[0].hasPrefix("test.yaml:") && lines[0].contains("1048576"), "\(lines[0].prefix(300))")
    #expect(lines[1].hasPrefix("test.yaml:9:18: metadata.name "), "\(lines[1].prefix(300))")
    #expect(lines[1].utf8.count < 2_100)
    #expect(lines[2] == "configmap/settings created")
  }

  @Test("the limit is one of a document, not of a stream")
  func streams() throws {
    var limits = DocumentLimits()
    limits.bytes = 100_000
    let one = "a: \(String(repeating: "x", count: 1000))\n---\n"
    #expect(try documents(String(repeating: one, count: 1000), limits: limits).count == 1001)
  }

  @Test("deep braces take time in proportion")
  func depth() {
    let clock = ContinuousClock()
    let start = clock.now
    _ = complaint(String(repeating: "{a: ", count: 50_000))
    _ = complaint(String(repeating: "[", count: 500_000))
    _ = complaint(String(repeating: "{\"a\":", count: 50_000))
    _ = complaint("[" + String(repeating: "a, ", count: 100_000) + "]")
    _ = complaint(String(repeating: "? ", count: 50_000))
    #expect(start.duration(to: clock.now) < .seconds(10))
  }
}
