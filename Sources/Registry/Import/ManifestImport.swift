/// A text with manifests that can be read more than once.
public protocol ManifestFile: Sendable {
  /// What messages call it.
  var name: String { get }

  /// Begins to read from the start.
  func open() throws(SourceError) -> any DocumentSource
}

/// Imports files of manifests into a store.
///
/// Files are read twice, a document at a time: first for namespaces and definitions of kinds, then for all others, so
/// that memory does not grow with the files and their order does not matter. Objects with errors are left out, all
/// others are imported; each object is written by one transaction.
public struct ManifestImport<Store: ObjectStore> {
  /// How to import.
  public struct Options: Sendable {
    /// The namespace of objects that name none; those that name another are refused. Nil: `default`.
    public var namespace: String?
    /// Only tells what would happen.
    public var isDryRun = false
    /// The bounds of a document.
    public var limits = DocumentLimits()

    /// Imports into `default`, for real.
    public init() {}
  }

  /// What became of one object.
  public enum Event: Sendable {
    /// It is in the store as the manifest says.
    case imported(Manifest, ImportAction)
    /// It is not, or a file cannot be read.
    case failed(ManifestError)
  }

  /// How many objects came to which end.
  public struct Summary: Hashable, Sendable {
    /// Objects that are new.
    public var created = 0
    /// Objects that changed.
    public var configured = 0
    /// Objects that were as they should be.
    public var unchanged = 0
    /// Objects and files with errors.
    public var failed = 0

    /// All of them.
    public var objects: Int { created + configured + unchanged + failed }

    /// For people: `3 created, 1 configured, 0 unchanged, 0 failed`.
    public var text: String {
      "\(created) created, \(configured) configured, \(unchanged) unchanged, \(failed) failed"
    }
  }

  private let objects: ObjectImport<Store>
  private let catalogue: Catalogue<Store>
  private let options: Options
  private var checker: ManifestChecker
  private var summary = Summary()
  private var hasLoadedDefinitions = false

  /// - Parameter now: seconds since 1970.
  /// - Parameter random: random numbers for unique identifiers.
  public init(
    into store: Store, options: Options = Options(), now: @escaping @Sendable () -> Int64,
    random: @escaping @Sendable () -> UInt64
  ) {
    objects = ObjectImport(
      store: store, fields: ServerFields(now: now, random: random), isDryRun: options.isDryRun)
    catalogue = Catalogue(store)
    self.options = options
    checker = ManifestChecker(
      table: .kubernetes, defaultNamespace: options.namespace ?? "default",
      requiresNamespace: options.namespace != nil)
  }

  private enum Pass {
    case first, second
  }

  /// Imports all files; `report` is called for each object and each error, in the order in which they come.
  /// - Throws: when the store cannot be reached, or refuses everything: there is no point in going on.
  public mutating func run(
    _ files: [any ManifestFile], report: (Event) -> Void
  ) async throws(StoreFailure) -> Summary {
    for file in files { try await read(file, .first, report) }
    for file in files { try await read(file, .second, report) }
    return summary
  }

  private mutating func read(
    _ file: any ManifestFile, _ pass: Pass, _ report: (Event) -> Void
  ) async throws(StoreFailure) {
    func fail(_ error: ManifestError) {
      guard pass == .second else { return }
      summary.failed += 1
      report(.failed(error))
    }
    var reader: DocumentReader
    do throws(SourceError) {
      reader = DocumentReader(try file.open(), limits: options.limits)
    } catch {
      return fail(ManifestError(file: file.name, position: nil, message: error.message))
    }
    while true {
      let document: Node
      do throws(SyntaxError) {
        guard let next = try reader.next() else { return }
        document = next
      } catch {
        return fail(
          ManifestError(file: file.name, position: error.position, message: error.message))
      }
      for outcome in try await outcomes(of: document, in: file, pass) {
        switch outcome {
        case .manifest(let manifest):
          if manifest.comesFirst == (pass == .first) { try await apply(manifest, report) }
        case .errors(let errors):
          guard pass == .second else { break }
          summary.failed += 1
          for error in errors { report(.failed(error)) }
        case .unknown(_, let error): fail(error)
        }
      }
    }
  }

  /// Checks a document; if it has kinds that are not known, definitions from the store are looked at once.
  private mutating func outcomes(
    of document: Node, in file: any ManifestFile, _ pass: Pass
  ) async throws(StoreFailure) -> [ManifestChecker.Outcome] {
    let outcomes = checker.check(document, file: file.name)
    guard pass == .second, !hasLoadedDefinitions,
      outcomes.contains(where: { if case .unknown = $0 { true } else { false } })
    else { return outcomes }
    hasLoadedDefinitions = true
    for definition in try await catalogue.definitions() { checker.table.define(definition) }
    return checker.check(document, file: file.name)
  }

  private mutating func apply(
    _ manifest: Manifest, _ report: (Event) -> Void
  ) async throws(StoreFailure) {
    if manifest.definesType { checker.table.define(manifest.object) }
    do throws(ImportFailure) {
      let action = try await objects.apply(manifest)
      switch action {
      case .created: summary.created += 1
      case .configured: summary.configured += 1
      case .unchanged: summary.unchanged += 1
      }
      report(.imported(manifest, action))
    } catch {
      switch error {
      case .store(let failure): throw failure
      case .object(let message):
        summary.failed += 1
        report(
          .failed(
            ManifestError(
              file: manifest.file, position: manifest.position,
              message: "\(manifest.title): \(message)")))
      }
    }
  }
}
