import Testing

@testable import Registry

@Suite("Views of objects")
struct ObjectViewTests {
  private func object(_ text: String) throws -> Value {
    try #require(try documents(text).first).value
  }

  @Test("a view takes objects of its own kind and group alone")
  func kinds() throws {
    let role = try object("{apiVersion: rbac.authorization.k8s.io/v1, kind: Role}")
    #expect(RoleView(role) != nil)
    #expect(ClusterRoleView(role) == nil)
    #expect(RoleView(try object("{apiVersion: v1, kind: Role}")) == nil)
    #expect(PodView(try object("{kind: Pod, apiVersion: v1}")) != nil)
    #expect(PodView(.string("Pod")) == nil)
  }

  @Test("metadata has names and types, and what has a wrong type is absent")
  func metadata() throws {
    let text = """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: shop
        uid: u
        generation: 3
        creationTimestamp: "1970-01-01T00:01:00Z"
        deletionTimestamp: "1970-01-01T00:02:00Z"
        labels: {b: "2", a: "1", c: 3}
        annotations: {x: why}
        finalizers: [f, 1]
        ownerReferences: [{apiVersion: v1, kind: Node, name: n, uid: w, controller: true}]
      spec: {finalizers: [kubernetes]}
      """
    let namespace = try #require(NamespaceView(try object(text)))
    let metadata = namespace.metadata
    #expect(metadata.name == "shop")
    #expect(metadata.namespace == nil)
    #expect(metadata.generation == 3)
    #expect(metadata.creationSeconds == 60)
    #expect(metadata.labels.map(\.name) == ["a", "b"])
    #expect(metadata.label("b") == "2")
    #expect(metadata.label("c") == nil)
    #expect(metadata.annotation("x") == "why")
    #expect(metadata.finalizers == ["f"])
    #expect(metadata.owners.first?.isController == true)
    #expect(namespace.isTerminating)
    #expect(namespace.finalizers == ["kubernetes"])
    #expect(NamespaceView(checked: .emptyObject).metadata.name == "")
  }

  @Test("nodes, pods and services tell what the store asks of them")
  func workloads() throws {
    let node = try #require(
      NodeView(
        try object(
          """
          apiVersion: v1
          kind: Node
          metadata: {labels: {node-role.kubernetes.io/control-plane: ""}}
          spec: {unschedulable: true}
          status:
            addresses: [{type: InternalIP, address: 10.0.0.1}]
            conditions: [{type: Ready, status: "False"}]
          """)))
    #expect(node.isUnschedulable)
    #expect(node.isReady == false)
    #expect(node.addresses.first?.address == "10.0.0.1")
    #expect(node.roles == ["control-plane"])
    let pod = try #require(
      PodView(
        try object(
          """
          apiVersion: v1
          kind: Pod
          spec: {nodeName: ""}
          status: {phase: Succeeded, podIP: 10.1.0.1, conditions: [{type: Ready, status: "True"}]}
          """)))
    #expect(pod.nodeName == nil)
    #expect(pod.isFinished)
    #expect(pod.isReady)
    #expect(pod.address == "10.1.0.1")
    #expect(pod.serviceAccountName == "default")
    let service = try #require(
      ServiceView(
        try object(
          """
          apiVersion: v1
          kind: Service
          spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
          """)))
    #expect(service.type == "ClusterIP")
    #expect(service.clusterAddresses == ["None"])
    #expect(service.selector.first?.value == "web")
    #expect(
      service.ports
        == [ServiceView.Port(name: nil, number: 80, transport: "TCP", target: "http")])
  }

  @Test("secrets and accounts tell what they hold and who they are")
  func secrets() throws {
    let secret = try #require(
      SecretView(try object("{apiVersion: v1, kind: Secret, data: {a: AQI=, b: '%'}}")))
    #expect(secret.type == "Opaque")
    #expect(secret.names == ["a", "b"])
    #expect(secret.data("a") == [1, 2])
    #expect(secret.data("b") == nil)
    #expect(!secret.isImmutable)
    let account = try #require(
      ServiceAccountView(
        try object(
          "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: b}, "
            + "automountServiceAccountToken: false, secrets: [{name: s}]}")))
    #expect(account.userName == "system:serviceaccount:b:a")
    #expect(!account.mountsToken)
    #expect(account.secretNames == ["s"])
  }

  @Test("roles and bindings tell who may do what")
  func roles() throws {
    let role = try #require(
      ClusterRoleView(
        try object(
          """
          apiVersion: rbac.authorization.k8s.io/v1
          kind: ClusterRole
          aggregationRule: {clusterRoleSelectors: [{matchLabels: {a: b}}]}
          rules:
          - {apiGroups: [""], resources: [pods, pods/log], verbs: [get], resourceNames: [x]}
          - {nonResourceURLs: [/healthz/*], verbs: ["*"]}
          """)))
    #expect(role.rules.map(\.verbs) == [["get"], ["*"]])
    #expect(role.rules[0].resources == ["pods", "pods/log"])
    #expect(role.rules[0].apiGroups == [""])
    #expect(role.rules[1].nonResourceURLs == ["/healthz/*"])
    #expect(role.aggregatedSelectors?.count == 1)
    let binding = try #require(
      RoleBindingView(
        try object(
          """
          apiVersion: rbac.authorization.k8s.io/v1
          kind: RoleBinding
          roleRef: {kind: ClusterRole, name: view, apiGroup: rbac.authorization.k8s.io}
          subjects: [{kind: ServiceAccount, name: a, namespace: b}, {kind: User, name: u}]
          """)))
    #expect(binding.role == RoleReference(kind: "ClusterRole", name: "view"))
    #expect(binding.subjects.map(\.name) == ["a", "u"])
    #expect(binding.subjects[0].namespace == "b")
  }

  @Test("leases and definitions tell who holds and what is defined")
  func leasesAndDefinitions() throws {
    let lease = try #require(
      LeaseView(
        try object(
          """
          apiVersion: coordination.k8s.io/v1
          kind: Lease
          spec: {holderIdentity: node-1, leaseDurationSeconds: 15, renewTime: "1970-01-01T00:01:00.500000Z"}
          """)))
    #expect(lease.holder == "node-1")
    #expect(lease.durationSeconds == 15)
    #expect(lease.renewalSeconds == 60)
    #expect(lease.acquisitionSeconds == nil)
    #expect(lease.transitions == 0)
    let definition = try #require(DefinitionView(try object(SchemaTests.definition)))
    #expect(definition.definedGroup == "harbour.example")
    #expect(definition.definedKind == "Boat")
    #expect(definition.plural == "boats")
    #expect(definition.isNamespaced)
    #expect(definition.versions.map(\.isStored) == [true, false])
    #expect(definition.versions[0].schema?["type"] == "object")
  }
}
