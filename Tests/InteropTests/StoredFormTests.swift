import Foundation
import ProcessHarness
import Testing

@Suite(
  "Stored forms of objects",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct StoredFormTests {
  @Test("Google's protobuf reads what is written, and what it writes is read, for every kind")
  func independentProtobuf() async throws {
    let answer = try await run(
      try Programs.peer("python/bin/python3"),
      [
        Programs.packageRoot + "/Tests/Scripts/storage_protobuf.py",
        try Programs.ours("keelsonctl"),
        Programs.packageRoot + "/Sources/Registry/Schema/KubernetesSchema+Data.swift", "1",
      ], environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 240)
    #expect(answer.code == 0, "\(answer.errors)")
    #expect(answer.output.split(separator: "\n").count == 54)
  }

  static let pod = """
    apiVersion: v1
    kind: Pod
    metadata:
      name: web
      namespace: shop
    spec:
      automountServiceAccountToken: false
      containers:
      - image: nginx
        name: web
        resources:
          limits:
            cpu: 100m

    """

  @Test("a stored object is shown from a pipe, from the store and from a snapshot file")
  func decoding() async throws {
    let control = try Programs.ours("keelsonctl")
    let etcdctl = try Programs.peer("bin/etcdctl")
    try await withServer(.underTest) { server in
      let flags = "--endpoints \(server.endpoint)"
      let file = server.folder.path + "/snapshot.db"
      func shell(_ command: String, _ input: String = "") async throws -> Finished {
        try await run(
          "/bin/sh", ["-c", command], input: input, environment: ["ETCDCTL_API": "3"])
      }
      let written = try await shell(
        "\(control) kube encode | \(etcdctl) \(flags) put /registry/pods/shop/web", Self.pod)
      #expect(written.output == "OK\n", "\(written.errors)")
      _ = try await shell(
        "\(control) \(flags) put /registry/pods/shop/sealed k8s:enc:aescbc:v1:key1:xyz; "
          + "\(control) \(flags) put /registry/pods/shop/old gone; "
          + "\(control) \(flags) del /registry/pods/shop/old; "
          + "\(control) \(flags) snapshot save \(file)")
      for source in [
        "\(etcdctl) \(flags) get /registry/pods/shop/web --print-value-only | \(control) kube decode",
        "\(etcdctl) \(flags) get /registry/pods/shop/web | \(control) kube decode",
        "\(control) \(flags) kube decode /registry/pods/shop/web",
        "\(control) kube decode /registry/pods/shop/web --snapshot \(file)",
      ] {
        let shown = try await shell(source)
        #expect(shown.output == Self.pod, "\(source): \(shown.errors)")
      }
      let sealed = try await shell("\(control) \(flags) kube decode /registry/pods/shop/sealed")
      #expect(sealed.code == 1)
      #expect(
        sealed.errors
          == "Error: /registry/pods/shop/sealed: the value is encrypted (aescbc:v1:key1)\n")
      for source in ["\(flags) kube decode", "kube decode --snapshot \(file)"] {
        let all = try await shell("\(control) \(source) --prefix /registry/pods/")
        #expect(all.output == "---\n# /registry/pods/shop/web\n" + Self.pod)
        #expect(all.errors.hasSuffix("Error: 1 of 2 values cannot be shown\n"))
        let early = try await shell("\(control) \(source) --rev 1 /registry/pods/shop/web")
        #expect(early.code == 1)
        #expect(early.errors.contains("holds no key /registry/pods/shop/web"))
      }
    }
  }

  @Test(
    "objects that cannot be written are refused with their place",
    arguments: [
      (
        "apiVersion: v1\nkind: Pod\nspec: {hostNetwork: 1}\n", "",
        "Error: -: spec.hostNetwork: must be true or false, not a number\n", Int32(3)
      ),
      (
        "apiVersion: v1\nkind: Pod\nspec: {image: x}\n", "",
        "-: spec.image: the type PodSpec has no such field\nError: fields without a place are not "
          + "written; --drop-unknown leaves them out, -o json keeps them\n", 3
      ),
      (
        "apiVersion: v1\nkind: Pod\nspec: {image: x}\n", "--drop-unknown",
        "-: spec.image: the type PodSpec has no such field\n", 0
      ),
      ("kind: Pod\n", "", "Error: -: the object has no apiVersion and kind\n", 3),
      ("---\n", "", "Error: -: holds 0 objects, not one\n", 3),
      (
        "apiVersion: v1\nkind: Boat\n", "-o protobuf",
        "Error: -: Boat of v1 has no protobuf message; it is stored as JSON\n", 3
      ),
    ])
  func refusals(input: String, flags: String, errors: String, code: Int32) async throws {
    let control = try Programs.ours("keelsonctl")
    let answer = try await run(
      "/bin/sh", ["-c", "\(control) kube encode \(flags) >/dev/null"], input: input)
    #expect(answer.errors == errors)
    #expect(answer.code == code)
  }
}
