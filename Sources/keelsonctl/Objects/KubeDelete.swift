internal import ArgumentParser
internal import Primitives
internal import Registry

/// `keelsonctl kube delete`
struct KubeDelete: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Deletes objects as an API server does.",
    usage: """
      keelsonctl kube delete [options] <kind>[,<kind>] <name> ... | <kind>/<name> ...
             keelsonctl kube delete [options] <kind>[,<kind>] -l <labels> | --all
             keelsonctl kube delete [options] -f <file|folder|->
      """,
    discussion: """
      An object is deleted if nobody has changed it since it was read. One that finalizers hold is marked \
      instead, and goes away when their controllers have removed them; so is a namespace, which the \
      namespace controller empties first, and a pod that runs on a node, which the kubelet stops first. \
      What belongs to a deleted owner is left to the garbage collector. Without these controllers \
      running, nothing else happens.

      Example:
        keelsonctl kube delete deployment web -n shop
        keelsonctl kube delete pods,services -l app=web --dry-run
        keelsonctl kube delete -f shop.yaml --ignore-not-found
      """)

  @OptionGroup var scope: NamespaceOptions
  @OptionGroup var selectors: SelectorOptions

  @Flag(help: "All objects of the kinds, in the namespace or, with -A, in all.")
  var all = false

  @Option(
    name: [.customShort("f"), .long], parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The objects of manifests: a file, a folder, or - for standard input; may be repeated.",
      valueName: "file"))
  var filename: [String] = []

  @Flag(name: [.customShort("R"), .long], help: "Folders inside folders too.")
  var recursive = false

  @Flag(help: "Only tell what would happen.")
  var dryRun = false

  @Flag(help: "An object that does not exist is no error.")
  var ignoreNotFound = false

  @Flag(help: "Remove running pods, and objects that cannot be read, at once.")
  var force = false

  @Argument(help: "Kinds and names.", completion: KubeQuery.kindCompletion)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: ConnectionOptions

  /// One object that is to be deleted.
  private struct Target {
    var type: ResourceType
    var namespace: String?
    var name: String
  }

  func run() async throws {
    let filter = try selectors.filter()
    try scope.check()
    let session = try Session(global)
    let store = KeelsonStore(client: session.client)
    let catalogue = Catalogue(store)
    var deletion = ObjectDeletion(in: store, now: { WallClock.seconds })
    deletion.isDryRun = dryRun
    deletion.isForced = force
    var failures: [String] = []
    var count = 0
    if !filename.isEmpty {
      guard words.isEmpty, !all, filter.isEmpty else {
        throw Failure.badArguments("objects are named either by files or by kinds, not by both")
      }
      for target in try await targets(ofFiles: catalogue) {
        count += 1
        try await delete(target, deletion, &failures)
      }
    } else {
      let query = try await KubeQuery(words, command: "delete", in: catalogue)
      try check(query, filter)
      for request in query.requests {
        let namespace = scope.namespace(of: request.type)
        for name in request.names {
          count += 1
          try await delete(
            Target(type: request.type, namespace: namespace, name: name), deletion, &failures)
        }
        if !request.names.isEmpty { continue }
        var pages = catalogue.pages(request.type, namespace: namespace)
        while let page = try await reaching({ () async throws(StoreFailure) in
          try await pages.next()
        }) {
          for object in filter.matching(page) {
            count += 1
            try await delete(
              Target(type: object.type, namespace: object.namespace, name: object.name), deletion,
              &failures)
          }
        }
      }
    }
    guard failures.isEmpty else { throw Failure(.error, failures.joined(separator: "\n")) }
    if count == 0 { Output.writeError("No resources found\n") }
  }

  private func check(_ query: KubeQuery, _ filter: ObjectFilter) throws(Failure) {
    if query.hasNames {
      if all || !filter.isEmpty {
        throw .badArguments("an object is either named or selected, not both")
      }
      if scope.allNamespaces {
        throw .badArguments("an object is named in one namespace, not in all")
      }
    } else if !all, filter.isEmpty {
      throw .badArguments("kube delete command needs names, a selector, or --all")
    }
    for request in query.requests { try filter.check(request.type, query.table.schema) }
  }

  private func delete(
    _ target: Target, _ deletion: ObjectDeletion<KeelsonStore>, _ failures: inout [String]
  ) async throws(Failure) {
    let outcome = try await reaching { () async throws(StoreFailure) in
      try await deletion.delete(target.type, namespace: target.namespace, name: target.name)
    }
    let kind = target.type.singular + (target.type.group.isEmpty ? "" : ".\(target.type.group)")
    let title = "\(kind) \"\(TerminalText.printable(target.name))\""
    let place = target.namespace.map { " from \($0) namespace" } ?? ""
    let suffix = dryRun ? " (dry run)" : ""
    switch outcome {
    case .deleted: Output.write("\(title) deleted\(place)\(suffix)\n")
    case .held(let finalizers):
      Output.write(
        "\(title) marked for deletion\(place): held until its finalizers are removed: "
          + "\(TerminalText.printable(finalizers.joined(separator: ", ")))\(suffix)\n")
    case .stopping(let node, let seconds):
      Output.write(
        "\(title) marked for deletion\(place): node \(TerminalText.printable(node)) has \(seconds)s to stop "
          + "it\(suffix)\n")
    case .emptying:
      Output.write(
        "\(title) marked for deletion: the namespace controller removes what is in it, and then "
          + "itself\(suffix)\n")
    case .absent:
      if !ignoreNotFound {
        failures.append("\(target.type.qualifiedName) \"\(target.name)\" not found")
      }
    case .refused(let reason): failures.append("\(title): \(reason)")
    }
  }

  /// The objects that manifests name, with namespaces last, so that what is in them goes first.
  private func targets(ofFiles catalogue: Catalogue<KeelsonStore>) async throws(Failure) -> [Target]
  {
    let names = filename.flatMap { $0.split(separator: ",").map(String.init) }
    var table = ResourceTable.kubernetes
    var hasAll = false
    var targets: [Target] = []
    for identity in try ManifestIdentity.all(in: names, isRecursive: recursive) {
      var type = table.type(apiVersion: identity.apiVersion, kind: identity.kind)
      if type == nil, !hasAll {
        hasAll = true
        table = try await reaching { () async throws(StoreFailure) in try await catalogue.table() }
        type = table.type(apiVersion: identity.apiVersion, kind: identity.kind)
      }
      guard let type else {
        throw Failure(
          .error,
          "\(identity.place): "
            + table.complaint(apiVersion: identity.apiVersion, kind: identity.kind))
      }
      let namespace = identity.namespace ?? scope.namespace ?? "default"
      targets.append(
        Target(type: type, namespace: type.isNamespaced ? namespace : nil, name: identity.name))
    }
    let isNamespace = { (target: Target) in
      target.type.group.isEmpty && target.type.kind == "Namespace"
    }
    return targets.filter { !isNamespace($0) } + targets.filter(isNamespace)
  }
}

