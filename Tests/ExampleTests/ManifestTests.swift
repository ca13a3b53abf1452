import Foundation
import ProcessHarness
import Testing

@Suite(
  "the sample manifests",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct ManifestTests {
  private struct Checked: Decodable {
    var file: String
    var kind: String
    var name: String
    var problems: [String]
  }

  @Test("pass Kubernetes' own schemas, but for the kind that one of them defines")
  func schemas() async throws {
    let folder = Documents.root + "/examples/manifests/"
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    let answer = try await run(
      try Programs.peer("python/bin/python3"),
      [Documents.root + "/Tests/Scripts/check_manifests.py"] + files.map { folder + $0 },
      environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 120)
    #expect(answer.code == 0, "\(answer.errors)")
    let checked = try JSONDecoder().decode([Checked].self, from: Data(answer.output.utf8))
    #expect(checked.count > 30)
    #expect(Set(checked.map(\.file)) == Set(files))
    for object in checked {
      let expected = object.kind == "Coupon" ? ["no schema: shop.example.com/v1 Coupon"] : []
      #expect(object.problems == expected, "\(object.file): \(object.kind) \(object.name)")
    }
    for kind in [
      "Namespace", "Node", "Deployment", "StatefulSet", "Pod", "Service", "Ingress", "Role",
      "ClusterRoleBinding", "ConfigMap", "Secret", "StorageClass", "PersistentVolume",
      "PersistentVolumeClaim", "CustomResourceDefinition",
    ] { #expect(checked.contains { $0.kind == kind }, "\(kind)") }
  }

  @Test("are stored, each under its key, and a second time nothing changes")
  func applied() async throws {
    let control = try Programs.ours("keelsonctl")
    try await withServer(.keelson) { server in
      let words = ["apply", "-f", Documents.root + "/examples/manifests"]
      let first = try await server.control(words, program: control)
      #expect(first.code == 0, "\(first.errors)")
      let lines = first.output.split(separator: "\n")
      let count = lines.count - 1
      #expect(lines.last == "\(count) created, 0 configured, 0 unchanged, 0 failed")
      let keys = try await server.control(
        ["get", "/registry", "--prefix", "--keys-only"], program: control)
      #expect(keys.output.split(separator: "\n").count == count)
      let second = try await server.control(words, program: control)
      #expect(
        second.output.split(separator: "\n").last
          == "0 created, 0 configured, \(count) unchanged, 0 failed")
      let coupons = try await server.control(
        ["kube", "get", "coupons", "-n", "shop", "-o", "name"], program: control)
      #expect(coupons.output.contains("/spring\n"), "\(coupons.output)\(coupons.errors)")
    }
  }
}
