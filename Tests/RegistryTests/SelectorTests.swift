import Primitives
import Testing

@testable import Registry

@Suite("Selectors")
struct SelectorTests {
  static func object(_ labels: Value.Object) -> Value {
    .object([
      "metadata": .object(["name": "web", "labels": .object(labels)]),
      "spec": .object(["replicas": 3, "ratio": .number(0.5), "paused": .bool(true)]),
      "status": .object(["phase": "Running", "note": "a,b=c"]),
    ])
  }

  @Test(
    "labels are compared as kubectl compares them",
    arguments: [
      ("", true), ("app=web", true), ("app==web", true), ("app = web", true), ("app!=web", false),
      ("app=db", false), ("app!=db", true), ("none!=x", true), ("none=", false), ("app", true),
      ("none", false), ("!none", true), ("!app", false), ("app in (web,db)", true),
      ("app in (db)", false), ("app notin (db, x)", true), ("app notin (web)", false),
      ("none notin (web)", true), ("none in (web)", false), ("tier in (,)", true),
      ("tier=", true), ("app=web,tier!=x,env in (prod,dev),!old,n>3,n<5", true),
      ("app=web,old", false), ("n>4", false), ("n<4", false), ("app>1", false),
      ("example.com/x=1", true), ("app in(web)", true), ("app=web,", true), ("in=x", true),
      ("notin in (x)", false),
    ])
  func labels(selector: String, matches: Bool) throws {
    let object = Self.object([
      "app": "web", "tier": "", "env": "prod", "n": "4", "example.com/x": "1", "in": "x",
    ])
    #expect(try LabelSelector(selector).matches(object) == matches)
    #expect(
      try LabelSelector(selector).matches(.null) == LabelSelector(selector).matches(.emptyObject))
  }

  @Test(
    "what is no label selector is told",
    arguments: [
      (",", "needs the key of a label"), ("=a", "needs the key of a label"),
      ("a b", "found 'b' in a label selector, expected an operator"),
      ("a in b", "expected '('"), ("a in (b", "expected ',' or ')'"), ("a=b c", "expected ','"),
      ("a>x", "\"x\" is no whole number"), ("-a=b", "the label key \"-a\" must be"),
      ("a=b!", "found '!'"), ("a=/", "the label value \"/\" must be"), ("!", "needs the key"),
      ("a=(", "expected a value"), ("a<", "is no whole number"), ("a notin", "too early"),
    ])
  func wrongLabels(selector: String, message: String) {
    let error = #expect(throws: SelectionError.self) { try LabelSelector(selector) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test(
    "fields are compared as text",
    arguments: [
      ("", true), ("metadata.name=web", true), ("metadata.name!=web", false),
      ("metadata.name==web,status.phase!=Failed", true), ("spec.replicas=3", true),
      ("spec.ratio=0.5", true), ("spec.paused=true", true), ("spec.none=", true),
      ("spec.none!=", false), ("spec.none=x", false), ("status.note=a\\,b\\=c", true),
      ("status.phase=Running,metadata.name=db", false),
    ])
  func fields(selector: String, matches: Bool) throws {
    #expect(try FieldSelector(selector).matches(Self.object([:])) == matches)
  }

  @Test(
    "what is no field selector is told",
    arguments: ["a", "=x", "a..b=c", "a=b=c", "a=\\x", "a=b\\", "!x", "a.=b"])
  func wrongFields(selector: String) {
    #expect(throws: SelectionError.self) { try FieldSelector(selector) }
  }

  @Test("no text breaks a selector or a path")
  func hostile() {
    var random = SeededGenerator(seed: 5)
    let parts = [
      "a", "b.c", "in", "notin", "(", ")", ",", "=", "==", "!=", "!", "<", ">", " ", "{", "}", "[",
      "]", "[?(", "@.", "..", ".*", "'", "\"", "\\", "range", "end", "*", ":", "-1", "2", "1e9",
      "é",
      "\n", "$", "99999999999999999999",
    ]
    let object = Self.object(["a": "b"])
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0..<12, using: &random))
        .map { _ in parts.randomElement(using: &random) ?? "" }.joined()
      _ = try? LabelSelector(text).matches(object)
      _ = try? FieldSelector(text).matches(object)
      _ = try? JSONPath(text).render(object)
      _ = try? JSONPath("{" + text + "}").render(object)
      _ = try? CustomColumns(text).cells(of: object)
    }
  }
}
