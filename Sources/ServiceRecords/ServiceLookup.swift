internal import CResolver
internal import Glibc

/// Asks the system's name servers, by the C library's resolver: `/etc/resolv.conf` says which.
public enum ServiceLookup {
  /// The longest answer over TCP.
  private static let answerBytes = 65_535
  /// Names are at most 255 bytes on the wire, and at most four times as long in text, with escapes.
  private static let nameBytes = 1_025

  /// The records of `_SERVICE._tcp.DOMAIN`, those to be tried first in front.
  ///
  /// Cost: blocks until a name server answers, or for the resolver's own timeout, by default 10 s.
  public static func records(
    of service: String, in domain: String
  ) throws(ServiceLookupError) -> [ServiceRecord] {
    let name = "_\(service)._tcp.\(domain)"
    var answer = [UInt8](repeating: 0, count: answerBytes)
    let length = unsafe answer.withUnsafeMutableBufferPointer { buffer in
      unsafe keelson_ask_services(name, buffer.baseAddress!, Int32(buffer.count))
    }
    guard length >= 0 else {
      let isUnknown = -length == HOST_NOT_FOUND || -length == NO_DATA
      throw ServiceLookupError(name: name, reason: isUnknown ? .unknown : .unavailable)
    }
    return try parse(Array(answer[..<Int(length)]), of: name)
  }

  /// Reads a name server's answer; any bytes give records or an error.
  static func parse(
    _ answer: [UInt8], of name: String
  ) throws(ServiceLookupError) -> [ServiceRecord] {
    let malformed = ServiceLookupError(name: name, reason: .malformed)
    let length = Int32(answer.count)
    let count = unsafe answer.withUnsafeBufferPointer {
      unsafe $0.baseAddress.map { unsafe keelson_answer_count($0, length) } ?? -1
    }
    guard count >= 0 else { throw malformed }
    var records: [ServiceRecord] = []
    for place in 0..<count {
      var fields: [UInt16] = [0, 0, 0]
      var target = [CChar](repeating: 0, count: nameBytes)
      let kind = unsafe answer.withUnsafeBufferPointer { bytes in
        unsafe fields.withUnsafeMutableBufferPointer { fields in
          unsafe target.withUnsafeMutableBufferPointer { target in
            unsafe keelson_service_at(
              bytes.baseAddress!, length, place, fields.baseAddress!, target.baseAddress!)
          }
        }
      }
      guard kind >= 0 else { throw malformed }
      if kind == 0 { continue }
      var host = String(
        decoding: target.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if host.hasSuffix(".") { host.removeLast() }
      // The root alone as target means: there is no such service here.
      if host.isEmpty { continue }
      records.append(
        ServiceRecord(host: host, port: fields[2], priority: fields[0], weight: fields[1]))
    }
    if records.isEmpty { throw ServiceLookupError(name: name, reason: .unknown) }
    return records.sorted {
      ($0.priority, $1.weight, $0.host, $0.port) < ($1.priority, $0.weight, $1.host, $1.port)
    }
  }

  /// The addresses of a host in text, from the hosts file or a name server; none if it has none.
  ///
  /// Cost: blocks as `records` does.
  public static func addresses(of host: String) -> Set<String> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
    defer { unsafe freeaddrinfo(first) }
    var found: Set<String> = []
    var next = unsafe first
    while let entry = unsafe next {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let code = unsafe getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
        NI_NUMERICHOST)
      if code == 0 {
        found.insert(
          String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
      }
      unsafe next = entry.pointee.ai_next
    }
    return found
  }
}
