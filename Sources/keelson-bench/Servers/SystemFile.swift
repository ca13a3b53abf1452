internal import FoundationEssentials
internal import Glibc

/// Small files of /proc and /sys, and folders.
enum SystemFile {
  /// The text of a file; empty if it can't be read.
  static func read(_ path: String) -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe Glibc.read(file, $0.baseAddress, $0.count)
      }
      if count <= 0 { return String(decoding: text, as: UTF8.self) }
      text += chunk[..<count]
    }
  }

  /// Replaces a file's text; says whether that worked.
  @discardableResult
  static func write(_ text: String, to path: String) -> Bool {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return false }
    defer { close(file) }
    let bytes = Array(text.utf8)
    var position = 0
    while position < bytes.count {
      let count = unsafe bytes[position...].withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      if count <= 0 { return false }
      position += count
    }
    return true
  }

  /// Makes a folder; its parent must exist.
  static func makeFolder(_ path: String) throws {
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else {
      throw BenchError("cannot make the folder \(path): \(unsafe String(cString: strerror(errno)))")
    }
  }

  /// Removes a folder with all that is in it.
  static func removeFolder(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}

/// A process's memory, in bytes.
struct Memory: Sendable {
  /// What lies in RAM.
  var resident = 0
  /// The part of that which is no file's.
  var anonymous = 0
  /// The highest that `resident` was.
  var peak = 0

  init() {}

  /// Reads /proc/PID/status.
  init(pid: pid_t) {
    for line in SystemFile.read("/proc/\(pid)/status").split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      guard words.count >= 2, let kibibytes = Int(words[1]) else { continue }
      switch words[0] {
      case "VmRSS:": resident = kibibytes * 1024
      case "RssAnon:": anonymous = kibibytes * 1024
      case "VmHWM:": peak = kibibytes * 1024
      default: break
      }
    }
  }
}

/// The device below a folder.
struct BlockDevice: Sendable {
  private let path: String

  /// Bytes of a sector in /sys/block/*/stat, whatever the device's own are.
  private static let sectorBytes = 512

  /// Finds it; nil where the folder lies on no device, as in memory.
  init?(below folder: String) {
    var status = stat()
    guard unsafe stat(folder, &status) == 0 else { return nil }
    let device = UInt64(status.st_dev)
    let major = (device >> 8) & 0xfff | (device >> 32) & ~0xfff
    let minor = device & 0xff | (device >> 12) & ~0xff
    path = "/sys/dev/block/\(major):\(minor)/stat"
    if SystemFile.read(path).isEmpty { return nil }
  }

  /// Bytes that were written to it since the system started, after what waits in memory was written
  /// too.
  func writtenBytes() -> Int {
    sync()
    let words = SystemFile.read(path).split(separator: " ")
    return words.count > 6 ? (Int(words[6]) ?? 0) * Self.sectorBytes : 0
  }
}
