internal import Glibc
internal import HTTPTransport
internal import Identity
internal import Member
internal import Primitives

/// Whether a member connects from where its certificate says.
enum PeerAccess {
  /// Why a member that connected is refused; nil if it is not. A certificate without names of hosts passes, as with
  /// etcd. It may ask the name service, and so block.
  static func refusal(_ peer: PeerIdentity) -> PeerRefusal? {
    guard let certificate = peer.certificates.first else {
      return PeerRefusal(.forbidden, "the connection shows no certificate")
    }
    guard let address = host(of: peer.remoteAddress),
      !isOne(address, of: CertificateNames(certificate))
    else { return nil }
    return PeerRefusal(
      .forbidden,
      "the certificate is not for \(address), where the connection comes from; see"
        + " --peer-skip-client-san-verification")
  }

  private static func host(of address: String) -> String? {
    guard let colon = address.lastIndex(of: ":") else { return nil }
    let host = address[..<colon]
    return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
  }

  private static func isOne(_ address: String, of names: CertificateNames) -> Bool {
    if names.hosts.isEmpty && names.addresses.isEmpty { return true }
    if names.addresses.contains(where: { NumericHost.text($0) == address }) { return true }
    let plain = names.hosts.filter { !$0.hasPrefix("*.") }
    if plain.contains(where: { NumericHost.addresses(of: $0).contains(address) }) { return true }
    // A name with a star cannot be looked up; the address can.
    guard plain.count < names.hosts.count, let name = NumericHost.name(of: address) else {
      return false
    }
    return names.matches(host: name)
  }
}

/// Addresses as digits, and what the name service says of them.
enum NumericHost {
  /// An address of four or sixteen bytes as text; nil for any other number.
  static func text(_ address: Bytes) -> String? {
    let family = address.count == 4 ? AF_INET : address.count == 16 ? AF_INET6 : nil
    guard let family else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let count = socklen_t(text.count)
    guard unsafe inet_ntop(family, address, &text, count) != nil else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The addresses of a host, as text; none if it has none.
  static func addresses(of host: String) -> [String] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { unsafe freeaddrinfo(list) }
    var found: [String] = []
    var item = unsafe list
    while let entry = unsafe item {
      if let text = unsafe describe(entry.pointee.ai_addr, entry.pointee.ai_addrlen, NI_NUMERICHOST)
      {
        found.append(text)
      }
      unsafe item = entry.pointee.ai_next
    }
    return found
  }

  /// The name of an address; nil if the name service knows none.
  static func name(of address: String) -> String? {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_NUMERICHOST
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(address, nil, &hints, &list) == 0, let first = unsafe list else {
      return nil
    }
    defer { unsafe freeaddrinfo(list) }
    return unsafe describe(first.pointee.ai_addr, first.pointee.ai_addrlen, NI_NAMEREQD)
  }

  private static func describe(
    _ address: UnsafeMutablePointer<sockaddr>?, _ length: socklen_t, _ flags: Int32
  ) -> String? {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let count = socklen_t(text.count)
    guard unsafe getnameinfo(address, length, &text, count, nil, 0, flags) == 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
