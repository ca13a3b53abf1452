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

  /// The first slot whose head is not below `head`, without a branch that could be mispredicted.
  @inline(__always)
  private func lowerBound(_ head: UInt64) -> Int {
    let heads = unsafe self.heads
    var first = 0
    var left = count
    while left > 1 {
      let half = left / 2
      first &+= unsafe heads[first &+ half &- 1] < head ? half : 0
      left &-= half
    }
    if left == 1, unsafe heads[first] < head { first &+= 1 }
    return first
  }

  /// The first slot whose key is not before `key`, or the number of keys; and whether it holds `key` itself.
  @inline(__always)
  func search(_ key: UnsafeRawBufferPointer) -> (slot: Int, found: Bool) {
    let prefix = self.prefix
    if checksPrefix, prefix > 0 {
      let order = unsafe compare(
        UnsafeRawBufferPointer(rebasing: key.prefix(prefix)),
        UnsafeRawBufferPointer(rebasing: self.key(at: 0).prefix(prefix)))
      if order != 0 { return (order < 0 ? 0 : count, false) }
    }
    let head = unsafe KeyIndex.Node.head(of: key, behind: prefix)
    let slot = lowerBound(head)
    guard slot < count, unsafe heads[slot] == head else { return (slot, false) }
    return unsafe searchTie(key, head: head, from: slot)
  }

  /// Searches the slots from `first` on whose heads are `head` too, by their whole keys.
  private func searchTie(_ key: UnsafeRawBufferPointer, head: UInt64, from first: Int) -> (
    slot: Int, found: Bool
  ) {
    var slot = first
    var end = first + 1
    if end < count, unsafe heads[end] == head {
      end = head == .max ? count : lowerBound(head + 1)
    }
    let rest = unsafe UnsafeRawBufferPointer(rebasing: key[prefix...])
    while slot < end {
      let middle = (slot + end) / 2
      let order = unsafe compare(
        UnsafeRawBufferPointer(rebasing: self.key(at: middle)[prefix...]), rest)
      if order == 0 { return (middle, true) }
      if order < 0 { slot = middle + 1 } else { end = middle }
    }
    return (slot, false)
  }

  /// The child of an inner node below which `key` has its place.
  @inline(__always)
  func child(for key: UnsafeRawBufferPointer) -> Int {
    let place = unsafe search(key)
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
      unsafe heads[slot] = KeyIndex.Node.head(of: key(at: slot), behind: bytes)
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
    for slot in 1..<max(count, 1) where unsafe heads[slot - 1] == heads[slot] { return true }
    return false
  }
}
