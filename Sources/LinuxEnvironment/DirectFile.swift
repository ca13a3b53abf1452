internal import Environment
internal import Glibc
internal import Synchronization

/// A file whose writes go to the device without a copy in the page cache.
///
/// For files that are written once and hardly ever read: a page of the cache costs more to find and fill than the
/// bytes cost to write, and pushes out one that is read. Reads go through the cache, which the kernel keeps
/// in step. Writes of any length and offset: blocks that they cover in part are put together here, as this
/// object's own writes have left them. A device whose blocks are larger refuses such writes (EINVAL): they go
/// through the cache then, and so do all that follow.
///
/// `@unchecked`: `output` is used under the lock alone.
final class DirectFile: File, @unchecked Sendable {
  private let file: LinuxFile
  private let direct: LinuxFile
  private let lock = Mutex<Void>(())
  private let output: Output

  // A macro that Swift does not see, of another value on each architecture.
  #if arch(arm64)
    private static let directFlag: Int32 = 0o200000
  #else
    private static let directFlag: Int32 = 0o40000
  #endif

  /// The same file for direct writes, in whole blocks of so many bytes (a power of two); nil where the file system has
  /// none, or the file is no whole number of blocks.
  static func over(
    _ file: LinuxFile, blockBytes: Int = FileAccess.directBlockBytes
  ) throws(FileError) -> DirectFile? {
    let bytes = try file.size()
    guard bytes > 0, bytes % Int64(blockBytes) == 0 else { return nil }
    let descriptor = unsafe open(file.path, O_WRONLY | O_CLOEXEC | directFlag)
    guard descriptor >= 0 else { return nil }
    return DirectFile(
      file, direct: LinuxFile(path: file.path, descriptor: descriptor),
      output: Output(end: bytes, blockBytes: blockBytes))
  }

  private init(_ file: LinuxFile, direct: LinuxFile, output: Output) {
    self.file = file
    self.direct = direct
    self.output = output
  }

  var path: String { file.path }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(FileError) -> Int { unsafe try file.read(into: buffer, at: offset) }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
    try lock.withLock { _ throws(FileError) in
      // Blocks beyond the end would make the file longer than what is written.
      if offset + Int64(bytes.count) > output.end {
        output.forget()
        return unsafe try file.write(bytes, at: offset)
      }
      if unsafe output.isWhole(bytes, at: offset) {
        output.forget()
        return unsafe try output.put(bytes, at: offset, over: file, to: direct)
      }
      var done = 0
      while done < bytes.count {
        let count = min(bytes.count - done, Output.capacity - output.blockBytes)
        let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[done..<done + count])
        unsafe try output.write(part, at: offset + Int64(done), over: file, to: direct)
        done += count
      }
    }
  }

  func preallocate(_ size: Int64) throws(FileError) { try file.preallocate(size) }

  func truncate(to size: Int64) throws(FileError) {
    // The end is not known any more until the file is opened again.
    lock.withLock { _ in output.end = 0 }
    try file.truncate(to: size)
  }

  func size() throws(FileError) -> Int64 { try file.size() }

  func synchronizeData() throws(FileError) { try file.synchronizeData() }

  /// Where blocks are put together.
  @safe
  private final class Output {
    /// Bytes of the memory: larger writes are several.
    static let capacity = 1 << 20

    /// Where direct writes must end, in the file.
    var end: Int64
    /// What a direct write begins and ends at a multiple of.
    let blockBytes: Int
    private let memory: UnsafeMutableRawBufferPointer
    /// The block that begins the memory, if it is known to be as in the file.
    private var block: Int64?
    /// Whether the device has refused a direct write.
    private var refused = false

    init(end: Int64, blockBytes: Int) {
      self.end = end
      self.blockBytes = blockBytes
      unsafe memory = .allocate(byteCount: Self.capacity, alignment: blockBytes)
    }

    deinit { unsafe memory.deallocate() }

    /// Has the next write look at the file.
    func forget() { block = nil }

    /// Whether a write is of blocks alone, in memory that a device takes them from.
    func isWhole(_ bytes: UnsafeRawBufferPointer, at offset: Int64) -> Bool {
      let place = UInt(bitPattern: bytes.baseAddress) | UInt(bytes.count)
      return (place | UInt(offset)) & UInt(blockBytes - 1) == 0
    }

    /// Writes the blocks that `bytes` touches: what comes before them is kept, what comes behind becomes zero.
    func write(
      _ bytes: UnsafeRawBufferPointer, at offset: Int64, over file: LinuxFile,
      to direct: LinuxFile
    ) throws(FileError) {
      let before = Int(offset % Int64(blockBytes))
      let first = offset - Int64(before)
      if before > 0, block != first { try load(before, of: first, from: file) }
      block = nil
      let end = before + bytes.count
      let whole = (end + blockBytes - 1) / blockBytes * blockBytes
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[before..<end]).copyMemory(from: bytes)
      unsafe memset(memory.baseAddress! + end, 0, whole - end)
      let blocks = unsafe UnsafeRawBufferPointer(rebasing: memory[..<whole])
      unsafe try put(blocks, at: first, over: file, to: direct)
      // The next write mostly goes on where this one ended.
      let last = whole - blockBytes
      if end == whole { return }
      if last > 0 {
        unsafe memory.baseAddress!.copyMemory(
          from: memory.baseAddress! + last, byteCount: blockBytes)
      }
      block = first + Int64(last)
    }

    /// Writes blocks as they are.
    func put(
      _ blocks: UnsafeRawBufferPointer, at offset: Int64, over file: LinuxFile,
      to direct: LinuxFile
    ) throws(FileError) {
      if !refused {
        do { return unsafe try direct.write(blocks, at: offset) } catch {
          guard case .inputOutput(_, EINVAL) = error else { throw error }
          refused = true
        }
      }
      unsafe try file.write(blocks, at: offset)
    }

    private func load(_ count: Int, of block: Int64, from file: LinuxFile) throws(FileError) {
      let head = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
      let found = unsafe try file.read(into: head, at: block)
      unsafe memset(memory.baseAddress! + found, 0, count - found)
    }
  }
}
