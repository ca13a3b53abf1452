import Primitives

extension KeyIndex {
  /// Memory for nodes of one size, in blocks that grow with the tree. Nodes that are given back are used
  /// again first, so that it stays at what the largest tree took; the blocks are freed with the slab.
  @safe
  struct Slab: ~Copyable {
    private static let firstBlockNodes = 8
    private static let blockNodesMax = 1024

    private let nodeBytes: Int
    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private var blockNodes = 0
    private var blockNodesUsed = 0
    /// Nodes given back, each pointing to the one before.
    private var returned: UnsafeMutableRawPointer? = nil
    /// The number of nodes taken and not given back.
    private(set) var nodesInUse = 0
    /// Bytes of all blocks.
    private(set) var byteCount = 0

    init(nodeBytes: Int) { self.nodeBytes = nodeBytes }

    deinit {
      for position in unsafe blocks.indices { unsafe blocks[position].deallocate() }
    }

    /// Uninitialised memory for one node, on a cache line's boundary.
    mutating func take() -> UnsafeMutableRawPointer {
      nodesInUse += 1
      if let node = unsafe returned {
        unsafe returned = node.load(as: UnsafeMutableRawPointer?.self)
        return unsafe node
      }
      if blockNodesUsed == blockNodes {
        blockNodes = max(Slab.firstBlockNodes, min(blockNodes * 2, Slab.blockNodesMax))
        blockNodesUsed = 0
        unsafe blocks.append(.allocate(byteCount: blockNodes * nodeBytes, alignment: 64))
        byteCount += blockNodes * nodeBytes
      }
      blockNodesUsed += 1
      return unsafe blocks[blocks.count - 1] + (blockNodesUsed - 1) * nodeBytes
    }

    /// Takes a node's memory back.
    mutating func give(_ node: UnsafeMutableRawPointer) {
      nodesInUse -= 1
      unsafe node.storeBytes(of: returned, as: UnsafeMutableRawPointer?.self)
      unsafe returned = node
    }
  }

  /// A key, or the beginning of one, that tells two neighbouring children apart; in memory of its own.
  @safe
  struct Separator {
    private let base: UnsafeMutableRawPointer

    /// The shortest bytes that are after `left` and not after `right`, for two keys in this order.
    init(between left: UnsafeRawBufferPointer, and right: UnsafeRawBufferPointer) {
      let count = unsafe Node.shared(left, right) + 1
      unsafe base = .allocate(byteCount: 4 + count, alignment: 4)
      unsafe base.storeBytes(of: UInt32(count), as: UInt32.self)
      unsafe UnsafeMutableRawBufferPointer(start: base + 4, count: count)
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: right.prefix(count)))
    }

    @inline(__always)
    var bytes: UnsafeRawBufferPointer {
      unsafe UnsafeRawBufferPointer(start: base + 4, count: Int(base.load(as: UInt32.self)))
    }

    /// Bytes that it takes.
    var byteCount: Int { unsafe bytes.count + 4 }

    func free() { unsafe base.deallocate() }
  }
}
