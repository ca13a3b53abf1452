import Foundation
import Primitives
import Testing

@testable import Registry

/// What kubectl makes of a few words must be a manifest that is accepted, for every kind that it can make without
/// asking a server: for roles over resources, and for `run`, it asks.
@Suite(
  "Manifests that kubectl makes",
  .enabled(if: ProcessInfo.processInfo.environment["KEELSON_PEERS"] != nil))
struct KubectlManifestTests {
  static let commands = [
    "create clusterrole metrics --verb=get --non-resource-url=/metrics",
    "create clusterrole all --aggregation-rule=rbac.example.com/aggregate=true",
    "create clusterrolebinding readers --clusterrole=reader --user=ann --group=ops",
    "create clusterrolebinding robots --clusterrole=reader --serviceaccount=shop:robot",
    "create configmap settings --from-literal=mode=fast --from-literal=size=3",
    "create cronjob tidy --image=busybox --schedule=*/5~*~*~*~* -- sh -c date",
    "create deployment web --image=nginx:1.27 --replicas=3 --port=80",
    "create deployment pair --image=nginx --image=redis:7",
    "create ingress shop --class=nginx --rule=shop.example.com/*=web:80,tls=shop-tls",
    "create ingress exact --rule=shop.example.com/cart=web:http --default-backend=web:80",
    "create job once --image=busybox -- date",
    "create namespace shop",
    "create poddisruptionbudget web --selector=app=web --min-available=50%",
    "create poddisruptionbudget other --selector=app=other --max-unavailable=1",
    "create priorityclass high --value=1000 --description=important",
    "create quota small --hard=cpu=1,memory=1Gi,pods=10,services=2",
    "create rolebinding readers --role=reader --user=ann",
    "create rolebinding robots --clusterrole=reader --serviceaccount=shop:robot",
    "create secret generic password --from-literal=user=root --from-literal=password=x",
    "create secret docker-registry pull --docker-server=r.example.com --docker-username=a "
      + "--docker-password=b --docker-email=c@example.com",
    "create secret tls shop-tls --cert=CERT --key=KEY",
    "create service clusterip web --tcp=80:8080 --tcp=443:8443",
    "create service clusterip headless --clusterip=None",
    "create service externalname db --external-name=db.example.com",
    "create service loadbalancer web --tcp=80:8080",
    "create service nodeport web --tcp=80 --node-port=30080",
    "create serviceaccount robot",
  ]

  @Test("each is accepted, and applying it again changes nothing")
  func accepted() async throws {
    let peers = try #require(ProcessInfo.processInfo.environment["KEELSON_PEERS"])
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("keelson-kubectl-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for command in Self.commands {
      let store = FakeStore()
      var words = command.split(separator: " ").map {
        String($0).replacing("~", with: " ").replacing("CERT", with: folder.path + "/tls.crt")
          .replacing("KEY", with: folder.path + "/tls.key")
      }
      if command.contains(" tls ") { try Self.makeCertificate(in: folder) }
      let end = words.firstIndex(of: "--") ?? words.count
      words.insert(contentsOf: ["--dry-run=client", "-o", "yaml"], at: end)
      let text = try Self.output(peers + "/bin/kubectl", words, in: folder)
      for action in ["created", "unchanged"] {
        let (lines, summary) = try await importing(text, into: store)
        #expect(lines.count == 1, "\(command)")
        #expect(lines.allSatisfy { $0.hasSuffix(" " + action) }, "\(command): \(lines)")
        #expect(summary.hasSuffix(" 0 failed"))
      }
    }
  }

  static func makeCertificate(in folder: URL) throws {
    _ = try output(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=shop", "-keyout", folder.path + "/tls.key", "-out",
        folder.path + "/tls.crt",
      ], in: folder)
  }

  static func output(_ program: String, _ arguments: [String], in folder: URL) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ["KUBECONFIG": "/dev/null", "HOME": folder.path]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(arguments.joined(separator: " "))")
    return String(decoding: output, as: UTF8.self)
  }
}
