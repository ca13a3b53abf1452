import Primitives
import Testing

@testable import Registry

@Suite("Cells of tables")
struct CellTests {
  static let now: Int64 = 1_700_000_000

  /// Kinds, objects as YAML, and the rows that kubectl would print.
  static let rows: [(kind: String, yaml: String, isWide: Bool, row: [String])] = [
    (
      "pods",
      """
      metadata: {name: web, creationTimestamp: "2023-11-14T22:10:00Z"}
      spec: {nodeName: n1, containers: [{name: a}, {name: b}], readinessGates: [{conditionType: x}]}
      status:
        phase: Running
        podIPs: [{ip: 10.0.0.7}]
        conditions: [{type: x, status: "True"}]
        containerStatuses:
        - {name: a, ready: true, restartCount: 2, state: {running: {}}, lastState: {terminated: {finishedAt: "2023-11-14T22:11:20Z"}}}
        - {name: b, ready: false, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}}
      """, true,
      ["web", "1/2", "CrashLoopBackOff", "3 (2m ago)", "3m20s", "10.0.0.7", "n1", "<none>", "1/1"]
    ),
    (
      "pods",
      """
      metadata: {name: init, deletionTimestamp: "2023-11-14T22:10:00Z"}
      spec: {initContainers: [{name: a}, {name: b, restartPolicy: Always}], containers: [{name: c}]}
      status:
        phase: Pending
        initContainerStatuses:
        - {name: a, restartCount: 0, state: {terminated: {exitCode: 1}}}
      """, false, ["init", "0/2", "Terminating", "0", "<unknown>"]
    ),
    (
      "pods",
      """
      metadata: {name: done}
      spec: {containers: [{name: c}]}
      status:
        phase: Succeeded
        containerStatuses: [{name: c, state: {terminated: {exitCode: 0, reason: Completed}}}]
      """, false, ["done", "0/1", "Completed", "0", "<unknown>"]
    ),
    (
      "jobs",
      """
      metadata: {name: j}
      spec: {completions: 3, selector: {matchLabels: {a: b}}, template: {spec: {containers: [{name: c, image: i}]}}}
      status: {succeeded: 3, startTime: "2023-11-14T22:10:00Z", completionTime: "2023-11-14T22:11:05Z", conditions: [{type: Complete, status: "True"}]}
      """, true, ["j", "Complete", "3/3", "65s", "<unknown>", "c", "i", "a=b"]
    ),
    (
      "cronjobs",
      """
      metadata: {name: j}
      spec: {schedule: "* * * * *", timeZone: Etc/UTC, jobTemplate: {}}
      status: {active: [{}], lastScheduleTime: "2023-11-14T22:13:00Z"}
      """, false, ["j", "* * * * *", "Etc/UTC", "False", "1", "20s", "<unknown>"]
    ),
    (
      "hpa",
      """
      metadata: {name: h}
      spec:
        scaleTargetRef: {kind: Deployment, name: web}
        maxReplicas: 5
        metrics:
        - {type: Resource, resource: {name: cpu, target: {averageUtilization: 80}}}
        - {type: Pods, pods: {target: {averageValue: "10"}}}
        - {type: External, external: {target: {averageValue: "3"}}}
      status: {currentReplicas: 2, currentMetrics: [{resource: {current: {averageUtilization: 41}}}]}
      """, false,
      [
        "h", "Deployment/web", "cpu: 41%/80%, <unknown>/10 + 1 more...", "<unset>", "5", "2",
        "<unknown>",
      ]
    ),
    (
      "nodes",
      """
      metadata: {name: node, labels: {node-role.kubernetes.io/worker: "", node-role.kubernetes.io/edge: ""}}
      spec: {unschedulable: true}
      status:
        addresses: [{type: InternalIP, address: 10.1.1.1}]
        conditions: [{type: Ready, status: Unknown}]
        nodeInfo: {kubeletVersion: v1.36.2, osImage: Debian, kernelVersion: "6.12"}
      """, true,
      [
        "node", "NotReady,SchedulingDisabled", "edge,worker", "<unknown>", "v1.36.2", "10.1.1.1",
        "<none>", "Debian", "6.12", "<unknown>",
      ]
    ),
    (
      "services",
      """
      metadata: {name: s}
      spec: {type: LoadBalancer, clusterIP: 10.0.0.1, ports: [{port: 443, nodePort: 30443, protocol: TCP}]}
      status: {loadBalancer: {ingress: [{hostname: a-very-long-name.example.com}]}}
      """, false,
      ["s", "LoadBalancer", "10.0.0.1", "a-very-long-n...", "443:30443/TCP", "<unknown>"]
    ),
    (
      "ingresses",
      """
      metadata: {name: i}
      spec: {rules: [{host: a}, {host: b}, {host: c}, {host: d}], tls: [{}]}
      """, false, ["i", "<none>", "a,b,c + 1 more...", "", "80, 443", "<unknown>"]
    ),
    (
      "endpoints",
      """
      metadata: {name: e}
      subsets: [{addresses: [{ip: 10.0.0.1}, {ip: "fd00::1"}], ports: [{port: 80}, {port: 443}]}]
      """, false, ["e", "10.0.0.1:80,[fd00::1]:80,10.0.0.1:443 + 1 more...", "<unknown>"]
    ),
    (
      "pvc",
      """
      metadata: {name: p}
      spec: {volumeName: v, storageClassName: fast, volumeMode: Filesystem}
      status: {phase: Bound, capacity: {storage: 8Gi}, accessModes: [ReadWriteMany, ReadWriteOnce]}
      """, true,
      ["p", "Bound", "v", "8Gi", "RWO,RWX", "fast", "<unset>", "<unknown>", "Filesystem"]
    ),
    (
      "networkpolicies",
      """
      metadata: {name: net}
      spec: {podSelector: {matchLabels: {z: "1"}, matchExpressions: [{key: a, operator: In, values: [w, v]}, {key: b, operator: DoesNotExist}]}}
      """, false, ["net", "a in (v,w),!b,z=1", "<unknown>"]
    ),
    (
      "events",
      """
      metadata: {name: e}
      involvedObject: {kind: Pod, name: web, fieldPath: "spec.containers{a}"}
      type: Warning
      reason: BackOff
      message: "restarting\\n"
      source: {component: kubelet, host: n1}
      firstTimestamp: "2023-11-14T22:10:00Z"
      lastTimestamp: "2023-11-14T22:13:10Z"
      count: 7
      """, true,
      [
        "10s", "Warning", "BackOff", "pod/web", "spec.containers{a}", "kubelet, n1", "restarting",
        "3m20s", "7", "e",
      ]
    ),
    (
      "rolebindings",
      """
      metadata: {name: r}
      roleRef: {kind: Role, name: view}
      subjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s, namespace: shop}]
      """, true, ["r", "Role/view", "<unknown>", "u", "", "shop/s"]
    ),
    (
      "storageclasses",
      """
      metadata: {name: s, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
      provisioner: p
      """, false, ["s (default)", "p", "Delete", "Immediate", "false", "<unknown>"]
    ),
  ]

