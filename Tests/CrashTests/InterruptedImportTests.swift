import Foundation
import ProcessHarness
import Testing

/// An import that is killed at any moment and run again ends as one that nobody disturbed.
@Suite("an import that is broken off", .serialized)
struct InterruptedImportTests {
  private static let objects = 400

  /// Namespaces, a definition, and objects of several kinds; later versions change half of them.
  private static func manifests(version: Int) -> String {
    var text = """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: coupons.example.com}
      spec:
        group: example.com
        scope: Namespaced
        names: {kind: Coupon, plural: coupons}
        versions:
        - name: v1
          served: true
          storage: true
          schema:
            openAPIV3Schema:
              type: object
              properties: {spec: {type: object, properties: {percent: {type: integer}}}}

      """
    for index in 0..<objects {
      let number = index.isMultiple(of: 2) ? version : 0
      let place = "{name: o\(index), namespace: s\(index % 3)}"
      switch index % 3 {
      case 0:
        text +=
          "---\napiVersion: v1\nkind: ConfigMap\nmetadata: \(place)\ndata: {v: \"\(number)\"}\n"
      case 1:
        text +=
          "---\napiVersion: example.com/v1\nkind: Coupon\nmetadata: \(place)\nspec: {percent: \(number)}\n"
      default:
        text +=
          "---\napiVersion: v1\nkind: Service\nmetadata: \(place)\nspec: {ports: [{port: \(80 + number)}]}\n"
      }
    }
    for index in 0..<3 {
      text += "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: s\(index)}\n"
    }
    return text
  }

  @Test("by SIGKILL or SIGINT, and run again, leaves the same objects")
  func interrupted() async throws {
    var random = SeededGenerator(seed: UInt64.random(in: 1...UInt64.max))
    try await withServer(.keelson) { server in
      let program = try Programs.ours("keelsonctl")
      let file = server.folder.path + "/objects.yaml"
      for version in 1...4 {
        try Self.manifests(version: version).write(
          toFile: file, atomically: true, encoding: .utf8)
        for attempt in 0..<4 {
          let child = try ChildProcess(
            program, ["--endpoints", server.endpoint, "apply", "-f", file],
            in: server.folder.path)
          try await Task.sleep(for: .milliseconds(Int.random(in: 5...600, using: &random)))
          child.signal(attempt.isMultiple(of: 2) ? SIGKILL : SIGINT)
          _ = try await child.wait(seconds: 30)
        }
        let again = try await server.control(["apply", "-f", file], program: program, seconds: 120)
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.output.hasSuffix(" 0 failed\n"))
        let last = try await server.control(["apply", "-f", file], program: program, seconds: 120)
        #expect(
          last.output.hasSuffix(
            "0 created, 0 configured, \(Self.objects + 4) unchanged, 0 failed\n"))
      }
      // Every key holds a whole object: nothing was half written, and there is nothing else.
      let keys = try await server.control(
        ["get", "/registry/", "--prefix", "--keys-only"], program: program)
      #expect(keys.output.split(separator: "\n").count == Self.objects + 4)
    }
  }
}
