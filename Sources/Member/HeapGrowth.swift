internal import CFutex
internal import Glibc

/// Has the heap grow in large steps before much is allocated at once.
///
/// glibc grows the heap of a thread by a few pages at a time, each with a system call that holds up the other threads'
/// page faults: a sixth of the time of loading a million keys. A large block that is freed again leaves its memory
/// to the blocks that follow. (Huge pages for it cost twice what they save, where the kernel has to make them first.)
enum HeapGrowth {
  /// Blocks beyond this size are mapped by themselves; glibc takes no more.
  private static let largestBlock = 32 << 20

  /// Lets large blocks come from the heap, whose memory then stays for the next.
  static func prepare() { keelson_heap_keep(Int32(largestBlock)) }

  /// Runs a body with room for `bytes` of small blocks in the calling thread's heap.
  static func reserving(_ bytes: Int, _ body: () -> Void) {
    let size = min(bytes, largestBlock - 4_096)
    guard size >= 1 << 20 else { return body() }
    let end = unsafe keelson_heap_reserve(size)
    body()
    unsafe free(end)
  }
}
