internal import ArgumentParser
internal import Primitives
internal import Registry

/// `keelsonctl kube get`
struct KubeGet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Shows objects of one or several kinds, or watches those of one.",
    usage: "keelsonctl kube get [options] <kind>[,<kind>] [<name> ...] | <kind>/<name> ... | all",
    discussion: """
      A kind is a plural, a singular or a short name, with .group where it is not clear; 'all' and other \
      categories stand for several. All kinds are read at one revision. Encrypted objects are listed, but \
      not shown.

      Behind 'kube', -w is --watch. A watch prints the objects and then each that changes, a deleted one as \
      it was; it goes on by itself after a lost connection, and ends with Ctrl-C.

      Example:
        keelsonctl kube get deployments,services -n shop
        keelsonctl kube get pods -A -l 'app in (web,db)' --field-selector status.phase!=Running -o wide
        keelsonctl kube get configmap/settings -o yaml --revision 1200
        keelsonctl kube get nodes -o jsonpath='{range .items[*]}{.metadata.name}{"\\n"}{end}'
        keelsonctl kube get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName
        keelsonctl kube get pods -w
      """)

  @OptionGroup var scope: NamespaceOptions
  @OptionGroup var selectors: SelectorOptions

  @Option(
    name: [.customShort("o"), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "table, wide, name, json, yaml, jsonpath=..., jsonpath-as-json=..., jsonpath-file=..., "
        + "custom-columns=... or custom-columns-file=... (default: table).", valueName: "format"),
    completion: .list(OutputStyle.completions))
  var output: String?

  @Flag(name: [.customShort("w"), .long], help: "Show the objects, then each that changes.")
  var watch = false

  @Flag(help: "Show only what changes from now on.")
  var watchOnly = false

  @Flag(help: "In a watch: say whether an object was added, modified or deleted.")
  var outputWatchEvents = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Read what was there at this revision.", valueName: "revision"))
  var revision: Int64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Order each kind by a field, such as .metadata.name.", valueName: "path"))
  var sortBy: String?

  @Flag(help: "Leave the titles out.")
  var noHeaders = false

  @Flag(help: "Show all labels in the last column.")
  var showLabels = false

  @Option(
    name: [.customShort("L"), .long], parsing: .unconditional,
    help: ArgumentHelp("Labels that get columns, with commas between.", valueName: "labels"))
  var labelColumns: String?

  @Flag(help: "Show the kind in front of each name.")
  var showKind = false

  @Flag(help: "Show metadata.managedFields in JSON and YAML.")
  var showManagedFields = false

  @Flag(help: "An object that does not exist is no error.")
  var ignoreNotFound = false

  @Argument(help: "Kinds and names.", completion: KubeQuery.kindCompletion)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: ConnectionOptions

  private var isWatch: Bool { watch || watchOnly }

  func run() async throws {
    let style = try OutputStyle(output)
    let filter = try selectors.filter()
    let order = try orderOfObjects()
    try scope.check()
    if let revision, revision <= 0 { throw Failure.badArguments("--revision begins at 1") }
    let session = try Session(global)
    let catalogue = Catalogue(KeelsonStore(client: session.client))
    let query = try await KubeQuery(words, command: "get", in: catalogue)
    try check(query, filter)
    var options = ObjectPrinter.Options(style: style, table: tableStyle(query, style))
    options.showsTitles = !noHeaders
    options.form = isWatch ? .stream : query.isOne ? .one : .list
    options.keepsManagedFields = showManagedFields
    options.order = order
    options.showsEvents = outputWatchEvents && isWatch
    if isWatch {
      var watch = ObjectWatch(
        client: session.client, catalogue: catalogue, request: query.requests[0], filter: filter,
        namespace: scope.namespace(of: query.requests[0].type), printer: ObjectPrinter(options))
      try await watch.run(from: Revision(revision ?? 0), listsFirst: !watchOnly)
      return
    }
    try await show(query, filter, catalogue, ObjectPrinter(options))
  }

  private func orderOfObjects() throws(Failure) -> ObjectOrder? {
    do throws(SelectionError) {
      return try sortBy.map { (path) throws(SelectionError) in try ObjectOrder(by: path) }
    } catch {
      throw .badArguments("--sort-by: \(error.message)")
    }
  }

  private func check(_ query: KubeQuery, _ filter: ObjectFilter) throws(Failure) {
    if scope.allNamespaces, query.hasNames {
      throw .badArguments("an object is named in one namespace, not in all")
    }
    if !filter.isEmpty, query.hasNames {
      throw .badArguments("an object is either named or selected, not both")
    }
    for request in query.requests { try filter.check(request.type, query.table.schema) }
    guard isWatch else {
      if outputWatchEvents { throw .badArguments("--output-watch-events needs --watch") }
      return
    }
    guard query.requests.count == 1, query.requests[0].names.count <= 1 else {
      throw .badArguments("a watch is about one kind, or about one object")
    }
    if sortBy != nil { throw .badArguments("a watch has the order in which things happen") }
  }

  private func tableStyle(_ query: KubeQuery, _ output: OutputStyle) -> TableStyle {
    var style = TableStyle(now: WallClock.seconds)
    if case .table(isWide: true) = output { style.isWide = true }
    style.showsNamespaces = scope.allNamespaces
    style.showsKinds = showKind || query.requests.count > 1
    style.showsLabels = showLabels
    style.labelColumns = (labelColumns ?? "").split(separator: ",").map(String.init)
    return style
  }

  private func show(
    _ query: KubeQuery, _ filter: ObjectFilter, _ catalogue: Catalogue<KeelsonStore>,
    _ printer: ObjectPrinter
  ) async throws {
    var printer = printer
    var missing: [String] = []
    var leftOut = 0
    // All kinds are shown as they are at the revision at which the first was read.
    var revision = Revision(revision ?? 0)
    for request in query.requests {
      let namespace = scope.namespace(of: request.type)
      if request.names.isEmpty {
        var pages = catalogue.pages(request.type, namespace: namespace, revision: revision)
        while let page = try await reaching({ () async throws(StoreFailure) in
          try await pages.next()
        }) {
          try printer.add(filter.matching(page))
          if !filter.isEmpty { leftOut += page.count { $0.stored.object == nil } }
        }
        revision = pages.revision
      }
      for name in request.names {
        let object = try await reaching { [revision] () async throws(StoreFailure) in
          try await catalogue.object(
            request.type, namespace: namespace, name: name, revision: revision)
        }
        if let object {
          try printer.add([object])
        } else {
          missing.append("\(request.type.qualifiedName) \"\(name)\" not found")
        }
      }
      try printer.endType()
    }
    if !(query.isOne && !missing.isEmpty) { try printer.finish() }
    try report(printer, missing: ignoreNotFound ? [] : missing, leftOut: leftOut)
  }

  private func report(_ printer: ObjectPrinter, missing: [String], leftOut: Int) throws(Failure) {
    if leftOut > 0 {
      Output.writeError(
        "\(leftOut) object\(leftOut == 1 ? "" : "s") cannot be read, so that no selector fits\n")
    }
    guard missing.isEmpty else { throw Failure(.error, missing.joined(separator: "\n")) }
    if printer.unreadable > 0 { throw Failure(.error, "") }
    if printer.count == 0, printer.isTable, !ignoreNotFound {
      Output.writeError(
        scope.allNamespaces
          ? "No resources found\n"
          : "No resources found in \(scope.namespace ?? "default") namespace.\n")
    }
  }
}
