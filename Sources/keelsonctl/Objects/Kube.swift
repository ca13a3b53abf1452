internal import ArgumentParser
internal import Registry

/// `keelsonctl kube`
struct Kube: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads Kubernetes objects out of the store.",
    discussion: """
      Example:
        keelsonctl kube get deployments -A
      """,
    subcommands: [KubeGet.self, KubeResources.self, KubeDecode.self, KubeEncode.self])
}

/// `keelsonctl kube api-resources`
struct KubeResources: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "api-resources",
    abstract: "Lists the kinds that the store knows, definitions in it included.",
    usage: "keelsonctl kube api-resources",
    discussion: """
      Example:
        keelsonctl kube api-resources
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("kube api-resources command accepts no arguments")
    }
    let session = try Session(global)
    let table = try await reaching { () async throws(StoreFailure) in
      try await Catalogue(KeelsonStore(client: session.client)).table()
    }
    var rows = [["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]]
    rows += table.types.map {
      [
        $0.plural, $0.shortNames.joined(separator: ","), $0.apiVersion($0.versions[0]),
        String($0.isNamespaced), $0.kind,
      ]
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row.dropLast(), widths).map { cell, width in
        cell + String(repeating: " ", count: width - cell.count + 3)
      }
      Output.write(cells.joined() + row[row.count - 1] + "\n")
    }
  }
}

/// Turns what the store reports into what the program reports.
func reaching<Result>(
  _ body: () async throws(StoreFailure) -> Result
) async throws(Failure) -> Result {
  do throws(StoreFailure) {
    return try await body()
  } catch {
    throw Failure(.error, error.message)
  }
}