/// What a manifest says an object is called.
struct ManifestIdentity {
  var apiVersion: String
  var kind: String
  var namespace: String?
  var name: String
  /// Where it stands, for messages.
  var place: String

  /// The identities of all objects in files; those of lists one by one.
  static func all(
    in names: [String], isRecursive: Bool
  ) throws(Failure) -> [ManifestIdentity] {
    var identities: [ManifestIdentity] = []
    for file in try ManifestFiles.find(names, isRecursive: isRecursive) {
      do {
        var reader = DocumentReader(try file.open())
        while let node = try reader.next() {
          if node.isNull { continue }
          for object in node["items"]?.elements ?? [node] {
            let place = "\(file.name):\(object.position)"
            guard let apiVersion = object["apiVersion"]?.text, let kind = object["kind"]?.text,
              let name = object["metadata"]?["name"]?.text
            else {
              throw Failure(
                .error, "\(place): an object is named by apiVersion, kind and metadata.name")
            }
            identities.append(
              ManifestIdentity(
                apiVersion: apiVersion, kind: kind,
                namespace: object["metadata"]?["namespace"]?.text, name: name, place: place))
          }
        }
      } catch let failure as Failure {
        throw failure
      } catch let error as SyntaxError {
        throw Failure(.error, "\(file.name):\(error.position): \(error.message)")
      } catch let error as SourceError {
        throw Failure(.inputOutput, "\(file.name): \(error.message)")
      } catch {
        throw Failure(.error, "\(error)")
      }
    }
    return identities
  }
}
