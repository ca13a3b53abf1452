internal import ArgumentParser
internal import Glibc
internal import Registry

/// `keelsonctl apply`
struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts the objects of Kubernetes manifests into the store.",
    usage: "keelsonctl apply [options] -f <file|folder|->",
    discussion: """
      Objects lie where kube-apiserver keeps them, with what an API server fills in. Namespaces and \
      definitions of kinds come first. Objects with errors are left out and the exit status is 1. An \
      object that exists is replaced but for its identity, its status, and finalizers and owners that \
      the manifest does not name; one that is stored in protobuf or encrypted is not touched.

      Example:
        keelsonctl apply -f shop.yaml
        keelsonctl apply -R -f manifests/ --namespace shop
        kubectl create deployment web --image nginx --dry-run=client -o yaml | keelsonctl apply -f -
      """)

  @Option(
    name: [.customShort("f"), .long], parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "YAML or JSON: a file, a folder, or - for standard input; may be repeated.",
      valueName: "file"))
  var filename: [String] = []

  @Flag(name: [.customShort("R"), .long], help: "Folders inside folders too.")
  var recursive = false

  @Option(
    name: [.customShort("n"), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "Namespace of objects that name none; others are refused (default: default).",
      valueName: "name"))
  var namespace: String?

  @Flag(help: "Only check, and tell what would happen.")
  var dryRun = false

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("apply command accepts no arguments: name files with -f")
    }
    let names = filename.flatMap { $0.split(separator: ",").map(String.init) }
    guard !names.isEmpty else { throw Failure.badArguments("apply command needs a file: -f") }
    if let namespace, let complaint = NamespaceName.complaint(namespace) {
      throw Failure.badArguments("--namespace \(complaint)")
    }
    let session = try Session(global)
    let files = try ManifestFiles.find(names, isRecursive: recursive)
    var options = ManifestImport<KeelsonStore>.Options()
    options.namespace = namespace
    options.isDryRun = dryRun
    var manifests = ManifestImport(
      into: KeelsonStore(client: session.client), options: options, now: { WallClock.seconds },
      random: { SystemRandomNumberGenerator.number })
    let suffix = dryRun ? " (dry run)" : ""
    do throws(StoreFailure) {
      let summary = try await manifests.run(files) { event in
        switch event {
        case .imported(let manifest, let action):

          Output.write(
            "\(TerminalText.printable(manifest.title)) \(action.rawValue)\(suffix)\n")
        case .failed(let error): Output.writeError("\(error)\n")
        }
      }
      guard summary.objects > 0 else {
        throw StoreFailure("the files hold no objects", isFinal: true)
      }
      Output.write("\(summary.text)\(suffix)\n")
      if summary.failed > 0 { throw StoreFailure("", isFinal: true) }
    } catch {
      throw Failure(.error, error.message)
    }
  }
}

/// The time of day.
enum WallClock {
  /// Seconds since 1970.
  static var seconds: Int64 { Int64(time(nil)) }
}

extension SystemRandomNumberGenerator {
  /// A random number.
  static var number: UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}
