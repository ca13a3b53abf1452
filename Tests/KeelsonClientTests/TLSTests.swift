import KeelsonClient
import Testing
import TestPeers

/// Encrypted connections to a real etcd that wants client certificates.
@Suite("TLS", .enabled(if: RealEtcd.isInstalled), .serialized)
struct TLSTests {
  private func client(
    _ endpoint: String, _ tls: Configuration.TLS?
  ) throws -> StoreClient {
    var configuration = Configuration(endpoints: [endpoint], tls: tls)
    configuration.waitsForConnection = false
    return try StoreClient(configuration)
  }

  @Test(
    "certificates on both sides let a client in; what does not fit is told so that it can be mended"
  )
  func both() async throws {
    let certificates = try Certificates()
    let etcd = try RealEtcd(certificates: certificates)
    let valid = Configuration.TLS(
      authorityFile: certificates.path("ca.pem"),
      certificateFile: certificates.path("client.pem"),
      keyFile: certificates.path("client.key"))
    for endpoint in [etcd.endpoint, "https://" + etcd.endpoint] {
      let client = try client(endpoint, valid)
      try await client.put("a", "1")
      await client.shutdown()
    }
    var unverified = valid
    unverified.authorityFile = nil
    let stranger = await #expect(throws: KeelsonError.self) {
      try await client(etcd.endpoint, unverified).get("a")
    }
    #expect(stranger?.code == .connectionFailed)
    #expect(stranger?.message.contains("certificate is not trusted") == true)
    unverified.skipsVerification = true
    #expect(try await client(etcd.endpoint, unverified).get("a")?.valueText == "1")

    let anonymous = Configuration.TLS(authorityFile: certificates.path("ca.pem"))
    let refused = await #expect(throws: KeelsonError.self) {
      try await client(etcd.endpoint, anonymous).get("a")
    }
    #expect(refused?.isConnectionProblem == true, "\(String(describing: refused))")
    let missing = Configuration.TLS(authorityFile: certificates.path("none.pem"))
    let unreadable = await #expect(throws: KeelsonError.self) {
      try await client(etcd.endpoint, missing).get("a")
    }
    #expect(unreadable?.code == .invalidConfiguration)
    let plain = await #expect(throws: KeelsonError.self) {
      try await client(etcd.endpoint, nil).get("a")
    }
    #expect(plain?.isConnectionProblem == true)
    #expect(plain?.message.contains(etcd.endpoint) == true)
  }
}

extension KeelsonError {
  /// Under TLS 1.3 a server's refusal may come only after the client's handshake is done.
  fileprivate var isConnectionProblem: Bool { code == .connectionFailed || code == .unavailable }
}
