import Primitives
import Testing

@testable import Registry

@Suite("Writing documents")
struct WriterTests {
  /// A random value with all that is hard to write.
  static func value(_ random: inout SeededGenerator, depth: Int = 0) -> Value {
    switch Int.random(in: 0..<(depth > 4 ? 6 : 9), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
    case 3:
      let number = Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random))
      return .canonical(number) ?? .integer(0)
    case 4, 5: return .string(text(&random))
    case 6:
      return .array(
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in value(&random, depth: depth + 1) })
    default:
      var object = Value.Object()
      for _ in 0..<Int.random(in: 0..<5, using: &random) {
        object[text(&random)] = value(&random, depth: depth + 1)
      }
      return .object(object)
    }
  }

  static let pieces = [
    "a", "b", " ", "  ", "\n", "\n\n", ":", ": ", " #", "-", "- ", "'", "\"", "\\", "{", "}", "[",
    "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "?", "=", "~", "null", "true", "yes", "1",
    "0x1", "1.5", "1e3", "2001-01-01", "1:30", "---", "...", "\t", "\r", "\u{85}", "\u{2028}",
    "\u{feff}", "\u{0}", "\u{7f}", "\u{1b}", "é", "e\u{301}", "😀", "<<", "/", ".", "_", "on",
  ]

  static func text(_ random: inout SeededGenerator) -> String {
    if Int.random(in: 0..<200, using: &random) == 0 {
      return String(repeating: pieces.randomElement(using: &random)!, count: 3000)
    }
    return (0..<Int.random(in: 0..<6, using: &random))
      .map { _ in pieces.randomElement(using: &random)! }.joined()
  }

  @Test("what is written as JSON and as YAML is read back as it was", arguments: 1...8)
  func roundTrips(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    for _ in 0..<400 {
      let value = Self.value(&random)
      let json = value.json
      #expect(try Value(json: json).json == json)
      #expect(try Value(json: value.indentedJSON).json == json)
      let yaml = value.yaml
      #expect(
        try documents(yaml).map(\.value.json) == [json], "seed \(seed): \(yaml.debugDescription)")
    }
  }

  @Test("YAML is laid out as kubectl lays it out")
  func layout() throws {
    let value = try documents(
      """
      {"kind": "X", "spec": {"list": [{"name": "a", "m": 1}, ["x", []], "z"], "empty": {},
       "text": "one\\ntwo\\n", "strip": "one\\ntwo", "quoted": "yes", "date": "2001-01-01",
       "number": "12", "port": "80:80", "colon": "a: b", "none": null, "version": "1.0", "e": ""}}
      """)[0].value
    #expect(
      value.yaml == """
        kind: X
        spec:
          colon: 'a: b'
          date: "2001-01-01"
          e: ""
          empty: {}
          list:
          - m: 1
            name: a
          - - x
            - []
          - z
          none: null
          number: "12"
          port: "80:80"
          quoted: "yes"
          strip: |-
            one
            two
          text: |
            one
            two
          version: "1.0"

        """)
  }

  @Test("members are ordered by the bytes of their names, and JSON escapes what it must")
  func json() throws {
    let value = try Value(
      json: Bytes("{\"b\":\"\\u0001\\n\\\"\\\\/\",\"a\":1.0,\"é\":-0,\"Z\":1e2}".utf8))
    #expect(
      String(decoding: value.json, as: UTF8.self)
        == "{\"Z\":100,\"a\":1,\"b\":\"\\u0001\\n\\\"\\\\/\",\"é\":0}")
    // Two spellings of one character are two names.
    #expect(try Value(json: Bytes("{\"é\":1,\"e\u{301}\":2}".utf8)).object?.count == 2)
  }

  @Test("base64 goes both ways")
  func base64() {
    for length in 0..<50 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
      #expect(Base64.decoded(Base64.encoded(bytes)) == bytes)
    }
    #expect(Base64.encoded(Bytes("hello".utf8)) == "aGVsbG8=")
    #expect(Base64.decoded("aGVs\nbG8=\n") == Bytes("hello".utf8))
    for wrong in ["a", "ab", "abc", "a===", "ab=c", "ab==cd", "a-b_", "abcd="] {
      #expect(Base64.decoded(wrong) == nil, "\(wrong)")
    }
  }
}
