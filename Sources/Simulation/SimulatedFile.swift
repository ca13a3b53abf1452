internal import Environment

/// An open file of a simulated disk.
final class SimulatedFile: File {
  let path: String
  private let disk: SimulatedDisk
  private let inode: Int
  private let epoch: Int
  /// Whether writes fill their last block with zeroes.
  private let isDirect: Bool

  init(disk: SimulatedDisk, path: String, inode: Int, epoch: Int, isDirect: Bool = false) {
    self.disk = disk
    self.path = path
    self.inode = inode
    self.epoch = epoch
    self.isDirect = isDirect
  }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(FileError) -> Int {
    try disk.access(FileAttempt(.read, path), inode: inode, epoch: epoch) { inode in
      let start = min(Int(offset), inode.content.count)
      let count = min(buffer.count, inode.content.count - start)
      unsafe inode.content.withUnsafeBytes { content in
        let part = unsafe UnsafeRawBufferPointer(rebasing: content[start..<start + count])
        unsafe buffer.copyMemory(from: part)
      }
      return count
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
    let copy = unsafe [UInt8](bytes)
    // A failed write may have got as far as its half.
    let half = { (inode: inout SimulatedInode) in
      inode.write(Array(copy.prefix(copy.count / 2)), at: Int(offset))
    }
    try disk.access(
      FileAttempt(.write, path), inode: inode, epoch: epoch,
      growingTo: Int(offset) + copy.count, onFailure: half
    ) { [isDirect] inode in
      let end = Int(offset) + copy.count
      let rest = isDirect ? max(0, min(inode.content.count, Self.blockEnd(end)) - end) : 0
      inode.write(copy + [UInt8](repeating: 0, count: rest), at: Int(offset))
    }
  }

  private static func blockEnd(_ offset: Int) -> Int {
    let block = FileAccess.directBlockBytes
    return (offset + block - 1) / block * block
  }

  func preallocate(_ size: Int64) throws(FileError) {
    try disk.access(
      FileAttempt(.preallocate, path), inode: inode, epoch: epoch, growingTo: Int(size)
    ) { inode in
      if inode.content.count < Int(size) { inode.resize(to: Int(size)) }
    }
  }

  func truncate(to size: Int64) throws(FileError) {
    try disk.access(
      FileAttempt(.truncate, path), inode: inode, epoch: epoch, growingTo: Int(size)
    ) {
      $0.resize(to: Int(size))
    }
  }

  func size() throws(FileError) -> Int64 {
    try disk.access(FileAttempt(.size, path), inode: inode, epoch: epoch) {
      Int64($0.content.count)
    }
  }

  func synchronizeData() throws(FileError) {
    try disk.access(
      FileAttempt(.synchronize, path), inode: inode, epoch: epoch,
      onFailure: { $0.loseChanges() }
    ) { $0.synchronize() }
  }
}
