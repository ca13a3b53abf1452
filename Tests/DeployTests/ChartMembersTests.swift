import ProcessHarness
import Testing

@Suite(
  "the Helm chart with several members",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct ChartMembersTests {
  private static let rendered = Task { try await Chart.renderAll() }

  private func rendering(_ name: String) async throws -> Chart.Rendering {
    try #require(try await Self.rendered.value[name])
  }

  @Test("members have stable names, start together, and find each other before they are ready")
  func names() async throws {
    for (name, count) in [("default", 1), ("growing", 1), ("cluster", 3), ("five", 5)] {
      let chart = try await rendering(name)
      let set = chart["statefulset.yaml"]["spec"]
      #expect(set["replicas"].number == Double(count), "\(name)")
      // One number's policy must not keep a release from another number.
      #expect(set["podManagementPolicy"] == "Parallel", "\(name)")
      #expect(chart["service-headless.yaml"]["spec"]["publishNotReadyAddresses"].isTrue)
      #expect(chart.file("settings").contains("\nreplicas=\(count)\n"), "\(name)")
      for ordinal in 0..<count {
        let host = "keelson-\(ordinal).keelson-headless.store.svc.cluster.local"
        let flags = chart.flags(of: ordinal)
        #expect(flags.contains("--name=keelson-\(ordinal)"))
        for flag in ["--advertise-client-urls=", "--initial-advertise-peer-urls="] {
          #expect(flags.contains { $0.hasPrefix(flag) && $0.contains(host) }, "\(name): \(flag)")
        }
        if name == "cluster" { #expect(chart.notes.contains("\n  \(host)\n"), "\(chart.notes)") }
      }
    }
  }

  @Test("the number of members is no part of the pods, so that scaling restarts none")
  func scaling() async throws {
    let base = #""peer": {"tls": {"enabled": true, "auto": true}}"#
    let charts = try await Chart.render(
      values: [1, 3, 5].map { #"{"replicaCount": \#($0), \#(base)}"# })
    let templates = charts.map { $0["statefulset.yaml"]["spec"]["template"] }
    #expect(!templates[0].isAbsent)
    #expect(Set(templates).count == 1)
  }

  @Test("the peer port is open where others may come, and only there")
  func peerPort() async throws {
    for (name, scheme) in [("growing", "http"), ("cluster", "https"), ("five", "https")] {
      let chart = try await rendering(name)
      #expect(chart.flags.contains("--listen-peer-urls=\(scheme)://0.0.0.0:2380"), "\(name)")
      #expect(chart.member["ports"].named("peer")["containerPort"] == 2380, "\(name)")
      let ports = chart["service-headless.yaml"]["spec"]["ports"]
      #expect(ports.named("peer")["port"] == 2380, "\(name)")
      #expect(chart["service.yaml"]["spec"]["ports"].named("peer").isAbsent, "\(name)")
      #expect(chart.file("settings").contains("\npeer=\(scheme)://keelson-@."), "\(name)")
    }
    for name in ["default", "tls", "everything"] {
      let chart = try await rendering(name)
      #expect(!chart.flags.contains { $0.hasPrefix("--listen-peer-urls") }, "\(name)")
      #expect(chart.member["ports"].named("peer").isAbsent, "\(name)")
    }
    let policy = try await rendering("cluster")["networkpolicy.yaml"]["spec"]
    let members = policy["podSelector"]
    let incoming = try #require(
      policy["ingress"].items.first { $0["ports"].items.contains { $0["port"] == "peer" } })
    #expect(incoming["from"].items.map { $0["podSelector"] } == [members])
    #expect(policy["egress"][0]["to"].items.map { $0["podSelector"] } == [members])
    #expect(policy["egress"][1]["ports"].items.map { $0["port"] } == [53, 53])
  }

  @Test("members' certificates come from a secret, or are made by themselves")
  func certificates() async throws {
    let chart = try await rendering("cluster")
    for flag in [
      "--peer-cert-file=/etc/keelson/peer/tls.crt", "--peer-key-file=/etc/keelson/peer/tls.key",
      "--peer-trusted-ca-file=/etc/keelson/peer/ca.crt", "--peer-client-cert-auth",
    ] { #expect(chart.flags.contains(flag), "\(flag)") }
    let secrets = [("peer-tls", "keelson-peers"), ("control-tls", "keelson-control")]
    for (volume, secret) in secrets {
      let source = chart.pod["volumes"].named(volume)["secret"]
      #expect(source["secretName"].text == secret)
      #expect(source["defaultMode"].number == 0o440)
      #expect(chart.member["volumeMounts"].named(volume)["readOnly"].isTrue)
    }
    #expect(chart.file("settings").contains("export KEELSONCTL_CERT=/etc/keelson/control/tls.crt"))
    let automatic = try await rendering("five")
    #expect(automatic.flags.contains("--peer-auto-tls"))
    #expect(!automatic.flags.contains { $0.hasPrefix("--peer-cert-file") })
    #expect(automatic.pod["volumes"].named("peer-tls").isAbsent)
    #expect(automatic.notes.contains("WARNING: peer.tls.auto"))
  }

  @Test("evictions leave a majority, and members prefer nodes of their own")
  func disruption() async throws {
    let cluster = try await rendering("cluster")
    #expect(cluster["poddisruptionbudget.yaml"]["spec"]["maxUnavailable"] == 1)
    let five = try await rendering("five")
    #expect(five["poddisruptionbudget.yaml"]["spec"]["maxUnavailable"] == 2)
    #expect(try await rendering("default")["poddisruptionbudget.yaml"].isAbsent)
    let labels = cluster["statefulset.yaml"]["spec"]["selector"]["matchLabels"]
    let required = cluster.pod["affinity"]["podAntiAffinity"][
      "requiredDuringSchedulingIgnoredDuringExecution"][0]
    #expect(required["topologyKey"] == "kubernetes.io/hostname")
    #expect(required["labelSelector"]["matchLabels"] == labels)
    let preferred = five.pod["affinity"]["podAntiAffinity"][
      "preferredDuringSchedulingIgnoredDuringExecution"][0]["podAffinityTerm"]
    #expect(preferred["labelSelector"]["matchLabels"] == labels)
    let spread = cluster.pod["topologySpreadConstraints"][0]
    #expect(spread["labelSelector"]["matchLabels"] == labels)
    let own = try await rendering("everything").pod
    #expect(own["affinity"].keys == ["nodeAffinity", "podAntiAffinity"])
    let backups = cluster.member["volumeMounts"].named("backups")
    #expect(backups["subPathExpr"] == "$(POD_NAME)")
  }

  @Test("members without data begin a cluster when the release is installed, and never afterwards")
  func state() async throws {
    let values = [#"{"replicaCount": 3}"#, #"{"replicaCount": 3, "cluster": {"state": "new"}}"#]
    let installed = try await Chart.render(values: values)
    let upgraded = try await Chart.render(values: values, isUpgrade: true)
    #expect(installed[0].file("settings").contains("\nstate=new\n"))
    #expect(upgraded[0].file("settings").contains("\nstate=existing\n"))
    #expect(upgraded[1].file("settings").contains("\nstate=new\n"))
  }
}
