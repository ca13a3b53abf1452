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

/// Writes checked objects to a store, by the transactions that kube-apiserver writes them with.
struct ObjectImport<Store: ObjectStore>: Sendable {
  var store: Store
  var fields: ServerFields
  /// Only tells what would happen.
  var isDryRun = false

  /// How often an object is tried again that somebody else changes at the same time.
  static var attemptsMax: Int { 8 }

  /// Creates or replaces one object in one transaction; another that comes between is found by the key's revision.
  func apply(_ manifest: Manifest) async throws(ImportFailure) -> ImportAction {
    let key = manifest.type.key(namespace: manifest.namespace, name: manifest.name)
    var current: StoredRecord?
    if isDryRun {
      current = try await reaching { () async throws(StoreFailure) in try await store.record(key) }
    }
    for _ in 0..<Self.attemptsMax {
      let value: Bytes
      let action: ImportAction
      if let current {
        let existing = try readable(current)
        let replacement = fields.replaced(existing, by: manifest)
        value = replacement.json
        if value == existing.json { return .unchanged }
        action = .configured
      } else {
        value = fields.created(manifest).json
        action = .created
      }
      if isDryRun { return action }
      let revision = current?.modRevision ?? .zero
      let outcome = try await reaching { () async throws(StoreFailure) in
        try await store.put(key, value, ifChangedAt: revision)
      }
      switch outcome {
      case .written: return action
      case .conflict(let record): current = record
      }
    }
    throw .object("others changed it \(Self.attemptsMax) times meanwhile; try again")
  }

  private func readable(_ record: StoredRecord) throws(ImportFailure) -> Value {
    let stored = StoredValue(record.value)
    let key = String(decoding: record.key, as: UTF8.self)
    if let value = stored.object {
      guard let issue = stored.issues.first else { return value }
      throw .object("what the store holds under \(key) would lose a part: \(issue)")
    }
    switch stored {
    case .protobuf, .unreadable, .cbor, .encrypted:
      throw .object(
        "the store holds it as \(stored.name) under \(key), which is not overwritten: change it "
          + "through the API server that wrote it")
    default:
      throw .object(
        "the store holds something under \(key) that is no object; it is not overwritten")
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
