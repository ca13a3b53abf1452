import Glibc
import SnapshotFile
import TestPeers
import Testing

/// The real etcd's programs, and a directory for their files.
final class Peer {
  let directory: String
  /// What the last program wrote to its standard error.
  private(set) var errors = ""
  private let programs: String

  /// Nil, with the reason printed, where the programs are not installed.
  init?() {
    guard let programs = RealEtcd.programs else {
      print("skipped: KEELSON_PEERS does not name a folder whose bin has etcd, etcdctl and etcdutl")
      return nil
    }
    self.programs = programs
    var template = Array("/tmp/keelson-peer-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("mkdtemp: error \(errno)") }
    directory = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { _ = Tool.run(["/bin/rm", "-rf", directory]) }

  /// Runs a program to its end and answers its standard output. Arguments are divided by spaces.
  @discardableResult
  func run(_ program: String, _ arguments: String) -> String {
    let words = arguments.split(separator: " ").map(String.init)
    let outcome = Tool.run([programs + "/" + program] + words, seconds: 60)
    errors = outcome.errors
    return outcome.output
  }

  /// Expects that `etcdutl snapshot status` says the same of a file.
  func expectStatus(_ path: String, _ status: SnapshotStatus) throws {
    let answer = run("etcdutl", "snapshot status \(path) -w json")
    #expect(
      answer == """
        {"hash":\(status.hash),"revision":\(status.revision),"totalKey":\(status.totalKeys),\
        "totalSize":\(status.totalSize)}

        """)
  }

  /// Starts the test's server number `number` (0 or 1) and waits until it answers; nil if it does not within 20
  /// seconds.
  func startServer(_ number: Int, dataDirectory: String) -> PeerServer? {
    let client = 21_400 + Int(getpid()) % 400 * 4 + number * 2
    let urls = "http://127.0.0.1:\(client)"
    let peers = "http://127.0.0.1:\(client + 1)"
    let process = try? Tool.spawn(
      [
        programs + "/etcd",
        "--data-dir", "\(directory)/\(dataDirectory)", "--listen-client-urls", urls,
        "--advertise-client-urls", urls, "--listen-peer-urls", peers,
        "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=\(peers)",
      ], output: directory + "/server.log")
    guard let process else { return nil }
    let server = PeerServer(process: process, endpoint: "--endpoints 127.0.0.1:\(client)")
    for _ in 0..<100 {
      usleep(200_000)
      if run("etcdctl", "\(server.endpoint) endpoint health").contains("is healthy") {
        return server
      }
    }
    server.stop()
    return nil
  }
}

/// A running etcd.
struct PeerServer {
  let process: pid_t
  /// The option that leads a client there.
  let endpoint: String

  /// Ends it, after ten seconds by force, and waits.
  func stop() {
    kill(process, SIGTERM)
    _ = Tool.wait(for: process, seconds: 10)
  }
}
