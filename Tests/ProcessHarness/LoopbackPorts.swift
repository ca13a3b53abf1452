import Glibc

/// Hands out loopback ports that nothing listens on.
public enum LoopbackPorts {
  /// Ports below the range that the kernel gives to outgoing connections, so that a server which restarts
  /// finds its port free.
  private static let range: ClosedRange<UInt16> = 24_000...25_999
  /// Tests run in several processes of one machine: each begins elsewhere.
  private static let counter = Counter(start: UInt16(truncatingIfNeeded: getpid()) &* 37 % 2_000)

  /// A port that was free when asked for.
  public static func next() -> Int {
    for _ in range {
      let port = range.lowerBound + counter.next() % UInt16(range.count)
      if isFree(port) { return Int(port) }
    }
    fatalError("no port of \(range) is free")
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
