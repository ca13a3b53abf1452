import Foundation
import Primitives
import Testing

@testable import Certificates

@Suite("Making and checking certificates")
struct CertificateTests {
  private let folder = NSTemporaryDirectory() + "keelson-certificates-\(UUID().uuidString)"

  private func verifier(
    _ authority: CertifiedKey, _ change: (inout PeerCertificateRules) -> Void = { _ in }
  ) throws -> PeerCertificateVerifier {
    let name = UUID().uuidString
    try CertificateFolder(folder).write(authority, name + ".crt", name + ".key")
    var rules = PeerCertificateRules(authorityFile: folder + "/" + name + ".crt")
    change(&rules)
    return try PeerCertificateVerifier(rules)
  }

  private static func client(
    _ name: String, _ hosts: [String] = [], by authority: CertifiedKey,
    usage: CertificateDescription.Usage = .client
  ) throws -> Bytes {
    let made = try CertificateMaker.issue(
      CertificateDescription(
        commonName: name, alternativeNames: hosts, usage: usage, validSeconds: 3_600),
      by: authority)
    return try Certificate(pem: made.certificate).der
  }

  @Test("an authority's certificate is let in, another's and a server's are not")
  func authorities() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (mine, other) = (
      try CertificateMaker.makeAuthority(commonName: "ca", validSeconds: 86_400),
      try CertificateMaker.makeAuthority(commonName: "ca", validSeconds: 86_400)
    )
    let verifier = try verifier(mine)
    #expect(try verifier.verify([try Self.client("ann", by: mine)]).count == 2)
    let foreign = try Self.client("ann", by: other)
    #expect(throws: CertificateError.self) { try verifier.verify([foreign]) }
    let server = try Self.client("ann", by: mine, usage: .server)
    #expect(throws: CertificateError.self) { try verifier.verify([server]) }
    #expect(throws: CertificateError.self) { try verifier.verify([]) }
    #expect(throws: CertificateError.self) { try verifier.verify([[0x30, 0x03, 1, 2, 3]]) }
  }

  @Test("of the names that are allowed, a certificate must have one; a common name is no host")
  func names() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let authority = try CertificateMaker.makeAuthority(commonName: "ca", validSeconds: 86_400)
    let hosts = try verifier(authority) { $0.hostNames = ["a.store.example", "10.1.2.3"] }
    for good in ["a.store.example", "*.store.example", "10.1.2.3"] {
      _ = try hosts.verify([try Self.client("x", [good], by: authority)])
    }
    for bad in [["b.example"], ["10.1.2.4"], []] {
      let certificate = try Self.client("a.store.example", bad, by: authority)
      #expect(throws: CertificateError.self) { try hosts.verify([certificate]) }
    }
    let common = try verifier(authority) { $0.commonNames = ["ann", "bob"] }
    _ = try common.verify([try Self.client("bob", by: authority)])
    let eve = try Self.client("eve", ["ann"], by: authority)
    #expect(throws: CertificateError.self) { try common.verify([eve]) }
  }

  @Test(
    "names that are no hosts, subjects that do not fit and ends behind the authority's are refused")
  func refusals() throws {
    let authority = try CertificateMaker.makeAuthority(commonName: "ca", validSeconds: 3_600)
    func issue(_ name: String, _ hosts: [String], seconds: Int64 = 60) throws {
      _ = try CertificateMaker.issue(
        CertificateDescription(
          commonName: name, alternativeNames: hosts, usage: .client, validSeconds: seconds),
        by: authority)
    }
    for host in ["a,DNS:b", "", "a..b", "a b", "ä.example", "*", "email:x@y", "a/b"] {
      #expect(throws: CertificateError.self, "\(host)") { try issue("x", [host]) }
    }
    #expect(throws: CertificateError.self) { try issue(String(repeating: "x", count: 65), []) }
    #expect(throws: CertificateError.self) { try issue("x", [], seconds: 7_200) }
    #expect(throws: CertificateError.self) { try issue("x", [], seconds: 0) }
    try issue("x", ["a.example", "::1", "*.b.example"])
  }

  @Test("files are private where they must be, and never overwritten")
  func files() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let made = try CertificateMaker.makeAuthority(commonName: "ca", validSeconds: 60)
    let target = CertificateFolder(folder + "/a/b")
    try target.write(made, "ca.crt", "ca.key")
    #expect(try target.read("ca.crt", "ca.key") == made)
    func mode(_ file: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: folder + "/a/b/" + file)[.posixPermissions]
        as? Int
    }
    #expect(try mode("ca.key") == 0o600)
    let other = try CertificateMaker.makeAuthority(commonName: "ca", validSeconds: 60)
    #expect(throws: CertificateError.self) { try target.write(other, "ca.crt", "new.key") }
    #expect(throws: CertificateError.self) { try target.write(other, "new.crt", "ca.key") }
    #expect(try target.read("ca.crt", "ca.key") == made)
    #expect(!FileManager.default.fileExists(atPath: folder + "/a/b/new.key"))
  }
}
