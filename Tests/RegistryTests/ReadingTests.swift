import Primitives
import Synchronization
import Testing

@testable import Registry

@Suite("Reading objects")
struct ReadingTests {
  static let now: Int64 = 1_700_000_000

  @Test("a list has all pages, in the order of the keys, with the revision of each object")
  func lists() async throws {
    let store = FakeStore()
    var text = ""
    for index in 0..<7 {
      text +=
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m\(index), namespace: n\(index % 2)}\n"
    }
    _ = try await importing(text, into: store)
    let type = try #require(ResourceTable.kubernetes.type(named: "cm"))
    let catalogue = Catalogue(store)
    let all = try await catalogue.list(type)
    #expect(all.map(\.name) == ["m0", "m2", "m4", "m6", "m1", "m3", "m5"])
    #expect(try await catalogue.list(type, namespace: "n1").map(\.name) == ["m1", "m3", "m5"])
    #expect(all[0].stored.object?[path: "metadata", "resourceVersion"] == "2")
    #expect(try await catalogue.object(type, namespace: "n0", name: "m1") == nil)
    #expect(try await catalogue.object(type, namespace: "n1", name: "m1")?.title == "configmap/m1")
  }

  @Test("tables have the columns of their kind, and a line for what cannot be read")
  func tables() async throws {
    let store = FakeStore()
    _ = try await importing(
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop, labels: {example.com/tier: db}}
      spec: {type: NodePort, clusterIP: 10.0.0.1, selector: {app: web}, ports: [{port: 80, nodePort: 30080}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: "db", namespace: data}
      spec: {clusterIP: None, ports: [{name: a, port: 5432}, {name: b, port: 53, protocol: UDP}]}

      """, into: store, now: Self.now - 200)
    store.state.withLock {
      $0.set(Bytes("/registry/services/specs/shop/zz".utf8), Bytes("k8s".utf8) + [0])
    }
    let type = try #require(ResourceTable.kubernetes.type(named: "svc"))
    let objects = try await Catalogue(store).list(type)
    #expect(
      text(objects) { $0.showsNamespaces = true } == """
        NAMESPACE   NAME   TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)           AGE
        data        db     ClusterIP   None         <none>        5432/TCP,53/UDP   3m20s
        shop        web    NodePort    10.0.0.1     <none>        80:30080/TCP      3m20s
        shop        zz     <unknown>   <unknown>    <unknown>     <unknown>         <unknown>

        """)
    #expect(
      text(Array(objects[1...1])) {
        $0.isWide = true
        $0.showsKinds = true
        $0.labelColumns = ["example.com/tier", "none"]
        $0.showsLabels = true
      } == """
        NAME          TYPE       CLUSTER-IP   EXTERNAL-IP   PORT(S)        AGE     SELECTOR   TIER   NONE     LABELS
        service/web   NodePort   10.0.0.1     <none>        80:30080/TCP   3m20s   app=web    db     <none>   example.com/tier=db

        """)
  }

  /// The table of some objects of one kind.
  private func text(_ objects: [StoredObject], _ change: (inout TableStyle) -> Void = { _ in })
    -> String
  {
    var style = TableStyle(now: Self.now)
    change(&style)
    let table = ObjectTable(objects[0].type, style: style)
    var layout = TableText(table.titles)
    return layout.lines(objects.map(table.row), withTitles: true)
  }

  @Test("no cell carries control characters to a terminal")
  func controls() async throws {
    let store = FakeStore()
    let object = Value.object([
      "apiVersion": "batch/v1", "kind": "CronJob", "metadata": .object(["name": "a"]),
      "spec": .object(["schedule": "\u{1b}[31m\n"]),
    ])
    store.state.withLock { $0.set(Bytes("/registry/cronjobs/default/a".utf8), object.json) }
    let type = try #require(ResourceTable.kubernetes.type(named: "cj"))
    let text = text(try await Catalogue(store).list(type)) { $0.isWide = true }
    #expect(text.contains(" \\u{1b}[31m... "))
  }

  @Test("what stands in every column of every kind is known")
  func everyColumn() {
    for type in ResourceTable.kubernetes.types {
      for column in ObjectTable.definitions(type) {
        #expect(
          Cells.cell(of: type.qualifiedName, column.name) != nil,
          "\(type.qualifiedName): \(column.name)")
      }
    }
  }

  @Test("every kind has a table whatever its objects hold")
  func hostileObjects() {
    var random = SeededGenerator(seed: 11)
    let names = [
      "spec", "status", "metadata", "data", "ports", "containers", "conditions", "rules", "tls",
      "replicas", "labels", "creationTimestamp", "template", "selector",
    ]
    func hostile(_ depth: Int) -> Value {
      if depth == 0 || Int.random(in: 0..<4, using: &random) == 0 {
        return WriterTests.value(&random, depth: 3)
      }
      var object = Value.Object()
      for name in names where Bool.random(using: &random) { object[name] = hostile(depth - 1) }
      return Bool.random(using: &random) ? .object(object) : .array([.object(object)])
    }
    for type in ResourceTable.kubernetes.types {
      for _ in 0..<3 {
        var object = Value.Object()
        for name in names { object[name] = hostile(1) }
        let record = StoredRecord(
          key: type.key(namespace: "a", name: "b"), value: Value.object(object).json,
          modRevision: Revision(5))
        let stored = StoredObject(record, type: type)
        #expect(
          stored.map { stored in
            text([stored]) {
              $0.isWide = true
              $0.showsKinds = true
              $0.showsNamespaces = true
              $0.showsLabels = true
            }.split(separator: "\n").count
          } == 2)
      }
    }
  }

  @Test(
    "ages are what kubectl prints",
    arguments: [
      (-5, "<invalid>"), (-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (190, "3m10s"),
      (599, "9m59s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"), (12_060, "3h21m"),
      (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (190_800, "2d5h"), (691_200, "8d"),
      (63_071_999, "729d"), (63_072_000, "2y"), (94_694_400, "3y1d"), (252_288_000, "8y"),
    ] as [(Int64, String)])
  func ages(seconds: Int64, text: String) {
    #expect(Age.text(seconds) == text)
  }

  @Test("times go both ways, and take offsets and fractions")
  func times() {
    #expect(Timestamp.text(0) == "1970-01-01T00:00:00Z")
    #expect(Timestamp.text(1_709_210_096) == "2024-02-29T12:34:56Z")
    #expect(Timestamp.text(-1) == "1969-12-31T23:59:59Z")
    for seconds in stride(from: Int64(-5_000_000_000), to: 10_000_000_000, by: 12_345_677) {
      #expect(Timestamp.seconds(Timestamp.text(seconds)) == seconds)
    }
    #expect(Timestamp.seconds("2024-02-29T12:34:56.789Z") == 1_709_210_096)
    #expect(Timestamp.seconds("2024-02-29T14:34:56+02:00") == 1_709_210_096)
    for wrong in [
      "", "2024-02-29", "2024-02-29T12:34:56", "2024-13-29T12:34:56Z", "x", "2024-02-29T12:34:56.Z",
    ] {
      #expect(Timestamp.seconds(wrong) == nil)
    }
  }
}
