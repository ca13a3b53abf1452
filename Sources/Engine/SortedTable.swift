internal import Primitives

/// Keys and values in the keys' order, in chunks of bounded length: a value that is cheap to copy, because a
/// copy shares every chunk until one of the two changes it.
///
/// Cost: a search is two binary searches; an insertion moves at most `chunkLength` entries, none when keys
/// arrive in order.
struct SortedTable: Sendable {
  /// A run of entries; never empty inside a table.
  private struct Chunk: Sendable {
    var keys: [Bytes]
    var values: [Bytes]
  }

  private static let chunkLength = 128
  private var chunks: [Chunk] = []

  /// Bytes of keys and values.
  private(set) var byteCount: Int64 = 0

  /// The value of a key, or nil.
  func value(_ key: Bytes) -> Bytes? {
    let (chunk, slot) = position(of: key)
    guard chunk < chunks.count, chunks[chunk].keys[slot] == key else { return nil }
    return chunks[chunk].values[slot]
  }

  /// Lends the entries from `from` up to, and without, `to` (nil: the end), until `body` answers false.
  func visit(from: Bytes, to: Bytes?, _ body: EngineVisitor) {
    var (chunk, slot) = position(of: from)
    while chunk < chunks.count {
      let current = chunks[chunk]
      while slot < current.keys.count {
        if let to, !isOrdered(current.keys[slot], before: to) { return }
        let goesOn = unsafe current.keys[slot].withUnsafeBytes { key in
          unsafe current.values[slot].withUnsafeBytes { unsafe body(key, $0) }
        }
        if !goesOn { return }
        slot += 1
      }
      chunk += 1
      slot = 0
    }
  }

  /// Sets a key.
  mutating func put(_ key: Bytes, _ value: Bytes) {
    let (chunk, slot) = position(of: key)
    if chunk == chunks.count {
      byteCount += Int64(key.count + value.count)
      append(key, value)
      return
    }
    if chunks[chunk].keys[slot] == key {
      byteCount += Int64(value.count - chunks[chunk].values[slot].count)
      chunks[chunk].values[slot] = value
      return
    }
    byteCount += Int64(key.count + value.count)
    chunks[chunk].keys.insert(key, at: slot)
    chunks[chunk].values.insert(value, at: slot)
    if chunks[chunk].keys.count > Self.chunkLength { split(chunk) }
  }

  /// Deletes a key; it need not exist.
  mutating func delete(_ key: Bytes) {
    let (chunk, slot) = position(of: key)
    guard chunk < chunks.count, chunks[chunk].keys[slot] == key else { return }
    byteCount -= Int64(key.count + chunks[chunk].values[slot].count)
    if chunks[chunk].keys.count == 1 {
      chunks.remove(at: chunk)
    } else {
      chunks[chunk].keys.remove(at: slot)
      chunks[chunk].values.remove(at: slot)
    }
  }

  /// Deletes every key from `from` up to, and without, `to`.
  mutating func deleteRange(from: Bytes, to: Bytes) {
    guard isOrdered(from, before: to) else { return }
    let (firstChunk, firstSlot) = position(of: from)
    let (lastChunk, lastSlot) = position(of: to)
    if firstChunk == chunks.count { return }
    if firstChunk == lastChunk {
      remove(firstSlot..<lastSlot, in: firstChunk)
      return
    }
    // From the back, so that the chunks before keep their places.
    if lastChunk < chunks.count { remove(0..<lastSlot, in: lastChunk) }
    for chunk in firstChunk + 1..<max(lastChunk, firstChunk + 1) {
      remove(0..<chunks[chunk].keys.count, in: chunk, keepingEmpty: true)
    }
    chunks.removeSubrange(firstChunk + 1..<max(lastChunk, firstChunk + 1))
    remove(firstSlot..<chunks[firstChunk].keys.count, in: firstChunk)
  }

  /// Where the first key lies that is not before `key`; the chunk is `chunks.count` if there is none.
  private func position(of key: Bytes) -> (chunk: Int, slot: Int) {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      let keys = chunks[middle].keys
      if isOrdered(keys[keys.count - 1], before: key) { low = middle + 1 } else { high = middle }
    }
    if low == chunks.count { return (low, 0) }
    let keys = chunks[low].keys
    var first = 0
    var end = keys.count
    while first < end {
      let middle = (first + end) / 2
      if isOrdered(keys[middle], before: key) { first = middle + 1 } else { end = middle }
    }
    return (low, first)
  }

  private mutating func append(_ key: Bytes, _ value: Bytes) {
    if let last = chunks.indices.last, chunks[last].keys.count < Self.chunkLength {
      chunks[last].keys.append(key)
      chunks[last].values.append(value)
    } else {
      chunks.append(Chunk(keys: [key], values: [value]))
    }
  }

  private mutating func split(_ chunk: Int) {
    let half = chunks[chunk].keys.count / 2
    let tail = Chunk(
      keys: Array(chunks[chunk].keys[half...]), values: Array(chunks[chunk].values[half...]))
    chunks[chunk].keys.removeSubrange(half...)
    chunks[chunk].values.removeSubrange(half...)
    chunks.insert(tail, at: chunk + 1)
  }

  private mutating func remove(_ slots: Range<Int>, in chunk: Int, keepingEmpty: Bool = false) {
    for slot in slots {
      byteCount -= Int64(chunks[chunk].keys[slot].count + chunks[chunk].values[slot].count)
    }
    chunks[chunk].keys.removeSubrange(slots)
    chunks[chunk].values.removeSubrange(slots)
    if chunks[chunk].keys.isEmpty, !keepingEmpty { chunks.remove(at: chunk) }
  }
}
