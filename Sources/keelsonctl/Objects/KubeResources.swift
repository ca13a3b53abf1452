internal import ArgumentParser
internal import Registry

/// `keelsonctl kube api-resources`
struct KubeResources: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "api-resources",
    abstract: "Lists the kinds that the store can hold, those of definitions in it included.",
    usage: "keelsonctl kube api-resources [options]",
    discussion: """
      Kinds that an API server answers but never stores, such as token reviews, are not listed.

      Example:
        keelsonctl kube api-resources --namespaced --api-group apps -o wide
        keelsonctl kube api-resources --verbs list,watch -o name
      """)

  @Option(
    name: [.customShort("o"), .long], parsing: .unconditional,
    help: ArgumentHelp("table, wide or name (default: table).", valueName: "format"),
    completion: .list(["table", "wide", "name"]))
  var output = "table"

  @Flag(
    inversion: .prefixedNo, help: "Only kinds in namespaces, or only kinds of the cluster.")
  var namespaced: Bool?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only kinds of this group; '' is the core group.", valueName: "group"))
  var apiGroup: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only kinds that have all these verbs.", valueName: "verbs"))
  var verbs: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only kinds that are in all these categories.", valueName: "categories"))
  var categories: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Order by name or kind, not by group and name.", valueName: "column"),
    completion: .list(["name", "kind"]))
  var sortBy: String?

  @Flag(help: "Leave the titles out.")
  var noHeaders = false

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: ConnectionOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("kube api-resources command accepts no arguments")
    }
    guard ["table", "wide", "name"].contains(output) else {
      throw Failure(
        .badFeature, "unsupported output format \"\(output)\": there are table, wide, name")
    }
    guard sortBy.map({ ["name", "kind"].contains($0) }) ?? true else {
      throw Failure.badArguments("--sort-by takes name or kind")
    }
    let session = try Session(global)
    let table = try await reaching { () async throws(StoreFailure) in
      try await Catalogue(KeelsonStore(client: session.client)).table()
    }
    let types = ordered(table.types.filter(isMeant))
    if output == "name" {
      Output.write(types.map { TerminalText.printable($0.qualifiedName) + "\n" }.joined())
      return
    }
    let isWide = output == "wide"
    var layout = TableText(
      ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
        + (isWide ? ["VERBS", "CATEGORIES"] : []))
    let rows = types.map { type in
      let row = [
        type.plural, type.shortNames.joined(separator: ","), type.apiVersion(type.versions[0]),
        String(type.isNamespaced), type.kind,
      ]
      let rest = [type.verbs.joined(separator: ","), type.categories.joined(separator: ",")]
      return (row + (isWide ? rest : [])).map(TerminalText.printable)
    }
    Output.write(layout.lines(rows, withTitles: !noHeaders))
  }

  private func isMeant(_ type: ResourceType) -> Bool {
    func has(_ wanted: String?, _ present: [String]) -> Bool {
      (wanted ?? "").split(separator: ",").allSatisfy { present.contains(String($0)) }
    }
    return namespaced.map { $0 == type.isNamespaced } ?? true
      && apiGroup.map { $0 == type.group } ?? true
      && has(verbs, type.verbs) && has(categories, type.categories)
  }

  private func ordered(_ types: [ResourceType]) -> [ResourceType] {
    types.sorted {
      switch sortBy {
      case "name": ($0.plural, $0.group) < ($1.plural, $1.group)
      case "kind": ($0.kind, $0.group) < ($1.kind, $1.group)
      default: ($0.group, $0.plural) < ($1.group, $1.plural)
      }
    }
  }
}
