internal import Glibc
public import Primitives

/// What a file descriptor is asked for by those that write files of their own, or to a pipe or a terminal.
public enum Descriptor {
  /// Writes all bytes, in as many steps as the system wants.
  /// - Returns: false if the system refused; `errno` has the reason, and any part of the bytes may be written.
  public static func write(_ bytes: Bytes, to descriptor: Int32) -> Bool {
    var position = 0
    while position < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress! + position, bytes.count - position)
      }
      if count > 0 {
        position += count
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}
