internal import Primitives

/// Deletes objects that were applied before and that the files do not hold any more.
struct ObjectPruning<Store: ObjectStore> {
  var store: Store
  /// Only objects with these labels.
  var selector: LabelSelector
  /// What the files hold.
  var applied: AppliedSet
  /// Only tells what would happen.
  var isDryRun: Bool
  /// Seconds since 1970.
  var now: @Sendable () -> Int64

  private static var pageRecords: Int { 500 }

  /// Deletes objects of one kind: in the namespaces that the files name, or in the cluster.
  /// - Returns: what was deleted, and what could not be.
  func prune(
    _ type: ResourceType
  ) async throws(StoreFailure) -> [Result<String, ManifestError>] {
    var outcomes: [Result<String, ManifestError>] = []
    let prefixes =
      type.isNamespaced
      ? applied.namespaces.sorted().map { type.prefix(namespace: $0) } : [type.prefix()]
    for prefix in prefixes {
      var key = prefix
      var revision = Revision.zero
      while true {
        let page = try await store.records(
          prefix: prefix, from: key, limit: Self.pageRecords, revision: revision)
        for record in page.records where !applied.contains(record.key) {
          if let outcome = try await prune(record, type) { outcomes.append(outcome) }
        }
        guard page.hasMore, let last = page.records.last else { break }
        key = last.key + [0]
        revision = page.revision
      }
    }
    return outcomes
  }

  /// Nil if the object is not one to delete.
  private func prune(
    _ record: StoredRecord, _ type: ResourceType
  ) async throws(StoreFailure) -> Result<String, ManifestError>? {
    guard let identity = type.identity(ofKey: record.key),
      let object = StoredValue(record.value).object, LastApplied.isIn(object),
      selector.matches(object), object[path: "metadata", "deletionTimestamp"] == nil
    else { return nil }
    var deletion = ObjectDeletion(in: store, now: now)
    deletion.isDryRun = isDryRun
    let outcome = try await deletion.delete(
      type, namespace: identity.namespace, name: identity.name)
    switch outcome {
    case .absent: return nil
    case .deleted, .held, .stopping, .emptying:
      return .success(type.title(of: identity.name))
    case .refused(let reason):
      return .failure(
        ManifestError(
          file: String(decoding: record.key, as: UTF8.self), position: nil, message: reason))
    }
  }
}
