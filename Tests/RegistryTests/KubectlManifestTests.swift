import Foundation
import Primitives
import Testing

@testable import Registry

/// What kubectl makes of a few words must be a manifest that is accepted, for every kind that it can make. What it asks
/// a server for, the kinds that roles are about and the objects that it exposes, a small one tells it.
@Suite(
  "Manifests that kubectl makes",
  .enabled(if: ProcessInfo.processInfo.environment["KEELSON_PEERS"] != nil))
struct KubectlManifestTests {
  static let commands = [
    "create clusterrole metrics --verb=get --non-resource-url=/metrics",
    "create clusterrole reader --verb=get,list,watch --resource=pods,deployments.apps,pods/log",
    "create clusterrole one --verb=* --resource=nodes --resource-name=a --resource-name=b",
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
    "create role reader --verb=get,list --resource=pods,replicasets.apps",
    "create role scaler --verb=update --resource=deployments.apps/scale --resource-name=web",
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
    "run web --image=nginx:1.27 --port=80 --labels=app=web,tier=front --env=MODE=fast",
    "run once --image=busybox --restart=Never --command -- sh -c date",
    "run both --image=nginx --port=8080 --expose",
    "expose deployment web --port=80 --target-port=8080 --name=front",
    "expose deployment web --port=443 --type=NodePort --session-affinity=ClientIP",
    "autoscale deployment web --min=2 --max=5 --cpu=70%",
  ]

  /// What `kubectl create` can make: its commands, as it lists them itself, but for tokens, which no store holds.
  @Test("no command of kubectl create is left out")
  func complete() throws {
    let peers = try #require(ProcessInfo.processInfo.environment["KEELSON_PEERS"])
    let help = try Self.output(
      peers + "/bin/kubectl", ["create", "--help"], in: FileManager.default.temporaryDirectory)
    let kinds = help.split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0 != "Available Commands:" }.dropFirst().prefix { !$0.isEmpty }
      .compactMap { $0.split(separator: " ").first.map(String.init) }
    #expect(kinds.count >= 16)
    for kind in kinds where kind != "token" {
      #expect(Self.commands.contains { $0.hasPrefix("create \(kind) ") }, "create \(kind)")
    }
  }

  /// What is exposed and scaled.
  private static let deployment: Value = .object([
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": .object(["name": "web", "namespace": "default"]),
    "spec": .object([
      "replicas": 2, "selector": .object(["matchLabels": .object(["app": "web"])]),
      "template": .object([
        "metadata": .object(["labels": .object(["app": "web"])]),
        "spec": .object([
          "containers": .array([.object(["name": "web", "image": "nginx"])])
        ]),
      ]),
    ]),
  ])

  @Test("each is accepted, and applying it again changes nothing")
  func accepted() async throws {
    let peers = try #require(ProcessInfo.processInfo.environment["KEELSON_PEERS"])
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("keelson-kubectl-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let server = try DiscoveryServer(
      objects: ["/apis/apps/v1/namespaces/default/deployments/web": Self.deployment])
    defer { server.stop() }
    for command in Self.commands {
      let store = FakeStore()
      var words = command.split(separator: " ").map {
        String($0).replacing("~", with: " ").replacing("CERT", with: folder.path + "/tls.crt")
          .replacing("KEY", with: folder.path + "/tls.key")
      }
      if command.contains(" tls ") { try Self.makeCertificate(in: folder) }
      let end = words.firstIndex(of: "--") ?? words.count
      words.insert(
        contentsOf: [
          "--dry-run=client", "-o", "yaml", "--server", "http://127.0.0.1:\(server.port)",
        ], at: end)
      let text = try Self.output(peers + "/bin/kubectl", words, in: folder)
      for action in ["created", "unchanged"] {
        let (lines, summary) = try await importing(text, into: store)
        #expect(lines.count == (command.hasSuffix("--expose") ? 2 : 1), "\(command)")
        #expect(lines.allSatisfy { $0.hasSuffix(" " + action) }, "\(command): \(lines)")
        #expect(summary.hasSuffix(" 0 failed"))
      }
    }
    #expect(server.paths.isSuperset(of: ["/api", "/apis", "/api/v1", "/apis/apps/v1"]))
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
