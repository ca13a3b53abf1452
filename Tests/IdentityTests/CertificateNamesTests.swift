import Foundation
import Identity
import Primitives
import Testing

@Suite("the hosts of a certificate")
struct CertificateNamesTests {
  /// For m1.example.org, every host of pods.example.org, 10.0.0.1 and 2001:db8::1, and a mail address.
  private static let certificate = Bytes(
    Data(
      base64Encoded: """
        MIIBvzCCAWWgAwIBAgIUPt1LeDhJjL7+6ct/CgqWjMdfCZQwCgYIKoZIzj0EAwIw
        DTELMAkGA1UEAwwCbTEwIBcNMjYxMTIzMDAyODIxWhgPMjEyNjEwMzAwMDI4MjFa
        MA0xCzAJBgNVBAMMAm0xMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXQVWTyjM
        +Wenronhr091hpwMKfw2teylIQBEew9b0kDFfP3+nM9Eee4wYLulVRCsIa/A01QF
        QTEvGjPUj+b9ZaOBoDCBnTAdBgNVHQ4EFgQU6da66vD32RkPap5vFhhPuW70Hz4w
        HwYDVR0jBBgwFoAU6da66vD32RkPap5vFhhPuW70Hz4wDwYDVR0TAQH/BAUwAwEB
        /zBKBgNVHREEQzBBgg5NMS5FeGFtcGxlLm9yZ4ISKi5wb2RzLmV4YW1wbGUub3Jn
        hwQKAAABhxAgAQ24AAAAAAAAAAAAAAABgQNhQGIwCgYIKoZIzj0EAwIDSAAwRQIg
        cOHvti7Pq0AHYdwcsQMKNPjlFBQTVzTZLB9OQ7//SO8CIQCUM/iI2yOl5c9PkL/G
        pDOWG5xI6Cy6KNOWZeUCWxAzfA==
        """, options: .ignoreUnknownCharacters) ?? Data())

  @Test("names and addresses are read, and nothing else")
  func reading() {
    let names = CertificateNames(Self.certificate)
    #expect(names.hosts == ["m1.example.org", "*.pods.example.org"])
    #expect(names.addresses.map(\.count) == [4, 16])
    #expect(names.addresses.first == [10, 0, 0, 1])
    #expect(CertificateNames(TestKeys.certificateOfAnn).hosts == [])
  }

  @Test("a star stands for one label")
  func stars() {
    let names = CertificateNames(Self.certificate)
    #expect(names.matches(host: "M1.example.org"))
    #expect(names.matches(host: "a.pods.example.org"))
    for host in ["pods.example.org", "a.b.pods.example.org", ".pods.example.org", "m2.example.org"]
    { #expect(!names.matches(host: host), "\(host)") }
  }

  @Test("a certificate that is cut short or damaged gives what can be read, and ends nothing")
  func damage() {
    for count in Self.certificate.indices {
      _ = CertificateNames(Bytes(Self.certificate[..<count]))
      var damaged = Self.certificate
      damaged[count] ^= 0xFF
      _ = CertificateNames(damaged)
    }
  }
}
