public import Primitives

/// The names in the "subject alternative name" of an X.509 certificate (RFC 5280, section 4.2.1.6): the hosts that
/// it stands for.
public struct CertificateNames: Hashable, Sendable {
  /// Host names, lower-case; the first label may be `*`.
  public private(set) var hosts: [String] = []
  /// Addresses: four bytes, or sixteen.
  public private(set) var addresses: [Bytes] = []

  private static let sequence: UInt8 = 0x30
  private static let extensions: UInt8 = 0xA3
  private static let objectIdentifier: UInt8 = 0x06
  private static let boolean: UInt8 = 0x01
  private static let octets: UInt8 = 0x04
  /// `id-ce-subjectAltName`, 2.5.29.17.
  private static let alternativeNames: Bytes = [0x55, 0x1D, 0x11]
  private static let hostTag: UInt8 = 0x82
  private static let addressTag: UInt8 = 0x87

  /// Reads the names of a certificate in DER; none if it has none, or cannot be read.
  public init(_ certificate: Bytes) {
    var outer = DERReader(certificate)
    guard var body = outer.enter(Self.sequence), var fields = body.enter(Self.sequence) else {
      return
    }
    while !fields.isAtEnd, fields.nextTag != Self.extensions {
      guard fields.skip() else { return }
    }
    guard var wrapper = fields.enter(Self.extensions), var list = wrapper.enter(Self.sequence)
    else { return }
    while var item = list.enter(Self.sequence) {
      guard let identifier = item.read(Self.objectIdentifier) else { return }
      guard certificate[identifier].elementsEqual(Self.alternativeNames) else { continue }
      if item.nextTag == Self.boolean { guard item.skip() else { return } }
      guard var value = item.enter(Self.octets), var names = value.enter(Self.sequence) else {
        return
      }
      readNames(&names, certificate)
    }
  }

  private mutating func readNames(_ names: inout DERReader, _ certificate: Bytes) {
    while let tag = names.nextTag, let range = names.read(tag) {
      if tag == Self.hostTag {
        hosts.append(String(decoding: certificate[range], as: UTF8.self).lowercased())
      } else if tag == Self.addressTag {
        addresses.append(Bytes(certificate[range]))
      }
    }
  }

  /// Whether the certificate stands for a host: by that name, or by one whose first label is `*`.
  public func matches(host: String) -> Bool {
    let host = host.lowercased()
    if hosts.contains(host) { return true }
    guard let dot = host.firstIndex(of: ".") else { return false }
    return dot != host.startIndex && hosts.contains("*" + host[dot...])
  }
}
