internal import ArgumentParser
internal import Registry

/// `keelsonctl kube get`
struct KubeGet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Shows objects of one or several kinds.",
    usage: "keelsonctl kube get [options] <kind>[,<kind>] [<name> ...] | <kind>/<name> ...",
    discussion: """
      A kind is a plural, a singular or a short name, with .group where it is not clear. Objects that \
      kube-apiserver has written in protobuf or encrypted are listed, but not shown.

      Example:
        keelsonctl kube get deployments,services -n shop
        keelsonctl kube get configmap/settings -o yaml
        keelsonctl kube get nodes -o wide
      """)

  /// What objects are printed as.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, wide, name, json, yaml
  }

  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: ArgumentHelp("The namespace (default: default).", valueName: "name"))
  var namespace: String?

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  @Option(
    name: [.customShort("o"), .long], parsing: .unconditional,
    help: ArgumentHelp("table, wide, name, json or yaml (default: table).", valueName: "format"))
  var output: String?

  @Argument(help: "Kinds and names.")
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  /// A kind, and the names that are asked for; all if there are none.
  private struct Request {
    var kind: String
    var names: [String]
  }

  func run() async throws {
    guard let format = Format(rawValue: output ?? "table") else {
      throw Failure(
        .badFeature,
        "unsupported output format \"\(output ?? "")\": there are "
          + Format.allCases.map(\.rawValue).joined(separator: ", "))
    }
    if let namespace, let complaint = NamespaceName.complaint(namespace) {
      throw Failure.badArguments("--namespace \(complaint)")
    }
    let requests = try requests()
    let isOne = requests.count == 1 && requests[0].names.count == 1
    if allNamespaces, !requests.allSatisfy(\.names.isEmpty) {
      throw Failure.badArguments("an object is named in one namespace, not in all")
    }
    let session = try Session(global)
    let catalogue = Catalogue(KeelsonStore(client: session.client))
    var table = ResourceTable.kubernetes
    if requests.contains(where: { table.type(named: $0.kind) == nil }) {
      table = try await reaching { () async throws(StoreFailure) in try await catalogue.table() }
    }
    var groups: [[StoredObject]] = []
    var missing: [String] = []
    for request in requests {
      guard let type = table.type(named: request.kind) else {
        throw Failure(.error, table.complaint(word: request.kind))
      }
      let (found, absent) = try await find(type, request.names, catalogue)
      groups.append(found)
      missing += absent
    }
    print(groups, format, isOne: isOne)
    guard missing.isEmpty else { throw Failure(.error, missing.joined(separator: "\n")) }
    if groups.allSatisfy(\.isEmpty), format == .table || format == .wide || format == .name {
      Output.writeError(
        allNamespaces
          ? "No resources found\n" : "No resources found in \(namespace ?? "default") namespace.\n")
    }
  }

  private func requests() throws(Failure) -> [Request] {
    guard let first = words.first else {
      throw .badArguments("kube get command needs a kind, such as pods")
    }
    if words.contains(where: { $0.contains("/") }) {
      var requests: [Request] = []
      for word in words {
        let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
          throw .badArguments("\"\(word)\" is not of the form kind/name, which the others are")
        }
        if let last = requests.indices.last, requests[last].kind == parts[0] {
          requests[last].names.append(parts[1])
        } else {
          requests.append(Request(kind: parts[0], names: [parts[1]]))
        }
      }
      return requests
    }
    let kinds = first.split(separator: ",").map(String.init)
    guard !kinds.isEmpty else { throw .badArguments("kube get command needs a kind, such as pods") }
    return kinds.map { Request(kind: $0, names: Array(words.dropFirst())) }
  }

  private func find(
    _ type: ResourceType, _ names: [String], _ catalogue: Catalogue<KeelsonStore>
  ) async throws(Failure) -> (found: [StoredObject], missing: [String]) {
    let namespace = type.isNamespaced && !allNamespaces ? namespace ?? "default" : nil
    if names.isEmpty {
      let found = try await reaching { () async throws(StoreFailure) in
        try await catalogue.list(type, namespace: namespace)
      }
      return (found, [])
    }
    var found: [StoredObject] = []
    var missing: [String] = []
    for name in names {
      let object = try await reaching { () async throws(StoreFailure) in
        try await catalogue.object(type, namespace: namespace, name: name)
      }
      if let object {
        found.append(object)
      } else {
        missing.append("\(type.qualifiedName) \"\(name)\" not found")
      }
    }
    return (found, missing)
  }

  private func print(_ groups: [[StoredObject]], _ format: Format, isOne: Bool) {
    let filled = groups.filter { !$0.isEmpty }
    switch format {
    case .table, .wide:
      let table = ObjectTable(
        now: WallClock.seconds, isWide: format == .wide, showsNamespaces: allNamespaces,
        showsKinds: groups.count > 1)
      Output.write(filled.map(table.text).joined(separator: "\n"))
    case .name:
      for object in filled.joined() {
        Output.write(TerminalText.printable(object.title) + "\n")
      }
      return
    case .json, .yaml:
      let objects = filled.joined().compactMap(\.stored.object)
      let whole: Value
      if isOne {
        guard let object = objects.first else { break }
        whole = object
      } else {
        whole = .object([
          "apiVersion": "v1", "kind": "List", "items": .array(objects),
          "metadata": .object(["resourceVersion": ""]),
        ])
      }
      Output.write(format == .json ? whole.indentedJSON + [0x0a] : Array(whole.yaml.utf8))
    }
    for object in filled.joined() where object.stored.object == nil {
      Output.writeError(
        "\(String(decoding: object.key, as: UTF8.self)) is \(object.stored.name) and cannot be shown\n"
      )
    }
  }
}
