internal import ArgumentParser
internal import KeelsonClient
internal import Primitives
internal import Registry

/// `keelsonctl kube history`
struct KubeHistory: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Shows the versions of an object that the store still has, oldest first.",
    usage: "keelsonctl kube history [options] <kind> <name> | <kind>/<name>",
    discussion: """
      Each version is told with its revision, what happened, and what changed, as a unified difference of \
      the object in YAML. Deleted objects have a history too. What lies before the last compaction is \
      gone; its end is told. The time is that of the last writer in metadata.managedFields, or of the \
      creation, if the object says it.

      Example:
        keelsonctl kube history deployment web -n shop
        keelsonctl kube history deploy/web -o table
        keelsonctl kube get deploy/web -o yaml --revision 1200
      """)

  /// What versions are shown as.
  enum Style: String, ExpressibleByArgument, CaseIterable {
    case diff, table, yaml
  }

  @OptionGroup var scope: NamespaceOptions

  @Option(
    name: [.customShort("o"), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "diff, table, or yaml for every version as a whole (default: diff).", valueName: "format"),
    completion: .list(Style.allCases.map(\.rawValue)))
  var output: String?

  @Flag(help: "Show metadata.managedFields too.")
  var showManagedFields = false

  @Argument(help: "A kind and a name.", completion: KubeQuery.kindCompletion)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: ConnectionOptions

  func run() async throws {
    guard let style = Style(rawValue: output ?? "diff") else {
      throw Failure(
        .badFeature, "unsupported output format \"\(output ?? "")\": there are diff, table, yaml")
    }
    try scope.check()
    if scope.allNamespaces {
      throw Failure.badArguments("an object is named in one namespace, not in all")
    }
    let session = try Session(global)
    let catalogue = Catalogue(KeelsonStore(client: session.client))
    let query = try await KubeQuery(words, command: "history", in: catalogue)
    guard query.isOne, let request = query.requests.first, let name = request.names.first else {
      throw Failure.badArguments("kube history command needs the kind and the name of one object")
    }
    let type = request.type
    let key = type.key(namespace: scope.namespace(of: type), name: name)
    var printer = VersionPrinter(
      style: style, type: type, keepsManagedFields: showManagedFields, now: WallClock.seconds)
    let history = ObjectHistory(client: session.client, key: key)
    let compacted = try await history.each { printer.print($0) }
    printer.finish()
    if printer.count == 0 {
      throw Failure(
        .error,
        "\(type.qualifiedName) \"\(name)\" not found"
          + (compacted.map {
            ", and no trace of it after revision \($0), up to which history is compacted"
          }
            ?? ""))
    }
    if let compacted {
      Output.writeError("earlier versions are compacted: history begins at revision \(compacted)\n")
    }
  }
}

/// One version of an object.
struct ObjectVersion {
  /// How it came to be.
  enum Change: String {
    /// It is older than what is left of the history.
    case existing
    case created, modified, deleted
  }

  var change: Change
  var revision: Revision
  /// The number of writes since the object was created; 0 for a deletion.
  var number: Int64
  /// What was stored; empty for a deletion.
  var record: StoredRecord
}

/// Reads the versions of a key: the one at the last compaction, and what a watch from there tells.
struct ObjectHistory {
  let client: StoreClient
  let key: Bytes

  /// Hands the versions out, oldest first, up to the one that is the newest at the beginning.
  /// - Returns: the revision up to which history is compacted; nil if nothing is missing.
  func each(_ body: (ObjectVersion) throws -> Void) async throws -> Revision? {
    let now = try await client.range(RangeRequest(.key(key)))
    let current = now.records.first
    do {
      try await follow(from: Revision(1), to: now.header.revision, current, body)
      return nil
    } catch let error as KeelsonError where error.code == .compacted {
      let compacted = error.compactRevision
      if let base = try await client.get(key, revision: compacted) {
        try body(
          ObjectVersion(
            change: .existing, revision: base.modRevision, number: base.version,
            record: StoredRecord(base)))
        if base.modRevision == current?.modRevision { return base.version > 1 ? compacted : nil }
      }
      try await follow(from: compacted.next, to: now.header.revision, current, body)
      return compacted
    }
  }

  private func follow(
    from revision: Revision, to last: Revision, _ current: KeyValue?,
    _ body: (ObjectVersion) throws -> Void
  ) async throws {
    if revision > last { return }
    var request = WatchRequest(.key(key), startRevision: revision)
    request.announcesCreation = true
    let watch = client.watch(request)
    for try await response in watch {
      // For an object that is gone, only the server can tell that nothing more comes.
      if response.isCreation, current == nil { await watch.requestProgress() }
      if response.isProgress, response.header.revision >= last, current == nil { return }
      for event in response.events {
        let record = event.record
        if record.modRevision > last { return }
        let change: ObjectVersion.Change =
          event.kind == .delete ? .deleted : record.version == 1 ? .created : .modified
        try body(
          ObjectVersion(
            change: change, revision: record.modRevision, number: record.version,
            record: StoredRecord(record)))
        if let current, record.modRevision >= current.modRevision { return }
      }
    }
  }
}

/// Prints versions one after the other.
private struct VersionPrinter {
  let style: KubeHistory.Style
  let type: ResourceType
  let keepsManagedFields: Bool
  let now: Int64
  private(set) var count = 0
  private var before: (text: String, revision: Revision)?
  private var rows: [[String]] = []

  init(style: KubeHistory.Style, type: ResourceType, keepsManagedFields: Bool, now: Int64) {
    self.style = style
    self.type = type
    self.keepsManagedFields = keepsManagedFields
    self.now = now
  }

  mutating func print(_ version: ObjectVersion) {
    count += 1
    let object = version.change == .deleted ? nil : StoredObject(version.record, type: type)
    let time = object?.stored.object?.changeTime(isFirst: version.number == 1)
    var text = ""
    if let object {
      text =
        object.stored.object.map(yaml) ?? "(\(object.stored.name), \(object.byteCount) bytes)\n"
    }
    switch style {
    case .table:
      rows.append([
        version.revision.description, version.number == 0 ? "-" : String(version.number),
        version.change.rawValue, time ?? "<unknown>", String(version.record.value.count),
      ])
    case .yaml:
      Output.write("\(count > 1 ? "---\n" : "")# \(title(version, time))\n\(text)")
    case .diff:
      Output.write("\(count > 1 ? "\n" : "")\(title(version, time))\n")
      if let before, version.change != .deleted {
        let difference = LineDiff.unified(
          before.text, text, oldName: "revision \(before.revision)",
          newName: "revision \(version.revision)")
        Output.write(difference.isEmpty ? "(no difference that is shown)\n" : difference)
      }
    }
    before = version.change == .deleted ? nil : (text, version.revision)
  }

  func finish() {
    guard style == .table, count > 0 else { return }
    var layout = TableText(["REVISION", "VERSION", "CHANGE", "TIME", "BYTES"])
    Output.write(layout.lines(rows, withTitles: true))
  }

  private func title(_ version: ObjectVersion, _ time: String?) -> String {
    "revision \(version.revision) \(version.change.rawValue)"
      + (version.number > 0 ? ", version \(version.number)" : "")
      + (time.map { ", \(TerminalText.printable($0))" } ?? "")
  }

  /// The object without its revision, which always changes.
  private func yaml(_ value: Value) -> String {
    var value = keepsManagedFields ? value : value.withoutManagedFields
    if case .object(var object) = value, case .object(var metadata)? = object["metadata"] {
      metadata["resourceVersion"] = nil
      object["metadata"] = .object(metadata)
      value = .object(object)
    }
    return value.yaml
  }
}
