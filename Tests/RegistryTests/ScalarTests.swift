import Foundation
import Testing

@testable import Registry

@Suite("Scalars in YAML")
struct ScalarTests {
  /// What stands in YAML, and what kubectl makes of it in JSON; nil: it refuses it.
  static let cases: [(String, String?)] = [
    ("yes", "true"), ("Yes", "true"), ("YES", "true"), ("no", "false"), ("on", "true"),
    ("off", "false"), ("y", "true"), ("Y", "true"), ("n", "false"), ("N", "false"),
    ("true", "true"), ("TRUE", "true"), ("tRue", "\"tRue\""), ("null", "null"), ("Null", "null"),
    ("NULL", "null"), ("~", "null"), ("nULL", "\"nULL\""), ("'yes'", "\"yes\""),
    ("\"1\"", "\"1\""), ("'~'", "\"~\""), ("0777", "511"), ("0o777", "511"), ("0O17", "15"),
    ("08", "8"), ("09.5", "9.5"), ("-0777", "-511"), ("+0777", "511"), ("00", "0"), ("0", "0"),
    ("-0", "0"), ("+1", "1"), ("-1", "-1"), ("0b101", "5"), ("-0b11", "-3"), ("0B101", "5"),
    ("0x1F", "31"), ("0X1f", "31"), ("-0x10", "-16"), ("0x", "\"0x\""),
    ("0xffffffffffffffff", "18446744073709552000"),
    ("0xfffffffffffffffff", "\"0xfffffffffffffffff\""), ("1_000", "1000"), ("1_", "1"),
    ("_1", "\"_1\""), ("-_1", "-1"), ("0x1_F", "31"), ("1_0.5", "10.5"), ("0o7_7", "63"),
    ("1_0e3", "10000"), ("1.5", "1.5"), ("1.", "1"), (".5", "0.5"), ("-.5", "-0.5"),
    (".5_5", "0.55"), ("._1", "\"._1\""), ("1e3", "1000"), ("1.e3", "1000"), ("1e", "\"1e\""),
    ("1.10", "1.1"), ("1e21", "1e+21"), ("1e20", "100000000000000000000"), ("1e-7", "1e-7"),
    ("0.000001", "0.000001"), ("123456789.123456789", "123456789.12345679"),
    ("1e400", "\"1e400\""), ("-0.0", "0"), ("0.1e1_0", "1000000000"),
    ("9223372036854775807", "9223372036854775807"),
    ("9223372036854775808", "9223372036854776000"),
    ("-9223372036854775808", "-9223372036854775808"),
    ("-9223372036854775809", "-9223372036854776000"),
    ("123456789012345678901234567890", "1.2345678901234568e+29"), ("1:30", "\"1:30\""),
    ("190:20:30", "\"190:20:30\""), ("2001-12-14", "\"2001-12-14\""),
    ("2001-12-14T21:59:43.10-05:00", "\"2001-12-14T21:59:43.10-05:00\""), ("=", "\"=\""),
    ("!!str 1", "\"1\""), ("!!int \"3\"", "3"), ("!!float 1", "1"), ("!!bool \"yes\"", "true"),
    ("!!null \"\"", "null"), ("!!binary aGVsbG8=", "\"hello\""), ("!foo x", "\"x\""),
    ("! 12", "\"12\""), ("!!timestamp 2001-01-01", "\"2001-01-01\""), ("!!int x", nil),
    ("!!float 1e400", nil), ("!!binary ???", nil), (".inf", nil), ("-.INF", nil), (".NaN", nil),
    ("0b2", "\"0b2\""), ("0o8", "\"0o8\""), ("0_", "0"), ("+", "\"+\""), ("-.", "\"-.\""),
    ("[[1]]", "[[1]]"), ("!!set {a, b}", "{\"a\":null,\"b\":null}"),
    ("{<<: {a: b}, c: d}", "{\"a\":\"b\",\"c\":\"d\"}"),
    ("{true: a, 1.5: b}", "{\"1.5\":\"b\",\"true\":\"a\"}"),
    ("{0x10: a, on: b}", "{\"16\":\"a\",\"true\":\"b\"}"), ("{~: a}", nil), ("{[a]: b}", nil),
    ("&x [*x]", nil), ("\"\\ud800\"", nil), ("é", "\"é\""), ("\"\\u00e9\"", "\"é\""),
  ]

  @Test("scalars mean what they mean to Kubernetes")
  func meaning() {
    for (text, expected) in Self.cases {
      #expect((try? json("d: \(text)")) == expected.map { "{\"d\":\($0)}" }, "\(text)")
    }
  }

  @Test(
    "kubectl reads the same",
    .enabled(if: ProcessInfo.processInfo.environment["KEELSON_PEERS"] != nil))
  func peer() throws {
    let peers = try #require(ProcessInfo.processInfo.environment["KEELSON_PEERS"])
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("keelson-scalars-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func read(_ lines: [String], shows: Bool = true) throws -> String? {
      let file = folder.appendingPathComponent("object.yaml")
      try
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {a: b}}\n"
        + lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: peers + "/bin/kubectl")
      process.arguments = [
        "label", "--local", "--dry-run=client", "a=b", "-o", "json", "-f", file.path,
      ]
      process.environment = ["KUBECONFIG": "/dev/null", "HOME": folder.path]
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = shows ? FileHandle.standardError : FileHandle.nullDevice
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
    }
    let accepted = Self.cases.filter { $0.1 != nil }
    let answer = try #require(
      try read(accepted.enumerated().map { "d\($0): \($1.0)" }), "kubectl reads the accepted cases")
    let object = try Value(json: Array(answer.utf8))
    for (index, (text, expected)) in accepted.enumerated() {
      let value = object["d\(index)"].map { String(decoding: $0.json, as: UTF8.self) }
      #expect(value == expected, "\(text)")
    }
    // One process each: a few of those that it refuses.
    for text in ["!!int x", ".inf", "{~: a}", "&x [*x]"] {
      #expect(try read(["d: \(text)"], shows: false) == nil, "\(text)")
    }
  }

  @Test("numbers are written as the Kubernetes API machinery writes them")
  func numbers() {
    for (number, text) in [
      (1.5, "1.5"), (0.1, "0.1"), (1e21, "1e+21"), (1e-7, "1e-7"), (0.000001, "0.000001"),
      (-2.5e-10, "-2.5e-10"), (100.25, "100.25"), (0.05, "0.05"), (1e300, "1e+300"),
      (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
      (18_446_744_073_709_551_616, "18446744073709552000"),
    ] {
      #expect(NumberText.text(number) == text)
    }
  }
}
