import Primitives
import Testing

@testable import Registry

@Suite("Lists and streams that are longer than a window")
struct ListTests {
  private func parts(_ source: any DocumentSource) throws(SyntaxError) -> [DocumentPart] {
    var reader = DocumentReader(
      source, limits: DocumentLimits(), takesListsApart: true, mentioning: [])
    var parts: [DocumentPart] = []
    while let part = try reader.nextPart() { parts.append(part) }
    return parts
  }

  private func parts(_ text: String) throws -> [DocumentPart] {
    try parts(MemorySource(Bytes(text.utf8)))
  }

  @Test("a list is handed out object by object, in YAML and in JSON, wherever its kind stands")
  func apart() throws {
    let object = "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"a\"}}"
    for text in [
      "{\"kind\":\"List\",\"items\":[\(object),\(object)]}",
      "{\"items\":[\(object),\(object)],\"kind\":\"List\"}",
      "kind: List\nitems:\n- \(object)\n- \(object)\n",
      "items: [\(object), \(object)]\nkind: List\n",
    ] {
      let found = try parts(text)
      #expect(
        found.map { String(decoding: $0.node.value.json, as: UTF8.self) } == [object, object])
      #expect(found.allSatisfy { $0.list != nil })
    }
    // Items that are no objects are a part of their document.
    let plain = try parts("kind: Basket\nitems:\n- {fruit: apple}\n")
    #expect(plain.count == 1 && plain[0].node["items"]?.elements?.count == 1)
    #expect(try parts("kind: List\nitems: []\n").count == 1)
    #expect(try parts("{\"kind\":\"List\",\"items\":[]}").count == 1)
  }

  /// Text that is made while it is read, so that nobody can hold it.
  final class EndlessSource: DocumentSource {
    private var head: Bytes
    private let part: Bytes
    private var left: Int
    private var tail: Bytes

    init(head: String, part: String, times: Int, tail: String) {
      self.head = Bytes(head.utf8)
      self.part = Bytes(part.utf8)
      left = times
      self.tail = Bytes(tail.utf8)
    }

    func read(upTo count: Int) throws(SourceError) -> Bytes {
      var bytes = head
      head = []
      while left > 0, bytes.count + part.count <= count {
        bytes += part
        left -= 1
      }
      if left == 0, bytes.count + tail.count <= count {
        bytes += tail
        tail = []
      }
      return bytes
    }
  }

  @Test("a list beyond the bound of a document is read, as each of its objects is within it")
  func long() throws {
    let item = "apiVersion: v1\n  kind: Node\n  metadata: {name: a}\n"
    var limits = DocumentLimits()
    limits.bytes = 1 << 24
    let source = EndlessSource(
      head: "kind: List\nitems:\n", part: "- " + item, times: 20_000, tail: "")
    var reader = DocumentReader(source, limits: limits, takesListsApart: true, mentioning: [])
    var count = 0
    while let part = try reader.nextPart() {
      count += 1
      #expect(part.node["kind"]?.text == "Node")
    }
    #expect(count == 20_000)
  }

  @Test(
    "documents are cut at dashes and dots, directives belong to what follows, places stay right")
  func cuts() throws {
    let texts: [(String, [String])] = [
      ("a: 1\n---\nb: 2\n", ["1:1", "3:1"]), ("---\na: 1\n--- # two\nb: 2", ["2:1", "4:1"]),
      ("%YAML 1.1\n---\na: 1\n...\n%YAML 1.1\n---\nb: 2\n", ["3:1", "7:1"]),
      ("a: |\n  ---\n  x\n---\nb: 2\n", ["1:1", "5:1"]),
      ("a: 1\r\n---\r\nb: 2\r\n", ["1:1", "3:1"]),
      ("# only\n---\n# comments\n---\nb: 2\n", ["4:1", "5:1"]),
      ("--- {a: 1}\n--- {b: 2}\n", ["1:5", "2:5"]),
      ("{\"a\": 1}\n---\n{\"b\": 2}\n", ["1:1", "3:1"]), ("a: '---'\n----: 1\n", ["1:1"]),
    ]
    for (text, places) in texts {
      let found = try parts(text)
      #expect(found.map { "\($0.node.position)" } == places, "\(text)")
    }
    // A window's end may fall anywhere.
    for length in (131_000..<131_120).lazy where length % 7 == 0 {
      let text = "a: " + String(repeating: "x", count: length) + "\n---\nb: 2\n---\nc: 3\n"
      #expect(try parts(text).map { $0.node.position.line } == [1, 3, 5])
    }
  }

  @Test("a document with an error does not hide those behind it")
  func recovery() throws {
    var reader = DocumentReader(
      MemorySource(Bytes("a: 1\n---\nb: [\n---\nc: \"x\n---\nd: 4\n".utf8)),
      limits: DocumentLimits(),
      takesListsApart: true, mentioning: [])
    var found: [String] = []
    while true {
      do throws(SyntaxError) {
        guard let part = try reader.nextPart() else { break }
        found.append("\(part.node.position)")
      } catch {
        found.append("error in line \(error.position.line)")
      }
    }
    #expect(found == ["1:1", "error in line 4", "error in line 6", "7:1"])
  }

  @Test("a text of ten million characters is read, and one beyond the bound is refused")
  func large() throws {
    let text = "a: \"" + String(repeating: "x", count: 10_000_000) + "\"\n"
    #expect(try parts(text).first?.node["a"]?.text?.utf8.count == 10_000_000)
    let block = "a: |\n" + String(repeating: "  some text\n", count: 800_000)
    #expect(try parts(block).first?.node["a"]?.text?.utf8.count == 8_000_000)
    var limits = DocumentLimits()
    limits.bytes = 1 << 20
    #expect(complaint(text, limits: limits)?.contains("longer than 1048576 bytes") == true)
  }

  @Test("a first look finds what mentions a word, in short documents and in long ones")
  func mentions() throws {
    let text =
      "kind: Pod\n---\nkind: Namespace\n---\nkind: x\n---\nn: \(String(repeating: "y", count: 300_000))\n"
    var reader = DocumentReader(
      MemorySource(Bytes(text.utf8)), limits: DocumentLimits(), takesListsApart: true,
      mentioning: ["Namespace"])
    #expect(try reader.nextPart()?.node.position == Position(line: 3, column: 1))
    #expect(try reader.nextPart()?.node.position == Position(line: 7, column: 1))
    #expect(try reader.nextPart()?.node == nil)
  }
}
