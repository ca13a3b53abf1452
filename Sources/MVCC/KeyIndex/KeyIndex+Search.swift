import Primitives

extension KeyIndex.Node {
  /// Eight bytes of `key` behind its first `prefix` as a number; zeros stand for what is missing, so a
  /// smaller head means a smaller key, and equal heads mean nothing.
  @inline(__always)
  static func head(of key: UnsafeRawBufferPointer, behind prefix: Int) -> UInt64 {
    if key.count >= prefix + 8 {
      return unsafe UInt64(bigEndian: key.loadUnaligned(fromByteOffset: prefix, as: UInt64.self))
    }
    var head: UInt64 = 0
    var shift: UInt64 = 56
    var position = prefix
    while position < key.count {
      unsafe head |= UInt64(key[position]) << shift
      shift &-= 8
      position += 1
    }
    return head
  }

  /// A byte that depends on all of `key`.
  static func tag(of key: UnsafeRawBufferPointer) -> UInt8 {
    var hash = UInt64(key.count)
    var position = 0
    while position < key.count {
      unsafe hash = (hash ^ head(of: key, behind: position)) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 32
      position += 8
    }
    return UInt8(truncatingIfNeeded: hash >> 24)
  }

  /// How many bytes two keys share at their beginning.
  static func shared(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let most = min(left.count, right.count)
    var position = 0
    while position + 8 <= most {
      let leftWord = unsafe left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      let rightWord = unsafe right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      if leftWord != rightWord {
        return position + (leftWord ^ rightWord).littleEndian.trailingZeroBitCount / 8
      }
      position += 8
    }
    while position < most, unsafe left[position] == right[position] { position += 1 }
    return position
  }

  /// The first of the slots in `range` whose head in a column is not below `head`, or the range's end;
  /// without a branch that could be mispredicted.
  @inline(__always)
  private func lowerBound(_ head: UInt64, in column: Int, _ range: Range<Int>) -> Int {
    let heads = unsafe self.heads(column)
    var first = range.lowerBound
    var left = range.upperBound &- first
    while left > 1 {
      let half = left / 2
      first &+= unsafe heads[first &+ half &- 1] < head ? half : 0
      left &-= half
    }
    if left == 1, unsafe heads[first] < head { first &+= 1 }
    return first
  }

  /// The first slot of a leaf whose key is not before `key`, or the number of keys; and whether it holds `key`
  /// itself.
  @inline(__always)
  func search(_ key: UnsafeRawBufferPointer) -> (slot: Int, found: Bool) {
    unsafe search(key, columns: 1)
  }

  @inline(__always)
  private func search(_ key: UnsafeRawBufferPointer, columns: Int) -> (slot: Int, found: Bool) {
    let prefix = self.prefix
    if checksPrefix, prefix > 0 {
      let order = unsafe compare(
        UnsafeRawBufferPointer(rebasing: key.prefix(prefix)),
        UnsafeRawBufferPointer(rebasing: self.key(at: 0).prefix(prefix)))
      if order != 0 { return (order < 0 ? 0 : count, false) }
    }
    var slot = 0
    var end = count
    for column in 0..<columns {
      let head = unsafe KeyIndex.Node.head(of: key, behind: prefix + 8 * column)
      slot = lowerBound(head, in: column, slot..<end)
      guard slot < end, unsafe heads(column)[slot] == head else { return (slot, false) }
      if slot + 1 < end, unsafe heads(column)[slot + 1] == head {
        end = head == .max ? end : lowerBound(head + 1, in: column, slot + 1..<end)
      } else {
        end = slot + 1
      }
    }
    if columns == 1, end - slot > 1, let slot = unsafe tagged(key, in: slot..<end) {
      return (slot, true)
    }
    while slot < end {
      let middle = (slot + end) / 2
      let order = unsafe compareTied(self.key(at: middle), key, behindHeads: prefix + 8 * columns)
      if order == 0 { return (middle, true) }
      if order < 0 { slot = middle + 1 } else { end = middle }
    }
    return (slot, false)
  }

  /// The slot of a leaf that holds `key`, among slots whose heads tie, or nil if none does.
  private func tagged(_ key: UnsafeRawBufferPointer, in range: Range<Int>) -> Int? {
    let tag = unsafe KeyIndex.Node.tag(of: key)
    for slot in range where unsafe tags[slot] == tag {
      if unsafe compare(self.key(at: slot), key) == 0 { return slot }
    }
    return nil
  }

  /// Compares two keys that share the prefix and whose heads are equal by what is behind the heads; where one
  /// ends before, it begins the other, and the shorter comes first.
  @inline(__always)
  private func compareTied(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, behindHeads: Int
  ) -> Int {
    let start = min(behindHeads, left.count, right.count)
    return unsafe compare(
      UnsafeRawBufferPointer(rebasing: left[start...]),
      UnsafeRawBufferPointer(rebasing: right[start...]))
  }

  /// The child of an inner node below which `key` has its place.
  @inline(__always)
  func child(for key: UnsafeRawBufferPointer) -> Int {
    let place = unsafe search(key, columns: KeyIndex.Node.innerColumns)
    return place.found ? place.slot + 1 : place.slot
  }

  // MARK: Prefixes

  /// Shortens the prefix, where it is not guaranteed by fences, to what `key` has in common with it.
  @inline(__always)
  func fitPrefix(to key: UnsafeRawBufferPointer) {
    guard checksPrefix, prefix > 0 else { return }
    let shared = unsafe KeyIndex.Node.shared(key, self.key(at: 0))
    if shared < prefix { setPrefix(shared) }
  }

  private func setPrefix(_ bytes: Int) {
    prefix = bytes
    for slot in 0..<count {
      unsafe setHeads(of: key(at: slot), at: slot)
    }
  }

  /// Takes the longest prefix that the node's fences, or at the edge of the tree its keys, have in common.
  ///
  /// With `keepingHeads`, for nodes whose heads are valid for their present prefix, the keys are read again
  /// only if that helps: if heads tie, or the prefix is too long.
  func refit(low: KeyIndex.Separator?, high: KeyIndex.Separator?, keepingHeads: Bool) {
    var bytes = 0
    if let low, let high {
      checksPrefix = false
      bytes = unsafe KeyIndex.Node.shared(low.bytes, high.bytes)
    } else {
      checksPrefix = true
      if count > 0 { bytes = unsafe KeyIndex.Node.shared(key(at: 0), key(at: count - 1)) }
    }
    if keepingHeads, bytes == prefix || (bytes > prefix && !hasTies) { return }
    setPrefix(bytes)
  }

  private var hasTies: Bool {
    for slot in 1..<max(count, 1) where unsafe heads(0)[slot - 1] == heads(0)[slot] { return true }
    return false
  }
}
