internal import EtcdProtocol
internal import Primitives
internal import Registry
internal import SnapshotFile
internal import SwiftProtobuf

/// A key and what lies there.
struct StoredPair {
  /// Empty for a value that came alone.
  var key: Bytes
  var value: Bytes

  /// The key as text.
  var name: String { String(decoding: key, as: UTF8.self) }

  /// The key for messages, with `end` behind it; empty if there is none.
  func title(_ end: String) -> String {
    key.isEmpty ? "" : TerminalText.printable(name) + end
  }

  init(key: Bytes, value: Bytes) {
    self.key = key
    self.value = value
  }

  /// A value as programs print it: there may be a line with the key in front, and a line feed behind.
  init(input: Bytes) {
    var value = input[...]
    if value.first == UInt8(ascii: "/"), let end = value.firstIndex(of: 0x0a) {
      value = value[(end + 1)...]
    }
    // A line feed cannot be the last byte of what kube-apiserver writes: it would begin another field.
    if value.last == 0x0a { value = value.dropLast() }
    self.init(key: [], value: Bytes(value))
  }

  /// The records of a store at one revision, in the order of their keys.
  static func find(
    _ key: Bytes, isPrefix: Bool, revision: Revision, in store: KeelsonStore
  ) async throws(Failure) -> [StoredPair] {
    try await reaching { () async throws(StoreFailure) in
      guard isPrefix else {
        let record = try await store.record(key, revision: revision)
        return record.map { [StoredPair(key: $0.key, value: $0.value)] } ?? []
      }
      var pairs: [StoredPair] = []
      var from = key
      var pinned = revision
      while true {
        let page = try await store.records(prefix: key, from: from, limit: 500, revision: pinned)
        pairs += page.records.map { StoredPair(key: $0.key, value: $0.value) }
        guard page.hasMore, let last = page.records.last else { return pairs }
        from = last.key + [0]
        pinned = page.revision
      }
    }
  }

  /// The records of a snapshot file at one revision, in the order of their keys. Memory: what is found.
  static func find(
    _ key: Bytes, isPrefix: Bool, revision: Revision, inSnapshot path: String,
    skipsHashCheck: Bool
  ) throws(Failure) -> [StoredPair] {
    do {
      let reader = try SnapshotReader(
        FileAccess(path: path), integrity: skipsHashCheck ? .skipped : .required)
      if revision != .zero {
        let compacted = try reader.state().compacted
        guard revision >= compacted else {
          throw Failure(
            .error,
            "\(path): revision \(revision.rawValue) is older than what is kept, from "
              + "\(compacted.rawValue) on")
        }
      }
      var newest: [Bytes: Bytes] = [:]
      try reader.forEachRecord { record in
        if revision != .zero, record.revision.main > revision { return false }
        let pair = try Mvccpb_KeyValue(serializedBytes: record.stored)
        let found = Bytes(pair.key)
        guard isPrefix ? found.starts(with: key) : found == key else { return true }
        newest[found] = record.isTombstone ? nil : Bytes(pair.value)
        return true
      }
      return newest.map { StoredPair(key: $0.key, value: $0.value) }
        .sorted { isOrdered($0.key, before: $1.key) }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.error, "\(path): \(error)")
    }
  }
}
