internal import Primitives

/// What became of a deletion.
public enum DeletionOutcome: Hashable, Sendable {
  /// The object is gone.
  case deleted
  /// There is no such object.
  case absent
  /// It stays, marked as to be deleted, until controllers have removed these finalizers.
  case held(finalizers: [String])
  /// It stays, marked as to be deleted, until the node that it runs on has stopped it.
  case stopping(node: String, graceSeconds: Int64)
  /// A namespace stays, marked as to be deleted, until the namespace controller has removed what is in it.
  case emptying(finalizers: [String])
  /// It was not touched, for this reason.
  case refused(String)
}

/// Deletes objects as an API server does, by the transaction that kube-apiserver deletes them with.
///
/// What an API server leaves to others is left to them: finalizers are removed by their controllers, running pods
/// are stopped by the kubelet, what is in a namespace or belongs to a deleted owner is removed by controllers.
public struct ObjectDeletion<Store: ObjectStore>: Sendable {
  private let store: Store
  private let now: @Sendable () -> Int64
  /// Only tells what would happen.
  public var isDryRun = false
  /// Removes running pods and objects that cannot be read at once; finalizers hold an object nevertheless.
  public var isForced = false

  /// How often an object is tried again that somebody else changes at the same time.
  private static var attemptsMax: Int { 8 }

  /// - Parameter now: seconds since 1970.
  public init(in store: Store, now: @escaping @Sendable () -> Int64) {
    self.store = store
    self.now = now
  }

  /// Deletes one object, or marks it as to be deleted, in one transaction.
  public func delete(
    _ type: ResourceType, namespace: String?, name: String
  ) async throws(StoreFailure) -> DeletionOutcome {
    let key = type.key(namespace: namespace, name: name)
    var current = try await store.record(key)
    for _ in 0..<Self.attemptsMax {
      guard let record = current, let object = StoredObject(record, type: type) else {
        return .absent
      }
      let (outcome, replacement) = plan(object)
      if case .refused = outcome { return outcome }
      if isDryRun { return outcome }
      let written: WriteOutcome
      switch (outcome, replacement) {
      case (.deleted, _): written = try await store.delete(key, ifChangedAt: record.modRevision)
      case (_, let replacement?):
        guard let value = Self.encoded(replacement, as: object) else {
          return .refused("it has fields that are not known, which marking it would lose")
        }
        written = try await store.put(key, value, ifChangedAt: record.modRevision)
      case (_, nil): return outcome
      }
      switch written {
      case .written: return outcome
      case .conflict(let changed): current = changed
      }
    }
    return .refused("others changed it \(Self.attemptsMax) times meanwhile; try again")
  }

  /// A value in the form that an object lies in; nil if the form has no place for all of it.
  private static func encoded(_ value: Value, as object: StoredObject) -> Bytes? {
    guard case .protobuf(let old) = object.stored else { return value.json }
    guard old.issues.isEmpty,
      let encoded = try? ObjectCodec.encodeForStorage(value, object.type), encoded.issues.isEmpty
    else { return nil }
    return encoded.bytes
  }

  /// What is to happen, and what is to be written if the object stays; nil if it is marked already.
  private func plan(_ object: StoredObject) -> (DeletionOutcome, replacement: Value?) {
    guard let value = object.stored.object else {
      if isForced { return (.deleted, nil) }
      return (
        .refused(
          "the store holds it as \(object.stored.name), so that its finalizers cannot be seen; delete it "
            + "with --force, or through the API server"), nil
      )
    }
    let isCore = object.type.group.isEmpty
    if isCore, object.type.kind == "Namespace" { return planNamespace(object, value) }
    let finalizers = value.list("metadata", "finalizers").compactMap(\.text)
    let grace = isCore && object.type.kind == "Pod" ? graceSeconds(ofPod: value) : 0
    if finalizers.isEmpty, grace == 0 { return (.deleted, nil) }
    let outcome: DeletionOutcome =
      grace > 0
      ? .stopping(node: value.text("spec", "nodeName"), graceSeconds: grace)
      : .held(finalizers: finalizers)
    return (outcome, marked(value, graceSeconds: grace))
  }

  private func planNamespace(
    _ object: StoredObject, _ value: Value
  ) -> (DeletionOutcome, replacement: Value?) {
    if ["default", "kube-system", "kube-public"].contains(object.name) {
      return (.refused("this namespace may not be deleted"), nil)
    }
    let finalizers =
      value.list("spec", "finalizers").compactMap(\.text)
      + value.list("metadata", "finalizers").compactMap(\.text)
    if finalizers.isEmpty { return (.deleted, nil) }
    guard var marked = marked(value, graceSeconds: nil)?.object else {
      return (.emptying(finalizers: finalizers), nil)
    }
    var status = marked["status"]?.object ?? Value.Object()
    status["phase"] = "Terminating"
    marked["status"] = .object(status)
    return (.emptying(finalizers: finalizers), .object(marked))
  }

  /// How long the node has to stop a pod; 0 for pods that run nowhere, or no more.
  private func graceSeconds(ofPod pod: Value) -> Int64 {
    guard !isForced, !pod.text("spec", "nodeName").isEmpty,
      !["Succeeded", "Failed"].contains(pod.text("status", "phase"))
    else { return 0 }
    return max(0, pod.number("spec", "terminationGracePeriodSeconds", or: 30))
  }

  /// The object as to be deleted; nil if it is so already.
  private func marked(_ value: Value, graceSeconds: Int64?) -> Value? {
    guard !Cells.isDeleted(value), case .object(var object) = value,
      case .object(var metadata)? = object["metadata"]
    else { return nil }
    metadata["deletionTimestamp"] = .string(Timestamp.text(now() + (graceSeconds ?? 0)))
    metadata["deletionGracePeriodSeconds"] = graceSeconds.map(Value.integer)
    if let generation = metadata["generation"]?.wholeNumber {
      metadata["generation"] = .integer(generation &+ 1)
    }
    // It is the store's to say, not the object's.
    metadata["resourceVersion"] = nil
    object["metadata"] = .object(metadata)
    return .object(object)
  }
}
