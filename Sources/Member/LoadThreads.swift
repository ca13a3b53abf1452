internal import Glibc
internal import MVCC
internal import Synchronization

/// Spreads the chunks of a store's load over the processors.
enum LoadThreads {
  /// More threads than these wait for the disk or for each other's memory.
  private static let most = 4

  /// A loop over as many threads as there are processors, the caller's among them, whose bodies take up `bytes` in
  /// all.
  static func loop(bytes: Int64) -> ConcurrentLoop {
    let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    HeapGrowth.prepare()
    return { count, body in
      let share = Share(count: count, bytes: Int(bytes) / max(1, count), body: body)
      // A thread that cannot be had is one that does not help.
      let helpers = (1..<max(1, min(processors, most, count))).compactMap { _ in
        try? MemberThread("keelson-load") { share.work() }
      }
      share.work()
      for helper in helpers { helper.join() }
    }
  }

  /// A loop on a thread of its own that gives way to all others: for a state that nobody waits for.
  static var yieldingLoop: ConcurrentLoop {
    { count, body in
      let share = Share(count: count, bytes: 0, body: body)
      let helper = try? MemberThread("keelson-load") {
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
        share.work()
      }
      if let helper { helper.join() } else { share.work() }
    }
  }

  private final class Share: Sendable {
    private let next = Atomic<Int>(0)
    private let count: Int
    private let bytes: Int
    private let body: @Sendable (Int) -> Void

    init(count: Int, bytes: Int, body: @escaping @Sendable (Int) -> Void) {
      self.count = count
      self.bytes = bytes
      self.body = body
    }

    func work() {
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        if number >= count { return }
        HeapGrowth.reserving(bytes) { body(number) }
      }
    }
  }
}
