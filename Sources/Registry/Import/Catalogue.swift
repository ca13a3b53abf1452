public import Primitives

/// Reads objects out of a store, by kind.
public struct Catalogue<Store: ObjectStore>: Sendable {
  private let store: Store

  /// Records that are read at once.
  public static var pageRecords: Int { 500 }

  /// Reads this store.
  public init(_ store: Store) { self.store = store }

  /// The kinds of Kubernetes, and those that definitions in the store add.
  public func table() async throws(StoreFailure) -> ResourceTable {
    var table = ResourceTable.kubernetes
    for definition in try await definitions() { table.define(definition) }
    return table
  }

  /// All CustomResourceDefinitions that can be read.
  func definitions() async throws(StoreFailure) -> [Value] {
    guard let type = ResourceTable.kubernetes.type(named: "customresourcedefinitions") else {
      fatalError("the table has no CustomResourceDefinition")
    }
    return try await list(type).compactMap(\.stored.object)
  }

  /// One object; nil if there is none.
  public func object(
    _ type: ResourceType, namespace: String?, name: String
  ) async throws(StoreFailure) -> StoredObject? {
    let key = type.key(namespace: namespace, name: name)
    guard let record = try await store.record(key) else { return nil }
    return StoredObject(record, type: type)
  }

  /// All objects of a kind, or those in one namespace, as they are at one revision, in the order of their keys.
  public func list(
    _ type: ResourceType, namespace: String? = nil
  ) async throws(StoreFailure) -> [StoredObject] {
    let prefix = type.prefix(namespace: namespace)
    var objects: [StoredObject] = []
    var key = prefix
    var revision = Revision.zero
    while true {
      let page = try await store.records(
        prefix: prefix, from: key, limit: Self.pageRecords, revision: revision)
      objects += page.records.compactMap { StoredObject($0, type: type) }
      guard page.hasMore, let last = page.records.last else { return objects }
      key = last.key + [0]
      revision = page.revision
    }
  }
}

/// An object in the store, whether it can be read or not.
public struct StoredObject: Sendable {
  /// What it is.
  public var type: ResourceType
  /// Where it lies; nil for kinds of the cluster.
  public var namespace: String?
  /// What it is called.
  public var name: String
  /// What lies there.
  public var stored: StoredValue
  /// The key.
  public var key: Bytes

  /// Nil if the key is not one of an object of this type. The revision becomes the object's `resourceVersion`.
  init?(_ record: StoredRecord, type: ResourceType) {
    guard let identity = type.identity(ofKey: record.key) else { return nil }
    self.type = type
    namespace = identity.namespace
    name = identity.name
    key = record.key
    stored = StoredValue(record.value)
    if let value = stored.object, case .object(var object) = StorageVersion.served(value) {
      var metadata = object["metadata"]?.object ?? Value.Object()
      metadata["resourceVersion"] = .string(String(record.modRevision.rawValue))
      object["metadata"] = .object(metadata)
      stored = stored.replacing(.object(object))
    }
  }

  /// How messages call it: `deployment.apps/web`.
  public var title: String { type.title(of: name) }
}
