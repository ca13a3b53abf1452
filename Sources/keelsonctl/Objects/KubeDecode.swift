internal import ArgumentParser
internal import Primitives
internal import Registry

/// `keelsonctl kube decode`
struct KubeDecode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Shows stored objects as YAML or JSON, whatever form they are stored in.",
    usage: """
      keelsonctl kube decode [options] [<key>] < value
             keelsonctl kube decode [options] --snapshot <file> <key>
      """,
    discussion: """
      Without a key, one value comes from standard input, as etcdctl prints it; with a key, it comes from \
      the store, or with --snapshot from a snapshot file of Keelson or etcd. With --prefix, all objects \
      come whose keys begin so. Shown is what is stored, in the version in which it is stored. What cannot \
      be carried over, such as fields of a newer Kubernetes, is told on standard error, and so is what \
      is encrypted or no object; for the latter the exit status is 1.

      Example:
        keelsonctl kube decode /registry/pods/default/web
        keelsonctl kube decode --prefix /registry/configmaps/ --snapshot backup.db -o json
        etcdctl get /registry/minions/node-1 --print-value-only | keelsonctl kube decode
      """)

  /// What objects are printed as.
  enum Format: String {
    case yaml, json
  }

  @Option(
    name: [.customShort("o"), .long], parsing: .unconditional,
    help: ArgumentHelp("yaml or json (default: yaml).", valueName: "format"))
  var output: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Read this snapshot file instead of a store.", valueName: "file"))
  var snapshot: String?

  @Flag(help: "Take a file without a hash: one that was copied from a data directory.")
  var skipHashCheck = false

  @Flag(help: "All objects whose keys begin with the key.")
  var prefix = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The state at this revision (default: the newest).", valueName: "revision"))
  var rev: Int64 = 0

  @Argument(help: ArgumentHelp("The key.", valueName: "key"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: ConnectionOptions

  func run() async throws {
    guard let format = Format(rawValue: output ?? "yaml") else {
      throw Failure(.badFeature, "kube decode prints yaml or json, not \"\(output ?? "")\"")
    }
    guard words.count <= 1 else {
      throw Failure.badArguments("kube decode command takes one key")
    }
    guard rev >= 0 else { throw Failure.badArguments("--rev must not be negative") }
    guard let key = words.first.map(ArgumentText.bytes) else {
      guard snapshot == nil, !prefix, rev == 0 else {
        throw Failure.badArguments("--snapshot, --prefix and --rev need a key")
      }
      return try show([StoredPair(input: try Input.readAll())], format, isOne: true)
    }
    guard !key.isEmpty || prefix else { throw Failure.badArguments("the key is empty") }
    let pairs: [StoredPair]
    if let snapshot {
      pairs = try StoredPair.find(
        key, isPrefix: prefix, revision: Revision(rev), inSnapshot: snapshot,
        skipsHashCheck: skipHashCheck)
    } else {
      let store = KeelsonStore(client: try Session(global).client)
      pairs = try await StoredPair.find(
        key, isPrefix: prefix, revision: Revision(rev), in: store)
    }
    guard !pairs.isEmpty else {
      let place = snapshot.map { "\($0) holds" } ?? "the store holds"
      throw Failure(
        .error, "\(place) no key \(prefix ? "that begins with " : "")\(words[0])")
    }
    try show(pairs, format, isOne: !prefix)
  }

  private func show(_ pairs: [StoredPair], _ format: Format, isOne: Bool) throws(Failure) {
    var objects: [Value] = []
    var failures = 0
    for pair in pairs {
      do throws(CodecError) {
        let decoded = try ObjectCodec.decode(pair.value)
        for issue in decoded.issues { Output.writeError("\(pair.title(": "))\(issue)\n") }
        if format == .yaml {
          if !isOne { Output.write("---\n# \(TerminalText.printable(pair.name))\n") }
          Output.write(decoded.value.yaml)
        } else {
          objects.append(decoded.value)
        }
      } catch {
        failures += 1
        if isOne { throw Failure(.error, "\(pair.title(": "))\(error)") }
        Output.writeError("\(pair.title(": "))\(error)\n")
      }
    }
    if format == .json {
      let whole =
        isOne
        ? objects[0]
        : .object(["apiVersion": "v1", "kind": "List", "items": .array(objects)])
      Output.write(whole.indentedJSON + [0x0a])
    }
    if failures > 0 {
      throw Failure(.error, "\(failures) of \(pairs.count) values cannot be shown")
    }
  }
}