  @Test("cells say what kube-apiserver's say", arguments: rows)
  func cells(kind: String, yaml: String, isWide: Bool, row: [String]) throws {
    let type = try #require(ResourceTable.kubernetes.type(named: kind))
    let value = try #require(try documents(yaml).first).value
    let record = StoredRecord(
      key: type.key(namespace: "n", name: value.text("metadata", "name")), value: value.json,
      modRevision: Revision(3))
    let object = try #require(StoredObject(record, type: type))
    var style = TableStyle(now: Self.now)
    style.isWide = isWide
    #expect(ObjectTable(type, style: style).row(object) == row)
  }

  @Test("custom resources have the columns of their definition")
  func customResources() throws {
    var table = ResourceTable.kubernetes
    let definitions = try documents(
      """
      spec:
        group: shop.example.com
        scope: Namespaced
        names: {kind: Coupon, plural: coupons}
        versions:
        - name: v1
          served: true
          storage: true
          additionalPrinterColumns:
          - {name: Percent, type: integer, jsonPath: .spec.percent}
          - {name: Used, type: date, jsonPath: .status.used}
          - {name: Tags, type: string, jsonPath: ".spec.tags"}
          - {name: More, type: boolean, jsonPath: .spec.more, priority: 1}
      """)
    let defined = table.define(definitions[0].value)
    let type = try #require(defined)
    let json =
      #"{"metadata":{"name":"c"},"spec":{"percent":10.0,"tags":["a"],"more":true},"status":{"used":"2023-11-14T22:13:00Z"}}"#
    let object = try #require(
      StoredObject(
        StoredRecord(
          key: type.key(namespace: "n", name: "c"), value: Bytes(json.utf8),
          modRevision: Revision(1)), type: type))
    var style = TableStyle(now: Self.now)
    #expect(ObjectTable(type, style: style).titles == ["NAME", "PERCENT", "USED", "TAGS"])
    #expect(ObjectTable(type, style: style).row(object) == ["c", "10", "20s", #"["a"]"#])
    style.isWide = true
    #expect(ObjectTable(type, style: style).row(object).last == "true")
  }

  @Test("an order has numbers by size, amounts by their meaning and texts by their bytes")
  func order() throws {
    let type = try #require(ResourceTable.kubernetes.type(named: "cm"))
    func objects(_ values: [String]) -> [StoredObject] {
      values.enumerated().compactMap { index, value in
        StoredObject(
          StoredRecord(
            key: type.key(namespace: "n", name: "o\(index)"),
            value: Bytes((value.isEmpty ? "{}" : #"{"f":\#(value)}"#).utf8),
            modRevision: Revision(1)), type: type)
      }
    }
    func sorted(_ values: String...) throws -> [String] {
      try ObjectOrder(by: "{.f}").sorted(objects(values)).map { object in
        (object.stored.object?["f"]).map { String(decoding: $0.json, as: UTF8.self) } ?? ""
      }
    }
    #expect(try sorted("10", "9", "", "2.5") == ["", "2.5", "9", "10"])
    #expect(try sorted(#""1Gi""#, #""900Mi""#, #""500m""#) == [#""500m""#, #""900Mi""#, #""1Gi""#])
    #expect(try sorted(#""a10""#, #""a9""#, #""a""#) == [#""a""#, #""a10""#, #""a9""#])
    #expect(try sorted("true", "false") == ["false", "true"])
    #expect(throws: SelectionError.self) { try ObjectOrder(by: ".none").sorted(objects(["1"])) }
    #expect(throws: SelectionError.self) { try ObjectOrder(by: "{.f") }
  }
}
