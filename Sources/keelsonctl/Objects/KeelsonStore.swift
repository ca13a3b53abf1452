internal import KeelsonClient
internal import Primitives
internal import Registry

/// The store behind a client, as the registry sees it.
struct KeelsonStore: ObjectStore {
  let client: StoreClient

  func record(_ key: Bytes, revision: Revision) async throws(StoreFailure) -> StoredRecord? {
    do throws(KeelsonError) {
      return try await client.get(key, revision: revision).map(StoredRecord.init)
    } catch {
      throw StoreFailure(error)
    }
  }

  func records(
    prefix: Bytes, from key: Bytes, limit: Int, revision: Revision
  ) async throws(StoreFailure) -> RecordPage {
    var keys = KeySelection.prefix(prefix)
    keys.key = key
    var request = RangeRequest(keys, revision: revision)
    request.limit = Int64(limit)
    do throws(KeelsonError) {
      let answer = try await client.range(request)
      return RecordPage(
        records: answer.records.map(StoredRecord.init), hasMore: answer.hasMore,
        // Later pages answer with the newest revision, but go on at the one of the first.
        revision: revision == .zero ? answer.header.revision : revision)
    } catch {
      throw StoreFailure(error)
    }
  }

  func put(
    _ key: Bytes, _ value: Bytes, ifChangedAt revision: Revision
  ) async throws(StoreFailure) -> WriteOutcome {
    try await commit(.put(PutRequest(key, value)), on: key, ifChangedAt: revision)
  }

  func delete(
    _ key: Bytes, ifChangedAt revision: Revision
  ) async throws(StoreFailure) -> WriteOutcome {
    try await commit(.delete(DeleteRequest(.key(key))), on: key, ifChangedAt: revision)
  }

  /// The transaction that kube-apiserver writes with.
  private func commit(
    _ operation: KeelsonClient.Operation, on key: Bytes, ifChangedAt revision: Revision
  ) async throws(StoreFailure) -> WriteOutcome {
    let answer: TransactionResponse
    do throws(KeelsonError) {
      answer = try await client.commit(
        Transaction()
          .when(.modified(key, .equal, revision))
          .then(operation)
          .otherwise(.range(RangeRequest(.key(key)))))
    } catch {
      throw StoreFailure(error)
    }
    if answer.succeeded { return .written(answer.header.revision) }
    guard case .range(let found)? = answer.results.first else {
      throw StoreFailure("the server's answer to a transaction lacks a part", isFinal: true)
    }
    return .conflict(found.records.first.map(StoredRecord.init))
  }
}

extension StoredRecord {
  init(_ record: KeyValue) {
    self.init(key: record.key, value: record.value, modRevision: record.modRevision)
  }
}

extension StoreFailure {
  /// A request that the server refuses concerns one object; every other failure would meet the next one too.
  init(_ error: KeelsonError) {
    let isRefusal = [.invalidArgument, .resourceExhausted, .unknown].contains(error.code)
    self.init(error.message, isFinal: !isRefusal)
  }
}
