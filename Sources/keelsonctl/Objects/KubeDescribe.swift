internal import ArgumentParser
internal import Registry

/// `keelsonctl kube describe`
struct KubeDescribe: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Shows objects in detail, with the events about them.",
    usage: "keelsonctl kube describe [options] <kind>[,<kind>] [<name> ...] | <kind>/<name> ...",
    discussion: """
      A name that no object has means all whose names begin with it. Values of secrets are not shown, only \
      their lengths.

      Example:
        keelsonctl kube describe pod web-0 -n shop
        keelsonctl kube describe nodes -l node-role.kubernetes.io/worker
      """)

  @OptionGroup var scope: NamespaceOptions
  @OptionGroup var selectors: SelectorOptions

  @Flag(inversion: .prefixedNo, help: "Show the events about each object.")
  var showEvents = true

  @Argument(help: "Kinds and names.", completion: KubeQuery.kindCompletion)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: ConnectionOptions

  func run() async throws {
    let filter = try selectors.filter()
    try scope.check()
    let session = try Session(global)
    let catalogue = Catalogue(KeelsonStore(client: session.client))
    let query = try await KubeQuery(words, command: "describe", in: catalogue)
    if !filter.isEmpty, query.hasNames {
      throw Failure.badArguments("an object is either named or selected, not both")
    }
    if scope.allNamespaces, query.hasNames {
      throw Failure.badArguments("an object is named in one namespace, not in all")
    }
    var count = 0
    var missing: [String] = []
    for request in query.requests {
      try filter.check(request.type, query.table.schema)
      let namespace = scope.namespace(of: request.type)
      for name in request.names {
        let object = try await reaching { () async throws(StoreFailure) in
          try await catalogue.object(request.type, namespace: namespace, name: name)
        }
        if let object {
          try await describe(object, catalogue, &count)
          continue
        }
        let before = count
        try await describe(request.type, namespace, catalogue, &count) { $0.name.hasPrefix(name) }
        if count == before { missing.append("\(request.type.qualifiedName) \"\(name)\" not found") }
      }
      if request.names.isEmpty {
        try await describe(request.type, namespace, catalogue, &count) {
          !filter.matching([$0]).isEmpty
        }
      }
    }
    guard missing.isEmpty else { throw Failure(.error, missing.joined(separator: "\n")) }
    if count == 0 { Output.writeError("No resources found\n") }
  }

  private func describe(
    _ type: ResourceType, _ namespace: String?, _ catalogue: Catalogue<KeelsonStore>,
    _ count: inout Int, where isMeant: (StoredObject) -> Bool
  ) async throws(Failure) {
    var pages = catalogue.pages(type, namespace: namespace)
    while let page = try await reaching({ () async throws(StoreFailure) in try await pages.next() })
    {
      for object in page where isMeant(object) { try await describe(object, catalogue, &count) }
    }
  }

  private func describe(
    _ object: StoredObject, _ catalogue: Catalogue<KeelsonStore>, _ count: inout Int
  ) async throws(Failure) {
    var events: [Value] = []
    if showEvents {
      events = try await reaching { () async throws(StoreFailure) in
        try await catalogue.events(about: object)
      }
    }
    var description = ObjectDescription(now: WallClock.seconds)
    Output.write((count > 0 ? "\n\n" : "") + description.describe(object, events: events))
    count += 1
  }
}
