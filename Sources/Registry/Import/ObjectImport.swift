internal import Primitives

/// What an import did to an object.
public enum ImportAction: String, Hashable, Sendable {
  /// There was none.
  case created
  /// It is different now.
  case configured
  /// It was so already; nothing was written.
  case unchanged
}

/// Why an object was not written.
enum ImportFailure: Error {
  /// It concerns this object.
  case object(String)
  /// It concerns every object.
  case store(StoreFailure)
}

/// What became of an object that was applied.
struct ImportResult: Sendable {
  var action: ImportAction
  /// Whether the object carries what was applied, so that what a manifest gives up later goes away.
  var isTracked = true
  /// What was there, if it was asked for and there was something.
  var before: Value?
  /// What is there now, if it was asked for.
  var after: Value?
}

/// Writes checked objects to a store, by the transactions that kube-apiserver writes them with.
struct ObjectImport<Store: ObjectStore>: Sendable {
  var store: Store
  var fields: ServerFields
  /// Only tells what would happen.
  var isDryRun = false
  /// Whether the object before and after is wanted.
  var keepsObjects = false

  /// How often an object is tried again that somebody else changes at the same time.
  static var attemptsMax: Int { 8 }

  /// Creates or changes one object in one transaction; another that comes between is found by the key's revision.
  func apply(_ manifest: Manifest) async throws(ImportFailure) -> ImportResult {
    let key = manifest.type.key(namespace: manifest.namespace, name: manifest.name)
    var current: StoredRecord?
    if isDryRun {
      current = try await reaching { () async throws(StoreFailure) in try await store.record(key) }
    }
    for _ in 0..<Self.attemptsMax {
      let before = try current.map { record throws(ImportFailure) in try readable(record) }
      let after =
        try before.map { before throws(ImportFailure) in
          try changed(before, by: manifest)
        } ?? fields.created(manifest)
      var result = ImportResult(
        action: before == nil ? .created : .configured, isTracked: LastApplied.isIn(after),
        before: keepsObjects ? before : nil,
        after: keepsObjects ? after : nil)
      let value = try stored(after, manifest)
      if let before, value == current?.value || after.json == before.json {
        result.action = .unchanged
      }
      if result.action == .unchanged || isDryRun { return result }
      let revision = current?.modRevision ?? .zero
      let outcome = try await reaching { () async throws(StoreFailure) in
        try await store.put(key, value, ifChangedAt: revision)
      }
      switch outcome {
      case .written: return result
      case .conflict(let record): current = record
      }
    }
    throw .object("others changed it \(Self.attemptsMax) times meanwhile; try again")
  }

  /// What becomes of an existing object.
  private func changed(
    _ before: Value, by manifest: Manifest
  ) throws(ImportFailure) -> Value {
    let version = before["apiVersion"]?.text ?? ""
    guard let after = fields.replaced(before, by: manifest) else {
      throw .object(
        "the store holds it as \(version); write the manifest in that version to change it")
    }
    if let violation = Immutability.violation(manifest.type, from: before, to: after) {
      throw .object(violation)
    }
    return after
  }

  /// An object in the form in which kube-apiserver stores it: built-in kinds in protobuf, others in JSON.
  private func stored(_ object: Value, _ manifest: Manifest) throws(ImportFailure) -> Bytes {
    do throws(CodecError) {
      let encoded = try ObjectCodec.encodeForStorage(object, manifest.type)
      if let issue = encoded.issues.first { throw CodecError("\(issue)") }
      return encoded.bytes
    } catch {
      throw .object("it cannot be stored: \(error)")
    }
  }

  /// The object in a record.
  private func readable(_ record: StoredRecord) throws(ImportFailure) -> Value {
    let stored = StoredValue(record.value)
    let key = String(decoding: record.key, as: UTF8.self)
    if let issue = stored.issues.first {
      throw .object(
        "what the store holds under \(key) has parts that are not known here (\(issue)), which would "
          + "be lost; it is not overwritten")
    }
    if let value = stored.object { return StorageVersion.served(value) }
    switch stored {
    case .unknown:
      throw .object(
        "the store holds something under \(key) that is no object; it is not overwritten")
    default:
      throw .object(
        "the store holds it as \(stored.name) under \(key), which is not overwritten: change it "
          + "through the API server that wrote it")
    }
  }

  private func reaching<Result>(
    _ body: () async throws(StoreFailure) -> Result
  ) async throws(ImportFailure) -> Result {
    do throws(StoreFailure) {
      return try await body()
    } catch {
      throw error.isFinal ? .store(error) : .object(error.message)
    }
  }
}
