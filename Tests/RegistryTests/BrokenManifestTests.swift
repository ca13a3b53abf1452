import Primitives
import Testing

@testable import Registry

@Suite("Broken manifests")
struct BrokenManifestTests {
  static let cases: [(text: String, message: String)] = [
    ("- a\n- b\n", "1:1: expected an object, found a list"),
    ("just text\n", "1:1: expected an object, found text"),
    ("kind: Pod\nmetadata: {name: a}\n", "1:1: the object has no apiVersion, such as v1"),
    ("apiVersion: v1\nmetadata: {name: a}\n", "1:1: the object has no kind, such as ConfigMap"),
    ("apiVersion: 1\nkind: Pod\n", "1:13: apiVersion must be text, such as v1"),
    ("apiVersion: v1\nkind: [Pod]\n", "2:7: kind must be text, such as ConfigMap"),
    (
      "apiVersion: v1\nkind: Pdo\nmetadata: {name: a}\n",
      "2:7: there is no kind Pdo in v1; did you mean Pod?"
    ),
    (
      "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: a}\n",
      "2:7: there is no kind Deployment in extensions/v1beta1; Deployment is in apps/v1"
    ),
    (
      "apiVersion: v1\nkind: Deploymnt\nmetadata: {name: a}\n",
      "2:7: there is no kind Deploymnt in v1; did you mean Deployment (apps/v1)?"
    ),
    (
      "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n",
      "2:7: there is no kind Widget in example.com/v1, and no CustomResourceDefinition for the group "
        + "example.com"
    ),
    (
      "apiVersion: authentication.k8s.io/v1\nkind: TokenReview\n",
      "2:7: objects of the kind TokenReview are never stored"
    ),
    ("apiVersion: v1\nkind: Pod\n", "1:1: the object has no metadata"),
    ("apiVersion: v1\nkind: Pod\nmetadata: x\n", "3:11: metadata must be a map, not text"),
    ("apiVersion: v1\nkind: Pod\nmetadata: {labels: {}}\n", "3:11: metadata has no name"),
    (
      "apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n",
      "3:11: metadata has no name, and generateName gives a new one with every import: use name"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata: {name: 12}\n",
      "3:18: metadata.name must be text, not a number"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata: {name: yes}\n",
      "3:18: metadata.name must be text, not the boolean true"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: Web_1\n",
      "4:9: metadata.name \"Web_1\" must be at most 253 lower-case letters, digits, '-' and '.', with a "
        + "letter or digit at both ends and around each '.'"
    ),
    (
      "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a.b\n",
      "4:9: metadata.name \"a.b\" must be at most 63 lower-case letters, digits and '-', with a letter "
        + "or digit at both ends"
    ),
    (
      "apiVersion: v1\nkind: Service\nmetadata:\n  name: 1web\n",
      "4:9: metadata.name \"1web\" must be at most 63 lower-case letters, digits and '-', with a letter "
        + "in front and a letter or digit at the end"
    ),
    (
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: a/b\n",
      "4:9: metadata.name \"a/b\" must not be '.' or '..' and must not contain '/' or '%'"
    ),
    (
      "apiVersion: v1\nkind: Node\nmetadata: {name: a, namespace: b}\n",
      "3:32: a Node belongs to the cluster and must not name a namespace"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: B}\n",
      "3:32: metadata.namespace \"B\" must be at most 63 lower-case letters, digits and '-', with a "
        + "letter or digit at both ends"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, lables: {}}\n",
      "3:21: metadata has no field \"lables\"; did you mean labels?"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    tier: 1\n",
      "6:11: metadata.labels must hold text, not a number: put the value of \"tier\" in quotes"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    a/b/c: x\n",
      "6:5: the label \"a/b/c\" must have at most one '/'"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    a: x y\n",
      "6:8: the value \"x y\" of the label \"a\" must be at most 63 letters, digits, '-', '_' and '.', "
        + "with a letter or digit at both ends"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: [a]\n",
      "5:11: metadata.labels must be a map, not a list"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    UPPER/a: x\n    -b: x\n",
      "7:5: the annotation \"-b\" must be at most 63 letters, digits, '-', '_' and '.', with a letter or "
        + "digit at both ends"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    on: \"x\"\n    n: true\n",
      "7:8: metadata.annotations must hold text, not the boolean true: put the value of \"false\" in quotes"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, finalizers: x}\n",
      "3:33: metadata.finalizers must be a list, not text"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: []\n",
      "4:7: spec must be a map, not a list"
    ),
    (
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  debug: true\n",
      "5:10: data must hold text, not the boolean true: put the value of \"debug\" in quotes"
    ),
    (
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a/b: x\n",
      "5:3: the name \"a/b\" in data must be at most 253 letters, digits, '-', '_' and '.'"
    ),
    (
      "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  p: secret!\n",
      "5:6: \"p\" in data is not base64; text as it is belongs into stringData"
    ),
    (
      "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: \(String(repeating: "a", count: 53))}\n",
      "3:18: metadata.name of a CronJob must have at most 52 characters"
    ),
    (
      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: A!}\n",
      "6:20: metadata.name \"A!\" must be at most 253 lower-case letters, digits, '-' and '.', with a "
        + "letter or digit at both ends and around each '.'"
    ),
    ("apiVersion: v1\nkind: List\nitems: x\n", "3:8: items must be a list"),
    (
      "apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a, namespace: [b]}\n",
      "4:34: metadata.namespace must be text, not a list"
    ),
    (
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x.example.com}\n"
        + "spec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: W, plural: ws}\n"
        + "  versions: [{name: v1, served: true, storage: true}]\n",
      "3:18: metadata.name must be \"ws.example.com\", made of plural and group"
    ),
    (
      "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ws.example.com}\n"
        + "spec:\n  group: example.com\n  scope: namespaced\n  names: {kind: W, plural: ws}\n"
        + "  versions: [{name: v1, served: true, storage: true}]\n",
      "6:10: scope must be Namespaced or Cluster"
    ),
    (
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: b\n name: c\n",
      "9:2: while parsing a block mapping: did not find expected key"
    ),
  ]

  @Test("each is refused with its place", arguments: cases.indices)
  func refused(index: Int) async throws {
    let store = FakeStore()
    let (text, message) = Self.cases[index]
    let (lines, _) = try await importing(text, into: store)
    #expect(lines.filter { !$0.hasSuffix("created") } == ["test.yaml:" + message])
  }

  @Test("no name steers a terminal, and no message is endless")
  func hostileText() async throws {
    let (lines, _) = try await importing(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: \"\\e[31mx\\n\"}\n---\napiVersion: v1\nkind: Pod\n"
        + "metadata: {name: \(String(repeating: "A", count: 100_000))}\n", into: FakeStore())
    #expect(lines.count == 2)
    #expect(lines[0].contains("\\u{1b}[31mx\\u{a}"))
    #expect(lines[1].utf8.count < 2100)
  }

  @Test("all that is wrong with an object is said at once, and it counts once")
  func several() async throws {
    let (lines, summary) = try await importing(
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: A\n  namespace: B\n  labels: {a: 1}\n",
      into: FakeStore())
    #expect(lines.count == 3)
    #expect(summary == "0 created, 0 configured, 0 unchanged, 1 failed")
  }
}
