internal import Glibc

/// Manifests of a cluster that is made up: YAML as people and charts write it, 1 KiB a document on average, the same in
/// every run.
struct ManifestSet {
  /// How many documents.
  let count: Int

  /// Documents are namespaces at first, then one definition of a kind, then all others in no order.
  static let namespaces = 50

  init(count: Int) { self.count = max(count, Self.namespaces + 1) }

  /// Hands out the documents, one after the other.
  func forEach(_ body: (String) throws -> Void) rethrows {
    var writer = ManifestWriter()
    for number in 0..<Self.namespaces { try body(writer.namespace(number)) }
    try body(ManifestWriter.definition)
    for number in Self.namespaces + 1..<count { try body(writer.object(number)) }
  }

  /// Writes the documents to a file, parted by lines of dashes.
  /// - Returns: how many bytes that are.
  func write(to path: String) throws -> Int {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw BenchError("cannot write \(path)") }
    defer { close(file) }
    var bytes = 0
    var buffer: [UInt8] = []
    func flush() throws {
      let written = unsafe buffer.withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      guard written == buffer.count else { throw BenchError("cannot write \(path)") }
      bytes += written
      buffer.removeAll(keepingCapacity: true)
    }
    try forEach { document in
      buffer += document.utf8
      buffer += "---\n".utf8
      if buffer.count >= 1 << 20 { try flush() }
    }
    try flush()
    return bytes
  }
}

/// Writes one document after the other.
private struct ManifestWriter {
  private var random = KeyOrder(seed: 7)

  private static let teams = ["checkout", "search", "billing", "media", "platform", "storefront"]
  private static let tiers = ["frontend", "backend", "cache", "worker"]
  private static let words = [
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jetty",
    "krill", "lagoon", "mirth", "north", "osier", "plume", "quartz", "ridge", "shoal", "tarn",
  ]

  static let definition = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata:
      name: voyages.bench.example
    spec:
      group: bench.example
      scope: Namespaced
      names: {kind: Voyage, plural: voyages, singular: voyage}
      versions:
      - name: v1
        served: true
        storage: true
        schema:
          openAPIV3Schema:
            type: object
            properties:
              spec:
                type: object
                required: [from, to]
                properties:
                  from: {type: string}
                  to: {type: string}
                  legs:
                    type: array
                    items:
                      type: object
                      properties:
                        port: {type: string}
                        hours: {type: integer, minimum: 0}
                        cargo: {type: string}

    """

  private mutating func pick(_ words: [String]) -> String { words[random.next(below: words.count)] }

  /// So many words in a row.
  private mutating func text(_ count: Int) -> String {
    (0..<count).map { _ in pick(Self.words) }.joined(separator: " ")
  }

  /// So many letters that look like base64.
  private mutating func letters(_ count: Int) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return String(
      decoding: (0..<count).map { _ in alphabet[random.next(below: 64)] }, as: UTF8.self)
  }

  mutating func namespace(_ number: Int) -> String {
    """
    apiVersion: v1
    kind: Namespace
    metadata:
      name: bench-\(number)
      labels:
        team: \(pick(Self.teams))
      annotations:
        bench.example/purpose: \(text(8))

    """
  }

  mutating func object(_ number: Int) -> String {
    switch random.next(below: 100) {
    case ..<20: configMap(number)
    case ..<32: secret(number)
    case ..<48: pod(number)
    case ..<60: deployment(number)
    case ..<74: service(number)
    case ..<80: role(number)
    case ..<86: roleBinding(number)
    case ..<92: ingress(number)
    case ..<96: claim(number)
    default: voyage(number)
    }
  }

  /// The beginning of a document, down to the annotations.
  private mutating func head(
    _ apiVersion: String, _ kind: String, _ number: Int, words: Int = 10
  ) -> String {
    let name = "\(pick(Self.words))-\(number)"
    return """
      apiVersion: \(apiVersion)
      kind: \(kind)
      metadata:
        name: \(name)
        namespace: bench-\(random.next(below: ManifestSet.namespaces))
        labels:
          app.kubernetes.io/name: \(name)
          app.kubernetes.io/part-of: \(pick(Self.teams))
          app.kubernetes.io/managed-by: bench
          tier: \(pick(Self.tiers))
        annotations:
          bench.example/description: \(text(words))

      """
  }

  private mutating func configMap(_ number: Int) -> String {
    var text = head("v1", "ConfigMap", number)
    text += "data:\n  LOG_LEVEL: info\n  WORKERS: \"\(random.next(below: 16) + 1)\"\n"
    text += "  application.properties: |\n"
    for _ in 0..<15 {
      text += "    \(pick(Self.words)).\(pick(Self.words)).\(pick(Self.words))=\(self.text(4))\n"
    }
    return text
  }

  private mutating func secret(_ number: Int) -> String {
    head("v1", "Secret", number) + """
      type: Opaque
      data:
        username: \(letters(16))
        password: \(letters(32))
        token: \(letters(640))

