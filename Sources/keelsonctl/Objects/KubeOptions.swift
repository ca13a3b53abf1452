internal import ArgumentParser
internal import Registry

/// Which namespace a command is about.
struct NamespaceOptions: ParsableArguments {
  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: ArgumentHelp("The namespace (default: default).", valueName: "name"))
  var namespace: String?

  @Flag(name: [.customShort("A"), .long], help: "All namespaces.")
  var allNamespaces = false

  /// The namespace of a kind's objects; nil for all of them, and for kinds of the cluster.
  func namespace(of type: ResourceType) -> String? {
    type.isNamespaced && !allNamespaces ? namespace ?? "default" : nil
  }

  /// Refuses what is no name of a namespace.
  func check() throws(Failure) {
    if let namespace, let complaint = NamespaceName.complaint(namespace) {
      throw .badArguments("--namespace \(complaint)")
    }
  }
}

/// Which objects of a kind a command is about.
struct SelectorOptions: ParsableArguments {
  @Option(
    name: [.customShort("l"), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "Objects with these labels: a=b, c!=d, e in (x,y), f notin (z), g, !h; with commas between.",
      valueName: "labels"))
  var selector: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Objects with these fields: status.phase=Running, spec.nodeName!=n1; any field may be named.",
      valueName: "fields"))
  var fieldSelector: String?

  var isEmpty: Bool { selector == nil && fieldSelector == nil }

  func filter() throws(Failure) -> ObjectFilter {
    do throws(SelectionError) {
      return ObjectFilter(
        labels: try selector.map { (text) throws(SelectionError) in try LabelSelector(text) },
        fields: try fieldSelector.map { (text) throws(SelectionError) in try FieldSelector(text) })
    } catch {
      throw .badArguments(error.message)
    }
  }
}

/// What is asked of objects.
struct ObjectFilter {
  var labels: LabelSelector?
  var fields: FieldSelector?

  var isEmpty: Bool { labels == nil && fields == nil }

  func matches(_ object: Value) -> Bool {
    labels?.matches(object) ?? true && fields?.matches(object) ?? true
  }

  /// The objects that are meant; what cannot be read has no labels and fields, and is left out.
  func matching(_ objects: [StoredObject]) -> [StoredObject] {
    isEmpty ? objects : objects.filter { $0.stored.object.map(matches) ?? false }
  }

  /// Refuses fields that no object of a kind can have.
  func check(_ type: ResourceType, _ schema: Schema) throws(Failure) {
    for path in fields?.paths ?? [] {
      guard let problem = SchemaPath.complaint(path, type: type, schema: schema) else { continue }
      throw .badArguments("--field-selector: \(problem)")
    }
  }
}

/// What the words behind a command mean: kinds, and names of objects.
struct KubeQuery {
  /// A kind, and the names that are asked for; all objects if there are none.
  struct Request {
    var type: ResourceType
    var names: [String]
  }

  var requests: [Request]
  /// The kinds that are known.
  var table: ResourceTable

  /// Whether exactly one object is named, so that it is shown without a list around it.
  var isOne: Bool { requests.count == 1 && requests[0].names.count == 1 }

  /// Whether objects are named at all.
  var hasNames: Bool { requests.contains { !$0.names.isEmpty } }

  /// Finds the kinds of the words `KIND[,KIND] [NAME ...]`, `KIND/NAME ...`, or a category such as `all`.
  ///
  /// Definitions in the store are read only if Kubernetes itself has no such kind.
  init(
    _ words: [String], command: String, in catalogue: Catalogue<KeelsonStore>
  ) async throws(Failure) {
    let asked = try Self.split(words, command: command)
    table = .kubernetes
    let known = table
    if asked.contains(where: { known.type(named: $0.kind) == nil }) {
      table = try await reaching { () async throws(StoreFailure) in try await catalogue.table() }
    }
    requests = []
    for (kind, names) in asked {
      if let type = table.type(named: kind) {
        requests.append(Request(type: type, names: names))
        continue
      }
      let members = table.types.filter { $0.categories.contains(kind.lowercased()) }
      guard !members.isEmpty else { throw Failure(.error, table.complaint(word: kind)) }
      guard names.isEmpty else {
        throw .badArguments("\"\(kind)\" stands for several kinds: an object is named with its own")
      }
      requests += members.map { Request(type: $0, names: []) }
    }
  }

  private static func split(
    _ words: [String], command: String
  ) throws(Failure) -> [(kind: String, names: [String])] {
    let needsKind = Failure.badArguments("kube \(command) command needs a kind, such as pods")
    guard let first = words.first else { throw needsKind }
    guard words.contains(where: { $0.contains("/") }) else {
      let kinds = first.split(separator: ",").map(String.init)
      if kinds.isEmpty { throw needsKind }
      return kinds.map { ($0, Array(words.dropFirst())) }
    }
    var asked: [(kind: String, names: [String])] = []
    for word in words {
      let parts = word.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw .badArguments("\"\(word)\" is not of the form kind/name, which the others are")
      }
      if let last = asked.indices.last, asked[last].kind == parts[0] {
        asked[last].names.append(parts[1])
      } else {
        asked.append((parts[0], [parts[1]]))
      }
    }
    return asked
  }
}

extension KubeQuery {
  /// What a shell offers for the first word.
  static let kindCompletion = CompletionKind.custom { _, _, _ in
    ResourceTable.kubernetes.types.flatMap { [$0.plural] + $0.shortNames } + ["all"]
  }
}
