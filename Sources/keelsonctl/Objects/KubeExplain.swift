internal import ArgumentParser
internal import Registry

/// `keelsonctl kube explain`
struct KubeExplain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says what a kind or one of its fields is made of.",
    usage: "keelsonctl kube explain [options] <kind>[.<field>[.<field> ...]]",
    discussion: """
      Tells types, required fields, allowed and default values, and the keys of lists that are merged; no \
      prose. Kubernetes' own kinds need no server.

      Example:
        keelsonctl kube explain pod.spec.containers
        keelsonctl kube explain hpa --api-version autoscaling/v1 --recursive
      """)

  @Flag(name: [.customShort("R"), .long], help: "Fields inside fields too.")
  var recursive = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The version that is meant, such as apps/v1.", valueName: "group/version"))
  var apiVersion: String?

  @Argument(help: "A kind, and names of fields.", completion: KubeQuery.kindCompletion)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: ConnectionOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("kube explain command needs one kind, such as pods.spec")
    }
    var table = ResourceTable.kubernetes
    var found = Self.split(words[0], table)
    if found == nil {
      let session = try Session(global)
      table = try await reaching { () async throws(StoreFailure) in
        try await Catalogue(KeelsonStore(client: session.client)).table()
      }
      found = Self.split(words[0], table)
    }
    guard let (type, path) = found else {
      let kind = words[0].split(separator: ".").first.map(String.init) ?? words[0]
      throw Failure(.error, table.complaint(word: kind))
    }
    do throws(SelectionError) {
      let explanation = try FieldExplanation(
        type, apiVersion: apiVersion, path: path, schema: table.schema)
      Output.write(explanation.text(isRecursive: recursive))
    } catch {
      throw Failure(.error, error.message)
    }
  }

  /// The longest beginning that names a kind, and the fields behind it: groups have dots too.
  private static func split(
    _ word: String, _ table: ResourceTable
  ) -> (ResourceType, [String])? {
    let parts = word.split(separator: ".").map(String.init)
    for count in stride(from: parts.count, to: 0, by: -1) {
      if let type = table.type(named: parts[..<count].joined(separator: ".")) {
        return (type, Array(parts[count...]))
      }
    }
    return nil
  }
}
