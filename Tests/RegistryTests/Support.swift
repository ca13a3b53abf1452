import Primitives
import Synchronization

@testable import Registry

/// A seeded source of random numbers (splitmix64), so that a failing run can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// All documents of a text.
func documents(
  _ text: String, limits: DocumentLimits = DocumentLimits()
) throws(SyntaxError) -> [Node] {
  var reader = DocumentReader(Bytes(text.utf8), limits: limits)
  var nodes: [Node] = []
  while let node = try reader.next() { nodes.append(node) }
  return nodes
}

/// The one document of a text, as JSON.
func json(_ text: String) throws -> String {
  let nodes = try documents(text)
  return nodes.map { String(decoding: $0.value.json, as: UTF8.self) }.joined(separator: " ")
}

/// Why a text cannot be read; nil if it can.
func complaint(_ text: String, limits: DocumentLimits = DocumentLimits()) -> String? {
  do {
    _ = try documents(text, limits: limits)
    return nil
  } catch {
    return "\(error.position): \(error.message)"
  }
}

/// Manifests in memory.
struct MemoryFile: ManifestFile {
  var name = "test.yaml"
  var text: String

  init(_ text: String) { self.text = text }

  func open() throws(SourceError) -> any DocumentSource { MemorySource(Bytes(text.utf8)) }
}

/// A store in memory, whose writes tests may disturb.
final class FakeStore: ObjectStore {
  struct State {
    var records: [Bytes: StoredRecord] = [:]
    var revision: Int64 = 1
    var puts = 0
    /// Called in front of each put; may change the store as somebody else would.
    var beforePut: @Sendable (inout State, Bytes) -> Void = { _, _ in }
    var failure: StoreFailure?
    /// Namespaces that there are without anybody having made them.
    var namespaces: Set<String> = ["shop", "data", "n0", "n1", "x", "other"]

    /// Changes an object as somebody else would.
    mutating func change(_ key: Bytes, _ body: (inout Value.Object) -> Void) {
      guard let record = records[key], var object = StoredValue(record.value).object?.object else {
        return
      }
      body(&object)
      set(key, Value.object(object).json)
    }

    mutating func record(_ key: Bytes) -> StoredRecord? {
      if let record = records[key] { return record }
      let name = String(decoding: key, as: UTF8.self).split(separator: "/").map(String.init)
      guard name.count == 3, name[1] == "namespaces", namespaces.contains(name[2]) else {
        return nil
      }
      return StoredRecord(key: key, value: Bytes("{}".utf8), modRevision: Revision(1))
    }

    mutating func set(_ key: Bytes, _ value: Bytes?) {
      revision += 1
      records[key] = value.map {
        StoredRecord(key: key, value: $0, modRevision: Revision(revision))
      }
    }
  }

  let state = Mutex(State())

  func record(_ key: Bytes, revision: Revision) async throws(StoreFailure) -> StoredRecord? {
    let (record, failure) = state.withLock { ($0.record(key), $0.failure) }
    if let failure { throw failure }
    return record
  }

  func records(
    prefix: Bytes, from key: Bytes, limit: Int, revision: Revision
  ) async throws(StoreFailure) -> RecordPage {
    let (all, newest, failure) = state.withLock {
      ($0.records.values, $0.revision, $0.failure)
    }
    if let failure { throw failure }
    let found = all.filter { $0.key.starts(with: prefix) && !isOrdered($0.key, before: key) }
      .sorted { isOrdered($0.key, before: $1.key) }
    // Small pages, so that lists take several.
    let count = min(limit, 2)
    return RecordPage(
      records: Array(found.prefix(count)), hasMore: found.count > count, revision: Revision(newest))
  }

  func put(
    _ key: Bytes, _ value: Bytes, ifChangedAt revision: Revision
  ) async throws(StoreFailure) -> WriteOutcome {
    try write(key, value, ifChangedAt: revision)
  }

  func delete(
    _ key: Bytes, ifChangedAt revision: Revision
  ) async throws(StoreFailure) -> WriteOutcome {
    try write(key, nil, ifChangedAt: revision)
  }

  private func write(
    _ key: Bytes, _ value: Bytes?, ifChangedAt revision: Revision
  ) throws(StoreFailure) -> WriteOutcome {
    let (outcome, failure) = state.withLock { state -> (WriteOutcome, StoreFailure?) in
      state.puts += 1
      let before = state.beforePut
      before(&state, key)
      let current = state.records[key]
      guard (current?.modRevision ?? .zero) == revision else {
        return (.conflict(current), state.failure)
      }
      if state.failure == nil { state.set(key, value) }
      return (.written(Revision(state.revision)), state.failure)
    }
    if let failure { throw failure }
    return outcome
  }

  func text(_ key: String) -> String? {
    state.withLock { $0.records[Bytes(key.utf8)] }
      .map { String(decoding: $0.value, as: UTF8.self) }
  }

  func object(_ key: String) throws -> Value? {
    state.withLock { $0.records[Bytes(key.utf8)] }.flatMap { StoredValue($0.value).object }
  }

  var keys: [String] {
    state.withLock { $0.records.keys.map { String(decoding: $0, as: UTF8.self) } }.sorted()
  }
}

/// Imports texts into a store; returns what was reported and how it ended.
func importing(
  _ texts: String..., into store: FakeStore, now: Int64 = 1_700_000_000,
  options: ManifestImport<FakeStore>.Options = .init()
) async throws -> (lines: [String], summary: String) {
  let numbers = Mutex(SeededGenerator(seed: 7))
  var manifests = ManifestImport(
    into: store, options: options, now: { now },
    random: { numbers.withLock { $0.next() } })
  var lines: [String] = []
  let summary = try await manifests.run(texts.map { MemoryFile($0) }) { event in
    switch event {
    case .imported(let manifest, let action, let difference):
      lines.append("\(manifest.title) \(action.rawValue)")
      if !difference.isEmpty { lines.append(difference) }
    case .failed(let error): lines.append("\(error)")
    case .warned(let warning): lines.append("Warning: \(warning)")
    case .pruned(let title): lines.append("\(title) pruned")
    case .progressed: break
    }
  }
  return (lines, summary.text)
}
