internal import Primitives

/// A text with manifests that can be read more than once.
public protocol ManifestFile: Sendable {
  /// What messages call it.
  var name: String { get }

  /// How long it is, as far as that is known.
  var byteCount: Int? { get }

  /// Begins to read from the start.
  func open() throws(SourceError) -> any DocumentSource
}

extension ManifestFile {
  public var byteCount: Int? { nil }
}

/// Imports files of manifests into a store.
///
/// Files are read twice, a document at a time: first for namespaces and definitions of kinds, then for all others, so
/// that memory does not grow with the files and their order does not matter. Objects with errors are left out, all
/// others are imported, several at a time; each object is written by one transaction, so that an import that is broken
/// off and run again ends in the same state.
public struct ManifestImport<Store: ObjectStore> {
  /// How to import.
  public struct Options: Sendable {
    /// The namespace of objects that name none; those that name another are refused. Nil: `default`.
    public var namespace: String?
    /// Only tells what would happen.
    public var isDryRun = false
    /// Whether events carry what changes in each object.
    public var showsDifferences = false
    /// How severe the checks are.
    public var validation = ValidationMode.strict
    /// Objects that are written at a time.
    public var concurrency = 16
    /// Which objects that were applied before are deleted if the files do not hold them. Nil: none.
    public var prune: LabelSelector?
    /// The bounds of a document.
    public var limits = DocumentLimits()

    /// Imports into `default`, for real.
    public init() {}
  }

  /// What became of one object.
  public enum Event: Sendable {
    /// It is in the store as the manifest says; `difference` is what that changed, if it was asked for.
    case imported(Manifest, ImportAction, difference: String)
    /// It is not, or a file cannot be read.
    case failed(ManifestError)
    /// Something about it was tolerated.
    case warned(ManifestError)
    /// It was deleted, as the files do not hold it any more.
    case pruned(String)
    /// How many bytes have been read, both times together.
    case progressed(bytes: Int)
  }

  /// How many objects came to which end.
  public struct Summary: Hashable, Sendable {
    /// Objects that are new.
    public var created = 0
    /// Objects that changed.
    public var configured = 0
    /// Objects that were as they should be.
    public var unchanged = 0
    /// Objects that were deleted; nil if none were to be.
    public var pruned: Int?
    /// Objects and files with errors.
    public var failed = 0

    /// All of them.
    public var objects: Int { created + configured + unchanged + failed + (pruned ?? 0) }

    /// For people: `3 created, 1 configured, 0 unchanged, 0 failed`.
    public var text: String {
      "\(created) created, \(configured) configured, \(unchanged) unchanged, "
        + (pruned.map { "\($0) pruned, " } ?? "") + "\(failed) failed"
    }
  }

  private let store: Store
  private let objects: ObjectImport<Store>
  private let catalogue: Catalogue<Store>
  private let options: Options
  private var checker: ManifestChecker
  private var namespaces: KnownNamespaces<Store>
  private var applied: AppliedSet?
  private var summary = Summary()
  private var hasLoadedDefinitions = false
  private var bytesDone = 0
  private var failure: StoreFailure?

  /// - Parameter now: seconds since 1970.
  /// - Parameter random: random numbers for unique identifiers.
  public init(
    into store: Store, options: Options = Options(), now: @escaping @Sendable () -> Int64,
    random: @escaping @Sendable () -> UInt64
  ) {
    self.store = store
    objects = ObjectImport(
      store: store, fields: ServerFields(now: now, random: random), isDryRun: options.isDryRun,
      keepsObjects: options.showsDifferences)
    catalogue = Catalogue(store)
    self.options = options
    checker = ManifestChecker(
      table: .kubernetes, defaultNamespace: options.namespace ?? "default",
      requiresNamespace: options.namespace != nil, mode: options.validation)
    namespaces = KnownNamespaces(store)
    if options.prune != nil { applied = AppliedSet() }
  }

  private enum Pass {
    case first, second
  }

  /// Words one of which every document has that the first pass is for.
  private static var firstWords: [StaticString] { ["Namespace", "CustomResourceDefinition"] }

  /// Imports all files; `report` is called for each object and each error, in the order in which they come.
  /// - Throws: when the store cannot be reached, or refuses everything: there is no point in going on.
  public mutating func run(
    _ files: [any ManifestFile], report: (Event) -> Void
  ) async throws(StoreFailure) -> Summary {
    for pass in [Pass.first, .second] {
      // What comes first is written one after the other: later kinds depend on it.
      let concurrency = pass == .first ? 1 : options.concurrency
      var queue = ImportQueue(objects, concurrency: concurrency)
      await withTaskGroup(of: ImportQueue<Store>.Finished.self) { group in
        for file in files where failure == nil {
          await read(file, pass, &queue, &group, report)
        }
        while failure == nil, !queue.isEmpty { await advance(&queue, &group, report) }
        group.cancelAll()
      }
      if let failure { throw failure }
    }
    if let selector = options.prune {
      summary.pruned = 0
      // What could not be read may hold objects that would be missed.
      if summary.failed == 0 { try await prune(selector, report) }
    }
    return summary
  }

