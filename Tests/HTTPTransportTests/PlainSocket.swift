import Glibc
import Primitives

/// A blocking TCP connection to this machine, to say things that no client says.
final class PlainSocket {
  private let descriptor: Int32

  init(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(result == 0, "cannot connect: \(errno)")
  }

  deinit { close(descriptor) }

  func write(_ text: String) {
    let bytes = Bytes(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      sent += count
    }
  }

  /// Reads until `text` has come, or the peer closes; nil if neither happens in time.
  func read(until text: String? = nil) -> String? {
    var received: Bytes = []
    var buffer = Bytes(repeating: 0, count: 65_536)
    while true {
      let soFar = String(decoding: received, as: UTF8.self)
      if let text, soFar.contains(text) { return soFar }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count == 0 || (count < 0 && errno == ECONNRESET) { return soFar }
      if count < 0 { return nil }
      received += buffer[..<count]
    }
  }

  /// Reads so many bytes; fewer if the peer closes, or nothing comes in time.
  func read(count: Int) -> Bytes {
    var received: Bytes = []
    var buffer = Bytes(repeating: 0, count: 65_536)
    while received.count < count {
      let part = recv(descriptor, &buffer, min(buffer.count, count - received.count), 0)
      if part <= 0 { break }
      received += buffer[..<part]
    }
    return received
  }
}
