internal import Primitives

/// Which namespaces there are, as far as an import has asked.
struct KnownNamespaces<Store: ObjectStore> {
  private enum Knowledge {
    case exists, isMissing, isTerminating
  }

  private let store: Store
  /// kube-apiserver makes these itself.
  private var known: [String: Knowledge] = [
    "default": .exists, "kube-system": .exists, "kube-public": .exists, "kube-node-lease": .exists,
  ]

  init(_ store: Store) { self.store = store }

  /// Remembers a namespace that was imported.
  mutating func insert(_ name: String) { known[name] = .exists }

  /// Why no object can be made in a manifest's namespace; nil if one can.
  mutating func complaint(_ manifest: Manifest) async throws(StoreFailure) -> ManifestError? {
    guard let name = manifest.namespace else { return nil }
    let knowledge: Knowledge
    if let found = known[name] {
      knowledge = found
    } else {
      knowledge = try await look(for: name)
      known[name] = knowledge
    }
    switch knowledge {
    case .exists: return nil
    case .isMissing:
      return ManifestError(
        file: manifest.file, position: manifest.namespacePosition,
        message: "\(manifest.title): there is no namespace \"\(name)\"")
    case .isTerminating:
      return ManifestError(
        file: manifest.file, position: manifest.namespacePosition,
        message: "\(manifest.title): the namespace \"\(name)\" is being deleted")
    }
  }

  private func look(for name: String) async throws(StoreFailure) -> Knowledge {
    let key = Bytes("\(ResourceType.root)namespaces/\(name)".utf8)
    guard let record = try await store.record(key) else { return .isMissing }
    let object = StoredValue(record.value).object
    return object?[path: "metadata", "deletionTimestamp"] == nil ? .exists : .isTerminating
  }
}

/// Which objects an import has had, in 16 bytes each: to know what a pruning must spare.
struct AppliedSet: Sendable {
  private struct Digest: Hashable {
    var high: Int
    var low: Int
  }

  private var digests: Set<Digest> = []
  /// The namespaces that objects are in.
  private(set) var namespaces: Set<String> = []

  /// Two hashes of one key under seeds of this process: nobody can make keys that collide.
  private static func digest(_ key: Bytes) -> Digest {
    var first = Hasher()
    first.combine(0)
    first.combine(key)
    var second = Hasher()
    second.combine(1)
    second.combine(key)
    return Digest(high: first.finalize(), low: second.finalize())
  }

  mutating func insert(_ manifest: Manifest) {
    digests.insert(
      Self.digest(manifest.type.key(namespace: manifest.namespace, name: manifest.name)))
    if let namespace = manifest.namespace { namespaces.insert(namespace) }
  }

  func contains(_ key: Bytes) -> Bool { digests.contains(Self.digest(key)) }
}