  private mutating func read(
    _ file: any ManifestFile, _ pass: Pass, _ queue: inout ImportQueue<Store>,
    _ group: inout TaskGroup<ImportQueue<Store>.Finished>, _ report: (Event) -> Void
  ) async {
    func fail(_ position: Position?, _ message: String) {
      guard pass == .second else { return }
      queue.add([ManifestError(file: file.name, position: position, message: message)])
    }
    var reader: DocumentReader
    do throws(SourceError) {
      reader = DocumentReader(
        try file.open(), limits: options.limits, takesListsApart: true,
        mentioning: pass == .first ? Self.firstWords : [])
    } catch {
      return fail(nil, error.message)
    }
    let before = bytesDone
    while failure == nil {
      do throws(SyntaxError) {
        guard let part = try reader.nextPart() else { break }
        do throws(StoreFailure) {
          for outcome in try await outcomes(of: part, in: file, pass) {
            await take(outcome, pass, &queue, &group, report)
          }
        } catch {
          failure = error
        }
      } catch {
        fail(error.position, error.message)
      }
      settleNext(&queue, report)
      if bytesDone / 65_536 != (before + reader.bytesDone) / 65_536 {
        report(.progressed(bytes: before + reader.bytesDone))
      }
      bytesDone = before + reader.bytesDone
    }
  }

  /// Checks a document; if it has kinds that are not known, definitions from the store are looked at once.
  private mutating func outcomes(
    of part: DocumentPart, in file: any ManifestFile, _ pass: Pass
  ) async throws(StoreFailure) -> [ManifestChecker.Outcome] {
    let outcomes = checker.check(part, file: file.name)
    guard pass == .second, !hasLoadedDefinitions,
      outcomes.contains(where: { if case .unknown = $0 { true } else { false } })
    else { return outcomes }
    hasLoadedDefinitions = true
    for definition in try await catalogue.definitions() { checker.define(definition) }
    return checker.check(part, file: file.name)
  }

  private mutating func take(
    _ outcome: ManifestChecker.Outcome, _ pass: Pass, _ queue: inout ImportQueue<Store>,
    _ group: inout TaskGroup<ImportQueue<Store>.Finished>, _ report: (Event) -> Void
  ) async {
    switch outcome {
    case .manifest(let manifest, let warnings):
      guard manifest.comesFirst == (pass == .first) else { return }
      queue.add(warnings: warnings)
      while failure == nil, queue.mustWait(manifest) { await advance(&queue, &group, report) }
      if failure != nil { return }
      do throws(StoreFailure) {
        if let complaint = try await namespaces.complaint(manifest) {
          return queue.add([complaint])
        }
      } catch {
        failure = error
        return
      }
      applied?.insert(manifest)
      queue.start(manifest, in: &group)
      // Later documents may be of the kind, or in the namespace, that this one makes.
      if pass == .first {
        while failure == nil, !queue.isEmpty { await advance(&queue, &group, report) }
      }
    case .errors(let errors):
      if pass == .second { queue.add(errors) }
    case .unknown(_, let error):
      if pass == .second { queue.add([error]) }
    }
  }

  /// Waits until an object is written, and reports what is next in order.
  private mutating func advance(
    _ queue: inout ImportQueue<Store>, _ group: inout TaskGroup<ImportQueue<Store>.Finished>,
    _ report: (Event) -> Void
  ) async {
    if let finished = await group.next() { queue.finish(finished) }
    settleNext(&queue, report)
  }

  private mutating func settleNext(_ queue: inout ImportQueue<Store>, _ report: (Event) -> Void) {
    while let slot = queue.takeNext() {
      switch slot {
      case .done(let manifest, let outcome): settle(manifest, outcome, report)
      case .warned(let warnings): for warning in warnings { report(.warned(warning)) }
      case .refused(let errors):
        summary.failed += 1
        for error in errors { report(.failed(error)) }
      }
    }
  }

  private mutating func settle(
    _ manifest: Manifest, _ outcome: ImportQueue<Store>.Outcome, _ report: (Event) -> Void
  ) {
    switch outcome {
    case .success(let result):
      if manifest.definesType { checker.define(manifest.object) }
      if manifest.isNamespace { namespaces.insert(manifest.name) }
      switch result.action {
      case .created: summary.created += 1
      case .configured: summary.configured += 1
      case .unchanged: summary.unchanged += 1
      }
      if !result.isTracked {
        report(.warned(Self.untracked(manifest)))
      }
      report(
        .imported(
          manifest, result.action,
          difference: options.showsDifferences ? ObjectDifference.text(manifest, result) : ""))
    case .failure(.store(let error)): if failure == nil { failure = error }
    case .failure(.object(let message)):
      summary.failed += 1
      report(
        .failed(
          ManifestError(
            file: manifest.file, position: manifest.position,
            message: "\(manifest.title): \(message)")))
    }
  }

  private static func untracked(_ manifest: Manifest) -> ManifestError {
    ManifestError(
      file: manifest.file, position: manifest.position,
      message: "\(manifest.title): it is too long to be kept in an annotation as well; what the "
        + "manifest gives up later will stay, and pruning spares it")
  }

  private mutating func prune(
    _ selector: LabelSelector, _ report: (Event) -> Void
  ) async throws(StoreFailure) {
    guard let applied else { return }
    let pruning = ObjectPruning(
      store: store, selector: selector, applied: applied, isDryRun: options.isDryRun,
      now: objects.fields.now)
    var table = checker.table
    if !hasLoadedDefinitions {
      for definition in try await catalogue.definitions() { table.define(definition) }
    }
    for type in table.types.reversed() {
      for outcome in try await pruning.prune(type) {
        switch outcome {
        case .success(let title):
          summary.pruned = (summary.pruned ?? 0) + 1
          report(.pruned(title))
        case .failure(let error):
          summary.failed += 1
          report(.failed(error))
        }
      }
    }
  }
}
