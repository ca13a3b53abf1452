import Foundation
import Primitives
import Testing

@testable import Registry

@Suite("Paths and columns")
struct JSONPathTests {
  static let document = """
    {"apiVersion": "v1", "kind": "ConfigMap",
     "metadata": {"name": "web", "namespace": "shop", "labels": {"a": "b", "x.y/z": "q"}},
     "spec": {
       "list": [1, 2, 3, 4, 5], "neg": -7, "f": 1.5, "big": 1e30, "small": 0.00001, "t": true,
       "tiny": 0.0001, "nothing": null, "empty": [], "words": ["x", "y", "z"],
       "text": "he said \\"hi\\"\\nthere", "é": "accent", "with space": "s",
       "c": [{"name": "a", "n": 1, "on": true, "deep": {"k": "v"}}, {"name": "b", "n": 2},
             {"name": "c", "n": 3, "f": 2.5, "s": "2"}],
       "pairs": [[1, 2], [3, 4]], "m": {"one": 1, "two": {"three": [1, {"four": 5}]}}}}
    """

  /// Templates, and what kubectl makes of them.
  static let cases: [(String, String)] = [
    ("", ""), ("plain", "plain"), ("{.metadata.name}", "web"),
    ("{$.metadata.name}", "web"), ("{@.metadata.name}", "web"),
    ("{.metadata.name} in {.metadata.namespace}", "web in shop"),
    ("{.spec.list}", "[1,2,3,4,5]"), ("{.spec.list[0]}", "1"), ("{.spec.list[-1]}", "5"),
    ("{.spec.list[1:3]}", "2 3"), ("{.spec.list[::2]}", "1 3 5"), ("{.spec.list[:2]}", "1 2"),
    ("{.spec.list[3:]}", "4 5"), ("{.spec.list[-2:]}", "4 5"), ("{.spec.list[:-3]}", "1 2"),
    ("{.spec.list[0,2]}", "1 3"), ("{.spec.list[*]}", "1 2 3 4 5"), ("{.spec.list[2:2]}", ""),
    ("{.spec.list.*}", "1 2 3 4 5"), ("{.spec.words[*]}", "x y z"),
    ("{.spec['neg','f']}", "-7 1.5"), ("{.spec['neg']}", "-7"),
    ("{.spec.f} {.spec.big} {.spec.small} {.spec.tiny}", "1.5 1e+30 1e-05 0.0001"),
    ("{.spec.t}", "true"), ("{.spec.nothing}", "null"), ("{.spec.empty}", "[]"),
    ("{.spec.m}", #"{"one":1,"two":{"three":[1,{"four":5}]}}"#),
    ("{.spec.text}", "he said \"hi\"\nthere"), ("{.spec.é}", "accent"),
    ("{.spec.missing}", ""), ("{.spec.nothing.x}", ""),
    ("{.spec.c[*].name}", "a b c"), ("{.spec.c[?(@.n>1)].name}", "b c"),
    ("{.spec.c[?(@.n>=2)].n}", "2 3"), ("{.spec.c[?(@.n<2)].name}", "a"),
    ("{.spec.c[?(@.n<=1)].name}", "a"), ("{.spec.c[?(@.n!=2)].name}", "a c"),
    (#"{.spec.c[?(@.name=="b")].n}"#, "2"), (#"{.spec.c[?(@.name == "b")].n}"#, "2"),
    ("{.spec.c[?(@.name=='c')].n}", "3"), (#"{.spec.c[?(@.name>"a")].name}"#, "b c"),
    ("{.spec.c[?(@.deep)].name}", "a"), ("{.spec.c[?(@.deep.k=='v')].n}", "1"),
    ("{.spec.c[?(@.on==true)].n}", "1"), ("{.spec.c[?(@.f==2.5)].n}", "3"),
    ("{.spec.c[?(@.n==3)]}", #"{"f":2.5,"n":3,"name":"c","s":"2"}"#),
    ("{.spec.c[?(@.none=='x')].n}", ""), ("{.spec.pairs[*][0]}", "1 3"),
    ("{.spec.pairs[0][1]}", "2"), ("{.spec.m..four}", "5"), ("{.spec..name}", "a b c"),
    ("{.spec.c[*].deep}", #"{"k":"v"}"#), ("{.metadata.labels.x\\.y/z}", "q"),
    ("{.metadata.labels['x\\.y/z']}", "q"),
    (#"{"\u0041\t"}{'\''}{"\""}{"\n"}{"\x41"}"#, "A\t'\"\nA"),
    ("{range .spec.c[*]}{.name}={.n};{end}", "a=1;b=2;c=3;"),
    (#"{range .spec.c[*]}{.name}{"\t"}{.n}{"\n"}{end}"#, "a\t1\nb\t2\nc\t3\n"),
    ("{range .spec.pairs[*]}<{range @[*]}({@}){end}>{end}", "<(1)(2)><(3)(4)>"),
    ("{range .spec.empty[*]}x{.n}{end}after", "after"),
    ("{range .spec.empty[*]}{range .a[*]}x{end}y{end}after", "after"),
    ("{range .spec.c[*]}{.name}", "abc"), ("{range .spec.c[?(@.n>1)]}{.name} {end}.", "b c ."),
    ("{1}{-2}{2.5}{true}", "1-22.5true"), ("{ .metadata.name }", "web"),
    ("{.spec.words[0]}{','}{.spec.words[1]}", "x,y"), ("}", "}"),
    ("{.spec.list[0]}{.spec.list[1]}", "12"),
  ]

  /// Templates that are refused, with what is wrong.
  static let wrong: [(String, String)] = [
    ("{.spec", "unclosed action"),
    ("{.spec.list[9]}", "array index out of bounds: index 9, length 5"),
    ("{.spec.list[0:9]}", "array index out of bounds: index 8, length 5"),
    ("{.spec.list[3:1]}", "starting index 3 is greater than ending index 1"),
    ("{.spec.list[x]}", "invalid array index x"), ("{.spec.list[0", "unterminated array"),
    ("{.spec.name[0]", "unclosed action"), ("{.spec.m[0]}", "is not array or slice"),
    ("{.spec.c[?(@.s==2)].name}", "incompatible types for comparison"),
    ("{.spec.c[?(@.deep=='x')].name}", "invalid type for comparison"),
    ("{.spec.c[?(@.n=2)].name}", "unrecognized filter operator ="),
    ("{.spec.c[?(@.n==2]}", "unterminated filter"),
    ("{.spec.c[?(@.n==2).n}", "unclosed array expect ]"),
    ("{'x}", "unterminated quoted string"), ("{\"\\q\"}", "unquote string"),
    ("{end}", "not in range, nothing to end"), ("{.a....b}", "invalid multiple recursive descent"),
    ("{#}", "unrecognized character in action"), ("{nope}", "unrecognized identifier nope"),
    ("{metadata.name}", "unrecognized identifier metadata"),
    ("{.spec['with space']}", "unrecognized identifier space"),
    ("{1.2.3}", "cannot parse number 1.2.3"), ("{.spec.list[::0]}", "step must be > 0"),
    ("{.spec.m[?(@.a==1)]}", "is not array or slice and cannot be filtered"),
  ]

  static let columns =
    "NAME:.metadata.name,X:{.spec.list},M:spec.m,NUL:.spec.nothing,NO:.spec.missing,"
    + "W:.spec.words[*],B:.spec.c[?(@.n>1)].name,F:.spec.small"

  @Test("templates find what kubectl finds")
  func templates() throws {
    let value = try Value(json: Bytes(Self.document.utf8))
    for (template, expected) in Self.cases {
      let found = try JSONPath(template).render(value)
      #expect(String(decoding: found, as: UTF8.self) == expected, "\(template)")
    }
  }

  @Test("what is wrong with a template is told", arguments: wrong)
  func errors(template: String, message: String) throws {
    let value = try Value(json: Bytes(Self.document.utf8))
    let error = #expect(throws: SelectionError.self) { try JSONPath(template).render(value) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test("columns have what their paths find")
  func customColumns() throws {
    let value = try Value(json: Bytes(Self.document.utf8))
    let columns = try CustomColumns(Self.columns)
    #expect(columns.titles == ["NAME", "X", "M", "NUL", "NO", "W", "B", "F"])
    #expect(
      try columns.cells(of: value) == [
        "web", "[1 2 3 4 5]", "map[one:1 two:map[three:[1 map[four:5]]]]", "<nil>", "<none>",
        "x,y,z", "b,c", "1e-05",
      ])
    let file = try CustomColumns(template: "NAME   SPACE\n.metadata.name .metadata.namespace\n")
    #expect(try file.cells(of: value) == ["web", "shop"])
    for text in ["", "NAME", "A:.b,C", "A:{.b", "A:"] {
      #expect(throws: SelectionError.self, "\(text)") { try CustomColumns(text) }
    }
    for text in ["", "A B\n.a\n", "A\n", "A\n.a\n.b\n"] {
      #expect(throws: SelectionError.self, "\(text)") { try CustomColumns(template: text) }
    }
  }

  @Test("a path that multiplies what it finds is refused in little time")
  func bound() throws {
    var value: Value = 1
    for _ in 0..<60 { value = .array([value, value]) }
    let error = #expect(throws: SelectionError.self) { try JSONPath("{..}").render(value) }
    #expect(error?.message.contains("more than 16000000 values") == true)
    let ranges = String(repeating: "{range @[*]}", count: 200)
    #expect(throws: SelectionError.self) { try JSONPath(ranges).render(value) }
    let nested = String(repeating: "[?(", count: 200) + "a" + String(repeating: ")]", count: 200)
    #expect(throws: SelectionError.self) { try JSONPath("{" + nested + "}") }
  }

  @Test(
    "kubectl finds and refuses the same",
    .enabled(if: ProcessInfo.processInfo.environment["KEELSON_PEERS"] != nil))
  func peer() throws {
    let value = try Value(json: Bytes(Self.document.utf8))
    let mark = "\u{1}"
    let all = Self.cases.map(\.0)
      // A range that is not closed would go on in the next template.
      .filter { !$0.hasSuffix("[*]}{.name}") }
    let answer = try Self.kubectl("jsonpath=" + all.joined(separator: mark))
    let found = answer.components(separatedBy: mark)
    #expect(found.count == all.count)
    for (template, text) in zip(all, found) {
      let own = String(decoding: try JSONPath(template).render(value), as: UTF8.self)
      #expect(own == text, "\(template)")
    }
    // A process each: a few of those that it refuses.
    for (template, message) in Self.wrong.prefix(8) {
      #expect(try Self.kubectl("jsonpath=" + template).contains(message), "\(template)")
    }
  }

  /// What kubectl prints, be it an answer or an error.
  private static func kubectl(_ format: String) throws -> String {
    let peers = try #require(ProcessInfo.processInfo.environment["KEELSON_PEERS"])
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("keelson-paths-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("object.json")
    try document.write(to: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: peers + "/bin/kubectl")
    process.arguments = [
      "label", "--local", "--overwrite", "a=b", "-o", format, "-f", file.path,
    ]
    process.environment = ["KUBECONFIG": "/dev/null", "HOME": folder.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }
}
