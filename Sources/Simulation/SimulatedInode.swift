internal import Environment

/// A file of a simulated disk: what is on the platter, and what is in memory only.
struct SimulatedInode {
  /// A write that was not synced.
  enum Change {
    case bytes(offset: Int, [UInt8])
    case size(Int)
  }

  /// What reads return.
  var content: [UInt8] = []
  /// What is sure to be there after a crash.
  private(set) var durable: [UInt8] = []
  /// What changed since, in order.
  private(set) var changes: [Change] = []

  mutating func write(_ bytes: [UInt8], at offset: Int) {
    Self.apply(.bytes(offset: offset, bytes), to: &content)
    changes.append(.bytes(offset: offset, bytes))
  }

  mutating func resize(to size: Int) {
    Self.apply(.size(size), to: &content)
    changes.append(.size(size))
  }

  mutating func synchronize() {
    for change in changes { Self.apply(change, to: &durable) }
    changes.removeAll()
  }

  /// After a failed sync the system forgets that the changes were ever to be written: what reads return is
  /// not what is on the platter, and a later sync that succeeds does not bring it there.
  mutating func loseChanges() { changes.removeAll() }

  /// Flips one bit, of what reads return and of what is on the platter.
  mutating func flip(bit: Int, at offset: Int) {
    if offset < content.count { content[offset] ^= 1 << UInt8(bit) }
    if offset < durable.count { durable[offset] ^= 1 << UInt8(bit) }
  }

  /// Decides what is left after a crash: each sector of each unsynced write got through, or did not, in
  /// whatever order the device chose.
  mutating func crash(sectorBytes: Int, chance: (UInt64) -> UInt64) {
    // Some crashes lose all, some keep all, most tear.
    let mood = chance(4)
    for change in changes {
      switch change {
      case .size:
        // Sizes are the file system's own and come back in order, or not at all.
        if mood == 0 || (mood > 1 && chance(2) == 0) { continue }
        Self.apply(change, to: &durable)
      case .bytes(let offset, let bytes):
        var start = 0
        while start < bytes.count {
          let boundary = ((offset + start) / sectorBytes + 1) * sectorBytes - offset
          let end = min(bytes.count, boundary)
          let survives = mood == 1 || (mood > 1 && chance(2) == 1)
          if survives {
            Self.apply(
              .bytes(offset: offset + start, Array(bytes[start..<end])), to: &durable)
          }
          start = end
        }
      }
    }
    content = durable
    changes.removeAll()
  }

  private static func apply(_ change: Change, to target: inout [UInt8]) {
    switch change {
    case .size(let size):
      if size < target.count {
        target.removeLast(target.count - size)
      } else {
        target.append(contentsOf: repeatElement(0, count: size - target.count))
      }
    case .bytes(let offset, let bytes):
      let end = offset + bytes.count
      if target.count < end {
        target.append(contentsOf: repeatElement(0, count: end - target.count))
      }
      target.replaceSubrange(offset..<end, with: bytes)
    }
  }
}
