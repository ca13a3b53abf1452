import Primitives
import Testing

@testable import Registry

@Suite("What an API server fills in")
struct DefaultsTests {
  private func filled(_ text: String) throws -> Value {
    let value = try #require(try documents(text).first).value
    let type = try #require(
      Schema.kubernetes.type(
        apiVersion: value["apiVersion"]?.text ?? "", kind: value["kind"]?.text ?? ""))
    let filled = ObjectDefaults.filled(value, type)
    #expect(
      ObjectDefaults.filled(filled, type).json == filled.json, "filling twice changes nothing")
    return filled
  }

  @Test("a deployment and the pods that it makes")
  func deployment() throws {
    let object = try filled(
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}, creationTimestamp: null}
          spec:
            containers:
            - {name: a, image: nginx, ports: [{containerPort: 80}]}
            - {name: b, image: "r.example.com:5000/x:1", readinessProbe: {httpGet: {port: 80}}}
            - name: c
              image: nginx@sha256:0
              resources: {limits: {cpu: 0.5, memory: 1024Mi}, requests: {cpu: "0.25"}}

      """)
    let spec = try #require(object["spec"])
    #expect(spec["replicas"] == 1)
    #expect(spec["revisionHistoryLimit"] == 10)
    #expect(spec["progressDeadlineSeconds"] == 600)
    #expect(
      spec["strategy"]
        == .object([
          "type": "RollingUpdate",
          "rollingUpdate": .object(["maxSurge": "25%", "maxUnavailable": "25%"]),
        ]))
    let pod = try #require(spec[path: "template", "spec"])
    #expect(pod["restartPolicy"] == "Always")
    #expect(pod["dnsPolicy"] == "ClusterFirst")
    #expect(pod["schedulerName"] == "default-scheduler")
    #expect(pod["securityContext"] == .emptyObject)
    #expect(pod["terminationGracePeriodSeconds"] == 30)
    let containers = try #require(pod["containers"]?.elements)
    #expect(
      containers.map { $0["imagePullPolicy"]?.text } == ["Always", "IfNotPresent", "IfNotPresent"])
    #expect(containers[0]["terminationMessagePath"] == "/dev/termination-log")
    #expect(containers[0]["ports"]?.elements?[0]["protocol"] == "TCP")
    #expect(containers[1][path: "readinessProbe", "periodSeconds"] == 10)
    #expect(containers[1][path: "readinessProbe", "httpGet", "path"] == "/")
    #expect(
      containers[2]["resources"]
        == .object([
          "limits": .object(["cpu": "500m", "memory": "1Gi"]),
          "requests": .object(["cpu": "250m", "memory": "1Gi"]),
        ]))
    #expect(spec[path: "template", "metadata", "creationTimestamp"] == nil)
  }

  @Test("services by their types")
  func services() throws {
    func service(_ spec: String) throws -> Value? {
      try filled("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {\(spec)}}")["spec"]
    }
    let plain = try #require(try service("ports: [{port: 80}]"))
    #expect(plain["type"] == "ClusterIP")
    #expect(plain["sessionAffinity"] == "None")
    #expect(
      plain["ports"]?.elements?[0]
        == .object(["port": 80, "protocol": "TCP", "targetPort": 80]))
    let balanced = try #require(
      try service("type: LoadBalancer, sessionAffinity: ClientIP, ports: [{port: 80}]"))
    #expect(balanced["externalTrafficPolicy"] == "Cluster")
    #expect(balanced["allocateLoadBalancerNodePorts"] == .bool(true))
    #expect(balanced[path: "sessionAffinityConfig", "clientIP", "timeoutSeconds"] == 10_800)
  }

  @Test(
    "other kinds",
    arguments: [
      ("batch/v1", "Job", "spec: {template: {spec: {containers: []}}}", "backoffLimit", "6"),
      ("batch/v1", "Job", "spec: {template: {spec: {containers: []}}}", "completions", "1"),
      ("batch/v1", "CronJob", "spec: {schedule: '@daily'}", "successfulJobsHistoryLimit", "3"),
      ("apps/v1", "StatefulSet", "spec: {}", "podManagementPolicy", "\"OrderedReady\""),
      (
        "apps/v1", "StatefulSet", "spec: {}", "updateStrategy",
        "{\"rollingUpdate\":{\"partition\":0},\"type\":\"RollingUpdate\"}"
      ),
      (
        "apps/v1", "DaemonSet", "spec: {}", "updateStrategy",
        "{\"rollingUpdate\":{\"maxSurge\":0,\"maxUnavailable\":1},\"type\":\"RollingUpdate\"}"
      ),
      ("v1", "PersistentVolumeClaim", "spec: {}", "volumeMode", "\"Filesystem\""),
      ("v1", "PersistentVolume", "spec: {}", "persistentVolumeReclaimPolicy", "\"Retain\""),
      ("autoscaling/v2", "HorizontalPodAutoscaler", "spec: {maxReplicas: 2}", "minReplicas", "1"),
    ])
  func kinds(apiVersion: String, kind: String, body: String, field: String, json: String) throws {
    let object = try filled(
      "{apiVersion: \(apiVersion), kind: \(kind), metadata: {name: a}, \(body)}")
    #expect(object["spec"]?[field].map { String(decoding: $0.json, as: UTF8.self) } == json)
  }

  @Test("each entry of the table names a type and a field that there are")
  func table() {
    for type in Schema.types {
      for entry in DefaultTable.entries(for: type) ?? [] {
        #expect(type.field(named: entry.field) != nil, "\(type.name).\(entry.field)")
      }
      for field in (FieldRules.rules(for: type) ?? [:]).keys.sorted() {
        #expect(type.field(named: field) != nil, "\(type.name).\(field)")
      }
    }
    let names = Set(Schema.types.map(\.name))
    #expect(DefaultTable.names.filter { !names.contains($0) } == [])
    #expect(FieldRules.names.filter { !names.contains($0) } == [])
  }

  @Test(
    "amounts have one form",
    arguments: [
      ("0.5", "500m"), ("1000m", "1"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("100", "100"),
      ("1e3", "1e3"), ("12E6", "12e6"), ("0", "0"), ("0Gi", "0"), ("1000Ki", "1000Ki"),
      ("2048", "2048"), ("1500k", "1500k"), ("2000k", "2M"), ("0.1n", "1n"), ("-1500m", "-1500m"),
      ("+5", "5"), (".5", "500m"), ("5.", "5"), ("512", "512"), ("0.5Ki", "512"),
      ("100000000000000000000", "100E"),
    ])
  func quantities(text: String, canonical: String) {
    #expect(Quantity(text)?.canonical == canonical)
  }

  @Test(
    "what is no amount",
    arguments: ["", "1GB", "1 Gi", "Gi", "1e", "1e1.5", "--1", "1K", "0x1", "1.2.3", "."])
  func noQuantities(text: String) {
    #expect(Quantity(text) == nil)
  }
}
