import Foundation
import ProcessHarness
import Testing

@Suite(
  "the Helm chart",
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct ChartTests {
  private static let rendered = Task { try await Chart.renderAll() }

  private func rendering(_ name: String) async throws -> Chart.Rendering {
    try #require(try await Self.rendered.value[name])
  }

  @Test("every set of values passes Helm's strict linter and Kubernetes' schemas")
  func valid() async throws {
    let all = try await Self.rendered.value
    #expect(all.count >= 10)
    for (name, rendering) in all {
      #expect(rendering.error == nil, "\(name)")
      #expect(rendering.lint == [], "\(name)")
      // The Prometheus operator's kinds are not Kubernetes' own.
      let problems = rendering.problems.filter { !$0.contains("no schema: monitoring.coreos.com") }
      #expect(problems == [], "\(name)")
      #expect(rendering.notes.contains("kubectl -n store rollout status"), "\(name)")
    }
  }

  @Test("the defaults make one member with a volume and two services, and little else")
  func defaults() async throws {
    let chart = try await rendering("default")
    #expect(
      chart.objects.keys.sorted() == [
        "configmap.yaml", "service-headless.yaml", "service.yaml", "serviceaccount.yaml",
        "statefulset.yaml", "tests/health.yaml",
      ])
    let set = chart["statefulset.yaml"]
    #expect(set["metadata"]["name"] == "keelson")
    #expect(set["metadata"]["namespace"] == "store")
    #expect(set["spec"]["replicas"] == 1)
    #expect(set["spec"]["serviceName"] == chart["service-headless.yaml"]["metadata"]["name"])
    #expect(set["spec"]["persistentVolumeClaimRetentionPolicy"]["whenDeleted"] == "Retain")
    let claim = set["spec"]["volumeClaimTemplates"][0]
    #expect(claim["metadata"]["name"] == "data")
    #expect(claim["spec"]["accessModes"].texts == ["ReadWriteOnce"])
    #expect(claim["spec"]["resources"]["requests"]["storage"] == "10Gi")
    #expect(claim["spec"]["storageClassName"].isAbsent)
    #expect(chart.pod["volumes"].items.map { $0["name"] } == ["start"])
    #expect(chart.notes.contains("WARNING: traffic is plain text"))
  }

  @Test("the services and the stateful set select the pod by labels that it has")
  func selectors() async throws {
    for (name, chart) in try await Self.rendered.value {
      let set = chart["statefulset.yaml"]["spec"]
      let labels = set["template"]["metadata"]["labels"]
      var selectors = [
        set["selector"]["matchLabels"], chart["service.yaml"]["spec"]["selector"],
        chart["service-headless.yaml"]["spec"]["selector"],
      ]
      for file in ["networkpolicy.yaml", "poddisruptionbudget.yaml"] {
        let spec = chart[file]["spec"]
        selectors += [spec["podSelector"], spec["selector"]].filter { !$0.isAbsent }.map {
          $0["matchLabels"]
        }
      }
      for selector in selectors {
        #expect(!selector.keys.isEmpty, "\(name)")
        for key in selector.keys { #expect(labels[key] == selector[key], "\(name): \(key)") }
      }
      // The test's pod must not serve the store's clients.
      let test = chart["tests/health.yaml"]["metadata"]["labels"]
      #expect(test["app.kubernetes.io/name"] != labels["app.kubernetes.io/name"], "\(name)")
      #expect(chart["service-headless.yaml"]["spec"]["clusterIP"] == "None", "\(name)")
      let ports = chart["service.yaml"]["spec"]["ports"]
      #expect(ports.items.map { $0["targetPort"] } == ["client"], "\(name)")
    }
  }

  @Test("pods meet the Pod Security Standard \"restricted\", and more")
  func hardened() async throws {
    for (name, chart) in try await Self.rendered.value {
      for pod in [chart.pod, chart["tests/health.yaml"]["spec"]] where !pod.isAbsent {
        let context = pod["securityContext"]
        #expect(context["runAsNonRoot"].isTrue, "\(name)")
        #expect((context["runAsUser"].number ?? 0) > 0, "\(name)")
        #expect(context["seccompProfile"]["type"] == "RuntimeDefault", "\(name)")
        #expect(pod["automountServiceAccountToken"].isFalse, "\(name)")
        #expect(pod["enableServiceLinks"].isFalse, "\(name)")
        for key in ["hostNetwork", "hostPID", "hostIPC"] { #expect(pod[key].isAbsent, "\(name)") }
        let own = try #require(pod["containers"].items.first)["securityContext"]
        #expect(own["allowPrivilegeEscalation"].isFalse, "\(name)")
        #expect(own["readOnlyRootFilesystem"].isTrue, "\(name)")
        #expect(own["capabilities"]["drop"].texts == ["ALL"], "\(name)")
        #expect(own["capabilities"]["add"].isAbsent, "\(name)")
        for volume in pod["volumes"].items { #expect(volume["hostPath"].isAbsent, "\(name)") }
      }
      if !chart["serviceaccount.yaml"].isAbsent {
        #expect(chart["serviceaccount.yaml"]["automountServiceAccountToken"].isFalse, "\(name)")
      }
    }
  }

  @Test("probes ask the plain port of the metrics for pages that the member has")
  func probes() async throws {
    for (name, chart) in try await Self.rendered.value {
      let port = try #require(chart.member["ports"].named("metrics")["containerPort"].number)
      let address = try #require(
        chart.flags.first { $0.hasPrefix("--listen-metrics-urls=http://") })
      #expect(address.hasSuffix(":\(Int(port))"), "\(name)")
      for (probe, page) in [
        ("startup", "/livez"), ("liveness", "/livez"), ("readiness", "/readyz"),
      ] {
        let request = chart.member[probe + "Probe"]["httpGet"]
        #expect(request["path"].text == page, "\(name): \(probe)")
        #expect(request["port"] == "metrics", "\(name): \(probe)")
        #expect(request["scheme"].isAbsent, "\(name): \(probe)")
      }
    }
  }

  @Test("TLS takes certificates from secrets, on every address and in every probe's stead")
  func certificates() async throws {
    let chart = try await rendering("tls")
    for flag in [
      "--listen-client-urls=https://0.0.0.0:2379", "--cert-file=/etc/keelson/tls/tls.crt",
      "--advertise-client-urls=https://keelson-0.keelson-headless.store.svc.cluster.local:2379",
      "--key-file=/etc/keelson/tls/tls.key", "--tls-min-version=TLS1.3", "--client-cert-auth",
      "--trusted-ca-file=/etc/keelson/client-ca/ca.crt",
    ] { #expect(chart.flags.contains(flag), "\(flag)") }
    let volumes = chart.pod["volumes"]
    #expect(volumes.named("server-tls")["secret"]["secretName"] == "keelson-server")
    #expect(volumes.named("client-ca")["secret"]["secretName"] == "keelson-clients")
    for mount in ["server-tls", "client-ca"] {
      #expect(chart.member["volumeMounts"].named(mount)["readOnly"].isTrue)
      #expect(volumes.named(mount)["secret"]["defaultMode"].number == 0o440)
    }
    #expect(chart.member["image"].text?.hasPrefix("registry.example.com/keelson@sha256:") == true)
    #expect(!chart.notes.contains("plain text"))
    let test = chart["tests/health.yaml"]["spec"]
    #expect(test["volumes"].named("client-tls")["secret"]["secretName"] == "keelson-test-client")

    let oneSided = try await rendering("server-tls")
    #expect(!oneSided.flags.contains { $0.contains("client-cert-auth") || $0.contains("ca-file") })
    #expect(oneSided.pod["volumes"].named("client-ca").isAbsent)
    #expect(oneSided["tests/health.yaml"]["spec"]["containers"][0]["args"].texts.contains("health"))
  }

  @Test("volumes: an empty directory, a claim of somebody else's, a class that is none")
  func volumes() async throws {
    let ephemeral = try await rendering("ephemeral")
    #expect(ephemeral["statefulset.yaml"]["spec"]["volumeClaimTemplates"].isAbsent)
    let directory = ephemeral.pod["volumes"].named("data")["emptyDir"]
    #expect(directory["sizeLimit"] == "4Gi")
    #expect(directory["medium"] == "Memory")
    #expect(ephemeral.notes.contains("WARNING: persistence is off"))
    #expect(ephemeral["serviceaccount.yaml"].isAbsent)
    #expect(ephemeral.pod["serviceAccountName"] == "default")
    #expect(ephemeral["tests/health.yaml"].isAbsent)
    let existing = try await rendering("existing-claim")
    #expect(existing["statefulset.yaml"]["spec"]["volumeClaimTemplates"].isAbsent)
    let claim = existing.pod["volumes"].named("data")["persistentVolumeClaim"]
    #expect(claim["claimName"] == "from-the-old-cluster")
    let everything = try await rendering("everything")["statefulset.yaml"]["spec"]
    #expect(everything["volumeClaimTemplates"][0]["spec"]["storageClassName"] == "")
  }

  @Test("metrics: a monitor of the headless service, the alerts and the dashboard of the files")
  func metrics() async throws {
    let chart = try await rendering("metrics")
    let monitor = chart["servicemonitor.yaml"]
    #expect(monitor["metadata"]["namespace"] == "monitoring")
    #expect(monitor["metadata"]["labels"]["release"] == "prometheus")
    #expect(monitor["spec"]["namespaceSelector"]["matchNames"].texts == ["store"])
    #expect(monitor["spec"]["endpoints"][0]["port"] == "metrics")
    #expect(monitor["spec"]["endpoints"][0]["scrapeTimeout"] == "10s")
    let wanted = monitor["spec"]["selector"]["matchLabels"]
    let service = chart["service-headless.yaml"]
    for key in wanted.keys { #expect(service["metadata"]["labels"][key] == wanted[key]) }
    #expect(chart["service.yaml"]["metadata"]["labels"]["keelson.dev/service"].isAbsent)
    #expect(service["spec"]["ports"].named("metrics")["port"] == 9379)
    #expect(chart["prometheusrule.yaml"]["spec"]["groups"].items.count > 0)
    let dashboard = chart["dashboard.yaml"]["data"]["keelson.json"].text ?? ""
    let file = try String(
      contentsOfFile: Chart.path + "/files/keelson.dashboard.json", encoding: .utf8)
    #expect(dashboard == file.trimmingCharacters(in: .newlines))
    #expect(
      chart["statefulset.yaml"]["spec"]["template"]["metadata"]["annotations"].keys.count == 1)
    let annotated = try await rendering("default")["statefulset.yaml"]["spec"]["template"]
    #expect(annotated["metadata"]["annotations"]["prometheus.io/port"] == "2381")
  }

  @Test("large numbers stay whole, and everything that can be given arrives")
  func everything() async throws {
    let chart = try await rendering("everything")
    for flag in [
      "--name=cluster-store-0", "--quota-backend-bytes=8589934592", "--max-request-bytes=4194304",
      "--auto-compaction-mode=revision", "--auto-compaction-retention=1000",
      "--snapshot-count=100000", "--log-level=debug", "--log-format=console",
      "--listen-client-urls=https://[::]:2379", "--warning-unary-request-duration=1s",
    ] { #expect(chart.flags.contains(flag), "\(flag)") }
    let pod = chart.pod
    #expect(pod["terminationGracePeriodSeconds"] == 120)
    #expect(pod["priorityClassName"] == "system-cluster-critical")
    #expect(pod["imagePullSecrets"][0]["name"] == "registry")
    for key in ["nodeSelector", "tolerations", "affinity", "topologySpreadConstraints"] {
      #expect(!pod[key].isAbsent, "\(key)")
    }
    #expect(pod["initContainers"].named("restore")["command"].texts.count == 2)
    #expect(!pod["containers"].named("watcher").isAbsent)
    #expect(chart.member["resources"]["limits"]["memory"] == "8Gi")
    #expect(chart.member["env"].named("KEELSON_MAX_TXN_OPS")["value"] == "256")
    #expect(chart["networkpolicy.yaml"]["spec"]["ingress"].items.count == 2)
    #expect(chart["networkpolicy.yaml"]["spec"]["egress"].items == [])
    #expect(chart["poddisruptionbudget.yaml"]["spec"]["maxUnavailable"] == 0)
    #expect(chart["service.yaml"]["spec"]["ports"][0]["nodePort"] == 32379)
    for objects in chart.objects where objects.key != "tests/health.yaml" {
      for object in objects.value {
        #expect(object["metadata"]["labels"]["team"] == "platform", "\(objects.key)")
      }
    }
  }
}
