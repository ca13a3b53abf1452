import Foundation
import Primitives
import Testing

@testable import Registry

/// What kubectl makes of a list that an API server hands it, beside what the registry makes of the same objects in the
/// store. The columns of a kind are not compared: an API server, which there is none of here, fills them in.
@Suite(
  "Objects as kubectl shows them",
  .enabled(if: ProcessInfo.processInfo.environment["KEELSON_PEERS"] != nil))
struct KubectlReadingTests {
  /// Amounts, numbers, texts with numbers in them, lists, maps, absent fields.
  private static let objects: [Value] = [
    ("b", "10Mi", "1", "web"), ("a", "2Gi", "10", nil), ("c10", "500Ki", "9", "db"),
    ("c9", "1Gi", "x2", "web"), ("d", "100M", "x10", ""), ("é", "0", "", "long name of an app"),
  ].map { name, size, order, app in
    var labels: Value.Object = ["size": .string(size)]
    if let app { labels["app"] = .string(app) }
    return .object([
      "apiVersion": "v1", "kind": "ConfigMap",
      "metadata": .object([
        "name": .string(name), "namespace": "default", "labels": .object(labels),
        "creationTimestamp": "2024-01-01T00:00:00Z", "resourceVersion": "7", "uid": "u",
        "finalizers": .array([.string("f/\(name)"), "g/h"]),
      ]),
      "data": .object(["order": .string(order), "size": .string(size)]),
    ])
  }

  private static func stored() throws -> [StoredObject] {
    let type = try #require(ResourceTable.kubernetes.type(named: "configmaps"))
    return objects.compactMap {
      StoredObject(
        StoredRecord(
          key: type.key(namespace: "default", name: $0[path: "metadata", "name"]?.text ?? ""),
          value: $0.json, modRevision: Revision(7)), type: type)
    }
  }

  private static func kubectl(_ words: [String], _ server: DiscoveryServer) throws -> String {
    let peers = try #require(ProcessInfo.processInfo.environment["KEELSON_PEERS"])
    return try KubectlManifestTests.output(
      peers + "/bin/kubectl", ["get", "cm", "--server", "http://127.0.0.1:\(server.port)"] + words,
      in: FileManager.default.temporaryDirectory)
  }

  @Test("in custom columns, in any order, and in templates")
  func lists() throws {
    let list = Value.object([
      "apiVersion": "v1", "kind": "ConfigMapList", "metadata": .object(["resourceVersion": "9"]),
      "items": .array(Self.objects),
    ])
    let server = try DiscoveryServer(
      objects: ["/api/v1/namespaces/default/configmaps": list])
    defer { server.stop() }
    let columns =
      "NAME:.metadata.name,N:.data.order,APP:.metadata.labels.app,ALL:.metadata.finalizers[*],"
      + "MAP:.data,NONE:.spec.none,LAST:.metadata.finalizers[-1:]"
    let own = try CustomColumns(columns)
    for path in [".metadata.name", ".data.order", ".data.size", "{.metadata.labels.app}"] {
      let theirs = try Self.kubectl(
        ["-o", "custom-columns=" + columns, "--sort-by", path], server)
      let sorted = try ObjectOrder(by: path).sorted(try Self.stored())
      var layout = TableText(own.titles)
      let rows = try sorted.map { try own.cells(of: try #require($0.stored.object)) }
      #expect(layout.lines(rows, withTitles: true) == theirs, "\(path)")
    }
    let items = Value.object(["items": .array(Self.objects)])
    for template in [
      "{range .items[*]}{.metadata.name}{\"\\t\"}{.data}{\"\\n\"}{end}",
      "{.items[?(@.data.order==\"9\")].metadata.name}", "{.items[-1].metadata.labels}",
      "{.items[*]['metadata.name','data.size']}", "{.items[1:3].metadata.name}",
    ] {
      let theirs = try Self.kubectl(["-o", "jsonpath=" + template], server)
      #expect(String(decoding: try JSONPath(template).render(items), as: UTF8.self) == theirs)
    }
  }
}
