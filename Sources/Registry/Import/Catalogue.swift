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
  /// - Parameter revision: which state to read; zero for the newest.
  public func object(
    _ type: ResourceType, namespace: String?, name: String, revision: Revision = .zero
  ) async throws(StoreFailure) -> StoredObject? {
    let key = type.key(namespace: namespace, name: name)
    guard let record = try await store.record(key, revision: revision) else { return nil }
    return StoredObject(record, type: type)
  }

  /// All objects of a kind, or those in one namespace, as they are at one revision, in the order of their keys.
  public func list(
    _ type: ResourceType, namespace: String? = nil
  ) async throws(StoreFailure) -> [StoredObject] {
    var pages = pages(type, namespace: namespace)
    var objects: [StoredObject] = []
    while let page = try await pages.next() { objects += page }
    return objects
  }

  /// The same, a page at a time.
  /// - Parameter revision: which state to read; zero for the newest.
  public func pages(
    _ type: ResourceType, namespace: String? = nil, revision: Revision = .zero
  ) -> ObjectPages<Store> {
    ObjectPages(store: store, type: type, namespace: namespace, revision: revision)
  }
}

extension Catalogue {
  /// The newest events that are looked at for one object. Beyond: the last by name.
  private static var eventsMax: Int { 1_000 }

  /// The events about an object. Cost: reads all events of its namespace.
  public func events(about object: StoredObject) async throws(StoreFailure) -> [Value] {
    guard let type = ResourceTable.kubernetes.type(named: "events") else {
      fatalError("the table has no Event")
    }
    let identity = object.stored.object?[path: "metadata", "uid"]?.text
    // Events about what lies in no namespace lie in this one.
    var pages = pages(type, namespace: object.namespace ?? "default")
    var events: [Value] = []
    while let page = try await pages.next() {
      events += page.compactMap(\.stored.object).filter { event in
        guard let target = event["involvedObject"] ?? event["regarding"] else { return false }
        let uid = target.text("uid")
        return target.text("kind") == object.type.kind && target.text("name") == object.name
          && (uid.isEmpty || identity == nil || uid == identity
            // What a kubelet tells of its node names it by its name.
            || uid == object.name)
      }
      if events.count > Self.eventsMax { events.removeFirst(events.count - Self.eventsMax) }
    }
    return events
  }
}

/// The objects of a kind, page by page, as they are at one revision, in the order of their keys.
public struct ObjectPages<Store: ObjectStore>: Sendable {
  private let store: Store
  private let type: ResourceType
  private let prefix: Bytes
  /// Where the next page begins; nil at the end.
  private var key: Bytes?
  /// The revision that is read; zero before the first page if none was asked for.
  public private(set) var revision: Revision

  init(store: Store, type: ResourceType, namespace: String?, revision: Revision) {
    self.store = store
    self.type = type
    self.revision = revision
    prefix = type.prefix(namespace: namespace)
    key = prefix
  }

  /// The next objects, perhaps none; nil at the end.
  public mutating func next() async throws(StoreFailure) -> [StoredObject]? {
    guard let key else { return nil }
    let page = try await store.records(
      prefix: prefix, from: key, limit: Catalogue<Store>.pageRecords, revision: revision)
    revision = page.revision
    self.key = page.hasMore ? page.records.last.map { $0.key + [0] } : nil
    return page.records.compactMap { StoredObject($0, type: type) }
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
  /// The bytes of the stored value.
  public var byteCount: Int

  /// Nil if the key is not one of an object of this type. The revision becomes the object's `resourceVersion`.
  public init?(_ record: StoredRecord, type: ResourceType) {
    guard let identity = type.identity(ofKey: record.key) else { return nil }
    self.type = type
    namespace = identity.namespace
    name = identity.name
    key = record.key
    byteCount = record.value.count
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

extension Value {
  /// The object without `metadata.managedFields`, which say more about its writers than about itself.
  public var withoutManagedFields: Value {
    guard case .object(var object) = self, case .object(var metadata)? = object["metadata"],
      metadata["managedFields"] != nil
    else { return self }
    metadata["managedFields"] = nil
    object["metadata"] = .object(metadata)
    return .object(object)
  }
}

extension Value {
  /// When the object was last changed, if it says so: the latest time of its writers, or for its first version the
  /// time of its creation.
  public func changeTime(isFirst: Bool) -> String? {
    if isFirst, let created = self[path: "metadata", "creationTimestamp"]?.text { return created }
    return list("metadata", "managedFields").compactMap { $0["time"]?.text }
      .max { (Timestamp.seconds($0) ?? .min) < (Timestamp.seconds($1) ?? .min) }
  }
}
