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
      definitions of kinds come first, wherever they stand. Each object is checked against its kind and \
      written by one transaction; those with errors are left out, and the exit status is 1.

      An object that exists is merged as kubectl does it: fields that the manifest names become so, fields \
      that it named when it was applied last and no longer names go away, all others belong to others and \
      stay. An import that was broken off can be run again.

      --diff prints what changes in each object as a unified difference, with --dry-run without changing it; \
      the contents of Secrets are masked. The exit status does not depend on it. --prune deletes objects that \
      were applied before and carry the labels of --selector, of all kinds, in the namespaces that the files \
      name and in the cluster, if the files do not hold them; after an error nothing is pruned. \
      --validate=warn names fields that a kind does not have and leaves them out, ignore leaves them out.

      Example:
        keelsonctl apply -f shop.yaml
        keelsonctl apply -R -f manifests/ --namespace shop
        keelsonctl apply -f manifests/ --dry-run --diff
        keelsonctl apply -f manifests/ --prune -l app=shop
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

  @Flag(help: "Show what changes in each object.")
  var diff = false

  @Flag(help: "Delete what was applied before and is not in the files; needs --selector.")
  var prune = false

  @Option(
    name: [.customShort("l"), .long], parsing: .unconditional,
    help: ArgumentHelp("The labels of objects that may be pruned.", valueName: "selector"))
  var selector: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "strict, warn or ignore: what becomes of fields that a kind does not have (default: strict).",
      valueName: "mode"))
  var validate = "strict"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Objects that are written at a time (default: 16).", valueName: "number"))
  var concurrency = "16"

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let options = try options()
    let names = filename.flatMap { $0.split(separator: ",").map(String.init) }
    guard !names.isEmpty else { throw Failure.badArguments("apply command needs a file: -f") }
    let session = try Session(global)
    let files = try ManifestFiles.find(names, isRecursive: recursive)
    var manifests = ManifestImport(
      into: KeelsonStore(client: session.client), options: options, now: { WallClock.seconds },
      random: { SystemRandomNumberGenerator.number })
    let report = ApplyReport(suffix: dryRun ? " (dry run)" : "", files: files)
    do throws(StoreFailure) {
      let summary = try await manifests.run(files) { report.take($0) }
      report.finish()
      guard summary.objects > 0 else {
        throw StoreFailure("the files hold no objects", isFinal: true)
      }
      Output.write("\(summary.text)\(dryRun ? " (dry run)" : "")\n")
      if summary.failed > 0 { throw StoreFailure("", isFinal: true) }
    } catch {
      report.finish()
      throw Failure(.error, error.message)
    }
  }

  /// What the flags say.
  private func options() throws(Failure) -> ManifestImport<KeelsonStore>.Options {
    var options = ManifestImport<KeelsonStore>.Options()
    guard words.isEmpty else {
      throw .badArguments("apply command accepts no arguments: name files with -f")
    }
    if let namespace, let complaint = NamespaceName.complaint(namespace) {
      throw .badArguments("--namespace \(complaint)")
    }
    options.namespace = namespace
    options.isDryRun = dryRun
    options.showsDifferences = diff
    guard let mode = ValidationMode(rawValue: validate) else {
      throw .badArguments("--validate must be strict, warn or ignore")
    }
    options.validation = mode
    guard let number = Int(concurrency), (1...1024).contains(number) else {
      throw .badArguments("--concurrency must be a number from 1 to 1024")
    }
    options.concurrency = number
    guard prune == (selector?.isEmpty == false) else {
      throw .badArguments(
        prune
          ? "--prune needs --selector: without labels it would delete what others applied"
          : "--selector is for --prune")
    }
    if let selector {
      do throws(SelectionError) {
        options.prune = try LabelSelector(selector)
      } catch {
        throw .badArguments("--selector: \(error.message)")
      }
    }
    return options
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