      """
  }

  /// A container, in a list that is indented by so many spaces.
  private mutating func container(_ name: String, indent: Int) -> String {
    let lines = """
      - name: \(name)
        image: registry.example/\(pick(Self.teams))/\(name):1.\(random.next(below: 40)).0
        imagePullPolicy: IfNotPresent
        args: ["--listen=:8080", "--region=\(pick(Self.words))"]
        ports:
        - name: http
          containerPort: 8080
        env:
        - name: MODE
          value: \(pick(Self.words))
        - name: POD_NAME
          valueFrom:
            fieldRef:
              fieldPath: metadata.name
        resources:
          requests:
            cpu: \(50 * (1 + random.next(below: 8)))m
            memory: \(64 * (1 + random.next(below: 8)))Mi
          limits:
            memory: 1Gi
        readinessProbe:
          httpGet:
            path: /healthz
            port: http
          periodSeconds: 5
        volumeMounts:
        - name: config
          mountPath: /etc/\(name)
          readOnly: true
      """
    let space = String(repeating: " ", count: indent)
    return lines.split(separator: "\n").map { "\(space)\($0)\n" }.joined()
  }

  private mutating func pod(_ number: Int) -> String {
    head("v1", "Pod", number) + "spec:\n  containers:\n"
      + container(pick(Self.tiers), indent: 2) + """
          nodeSelector:
            kubernetes.io/os: linux
          tolerations:
          - key: dedicated
            operator: Equal
            value: \(pick(Self.teams))
            effect: NoSchedule
          volumes:
          - name: config
            configMap:
              name: \(pick(Self.words))-config

        """
  }

  private mutating func deployment(_ number: Int) -> String {
    let app = "\(pick(Self.words))-\(number)"
    return head("apps/v1", "Deployment", number) + """
      spec:
        replicas: \(1 + random.next(below: 5))
        selector:
          matchLabels:
            app: \(app)
        strategy:
          rollingUpdate:
            maxSurge: 1
            maxUnavailable: 25%
        template:
          metadata:
            labels:
              app: \(app)
          spec:
            containers:

      """ + container(pick(Self.tiers), indent: 6) + """
              volumes:
              - name: config
                configMap:
                  name: \(app)-config

        """
  }

  private mutating func service(_ number: Int) -> String {
    head("v1", "Service", number, words: 50) + """
      spec:
        selector:
          app.kubernetes.io/name: \(pick(Self.words))
          tier: \(pick(Self.tiers))
        ports:
        - name: http
          port: 80
          targetPort: http
        - name: metrics
          port: 9090
          protocol: TCP
          targetPort: 9090

      """
  }

  private mutating func role(_ number: Int) -> String {
    head("rbac.authorization.k8s.io/v1", "Role", number, words: 40) + """
      rules:
      - apiGroups: [""]
        resources: [pods, pods/log, configmaps]
        verbs: [get, list, watch]
      - apiGroups: [apps]
        resources: [deployments]
        resourceNames: [\(pick(Self.words)), \(pick(Self.words))]
        verbs: [get, patch]
      - apiGroups: [coordination.k8s.io]
        resources: [leases]
        verbs: ["*"]

      """
  }

  private mutating func roleBinding(_ number: Int) -> String {
    head("rbac.authorization.k8s.io/v1", "RoleBinding", number, words: 50) + """
      roleRef:
        apiGroup: rbac.authorization.k8s.io
        kind: Role
        name: \(pick(Self.words))-\(number)
      subjects:
      - kind: ServiceAccount
        name: \(pick(Self.words))
        namespace: bench-0
      - kind: Group
        name: \(pick(Self.teams))
        apiGroup: rbac.authorization.k8s.io

      """
  }

  private mutating func ingress(_ number: Int) -> String {
    head("networking.k8s.io/v1", "Ingress", number) + """
      spec:
        ingressClassName: nginx
        tls:
        - hosts: [\(pick(Self.words)).shop.example]
          secretName: \(pick(Self.words))-tls
        rules:
        - host: \(pick(Self.words)).shop.example
          http:
            paths:
            - path: /
              pathType: Prefix
              backend:
                service:
                  name: \(pick(Self.words))
                  port:
                    name: http
            - path: /\(pick(Self.words))
              pathType: Exact
              backend:
                service:
                  name: \(pick(Self.words))
                  port:
                    number: 9090

      """
  }

  private mutating func claim(_ number: Int) -> String {
    head("v1", "PersistentVolumeClaim", number, words: 50) + """
      spec:
        accessModes: [ReadWriteOnce]
        storageClassName: fast
        resources:
          requests:
            storage: \(1 + random.next(below: 100))Gi

      """
  }

  private mutating func voyage(_ number: Int) -> String {
    var text = head("bench.example/v1", "Voyage", number)
    text += "spec:\n  from: \(pick(Self.words))\n  to: \(pick(Self.words))\n  legs:\n"
    for _ in 0..<8 {
      text += "  - port: \(pick(Self.words))\n    hours: \(random.next(below: 200))\n"
      text += "    cargo: \(self.text(2))\n"
    }
    return text
  }
}
