internal import Environment

/// An open file of a simulated disk.
final class SimulatedFile: File {
  let path: String
  private let disk: SimulatedDisk
  private let inode: Int
  private let epoch: Int

  init(disk: SimulatedDisk, path: String, inode: Int, epoch: Int) {
    self.disk = disk
    self.path = path
    self.inode = inode
    self.epoch = epoch
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
    ) { $0.write(copy, at: Int(offset)) }
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
