internal import Glibc
internal import NIOCore
internal import Primitives

/// The header block of a request while its fields arrive; one per connection, used again and again.
struct RequestHead {
  private var stream: Int32 = 0
  private var isRequest = false
  private var fields = Headers()
  private var listBytes = 0
  private var method: Bytes = []
  private(set) var path: Bytes = []
  private(set) var isGRPC = false
  private var timeoutText: String?
  private var encodingText: String?
  private(set) var acceptsGzip = false

  /// What a field counts for beyond its bytes (RFC 9113, section 6.5.2).
  private static let fieldOverhead = 32
  /// What is set aside for the fields of a usual request.
  private static let usualBytes = 320

  mutating func begin(stream: Int32, isRequest: Bool) {
    self.stream = stream
    self.isRequest = isRequest
    fields = Headers()
    listBytes = 0
    method.removeAll(keepingCapacity: true)
    path.removeAll(keepingCapacity: true)
    isGRPC = false
    timeoutText = nil
    encodingText = nil
    acceptsGzip = false
    if isRequest { fields.reserve(Self.usualBytes) }
  }

  /// Takes a field; false if the list is too long.
  mutating func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    listBytes += name.count + value.count + Self.fieldOverhead
    if listBytes > Limits.headerListBytes { return false }
    guard isRequest else { return true }
    if unsafe name.first == UInt8(ascii: ":") {
      unsafe addPseudo(name: name, value: value)
      return true
    }
    unsafe fields.append(name: name, value: value)
    switch name.count {
    case 12:
      if unsafe equals(name, "content-type") {
        isGRPC = unsafe begins(value, "application/grpc")
      } else if unsafe equals(name, "grpc-timeout") {
        timeoutText = unsafe String(decoding: value, as: UTF8.self)
      }
    case 13:
      if unsafe equals(name, "grpc-encoding") {
        encodingText = unsafe String(decoding: value, as: UTF8.self)
      }
    case 20:
      if unsafe equals(name, "grpc-accept-encoding") {
        acceptsGzip = unsafe String(decoding: value, as: UTF8.self).split(separator: ",")
          .contains { $0.filter { $0 != " " } == "gzip" }
      }
    default: break
    }
    return true
  }

  private mutating func addPseudo(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    if unsafe equals(name, ":path") {
      unsafe path.append(contentsOf: value)
    } else if unsafe equals(name, ":method") {
      unsafe method.append(contentsOf: value)
    } else if unsafe equals(name, ":authority") {
      unsafe fields.append(name: name, value: value)
    }
  }

  mutating func takeFields() -> Headers {
    let taken = fields
    fields = Headers()
    return taken
  }

  /// How long the client waits.
  var timeout: TimeAmount? { timeoutText.flatMap(GRPCTimeout.parse) }

  /// How messages are compressed, as far as the client says.
  var encoding: ServerCall.RequestEncoding { encodingText == "gzip" ? .gzip : .identity }

  /// Why a gRPC request cannot be served at all.
  var refusal: CallStatus? {
    if let encodingText, encodingText != "identity", encodingText != "gzip" {
      return CallStatus(
        .unimplemented,
        "grpc: Decompressor is not installed for grpc-encoding \"\(encodingText)\"")
    }
    if let timeoutText, timeout == nil {
      return CallStatus(.internalError, "malformed grpc-timeout: \"\(timeoutText)\"")
    }
    if method != Bytes("POST".utf8) {
      return CallStatus(.internalError, "gRPC requests must use the method POST")
    }
    return nil
  }

  /// The request as one that is not gRPC, without its body.
  mutating func httpRequest(peer: PeerIdentity) -> HTTPRequest {
    let target = String(decoding: path, as: UTF8.self)
    return HTTPRequest(
      method: String(decoding: method, as: UTF8.self), target: target, headers: takeFields(),
      peer: peer)
  }

  private func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    unsafe bytes.count == text.utf8CodeUnitCount && begins(bytes, text)
  }

  private func begins(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count >= text.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
    return unsafe memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
  }
}

extension HTTPRequest {
  /// Splits a request target into path and query.
  init(method: String, target: String, headers: Headers, peer: PeerIdentity) {
    let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
    self.init(
      method: method, path: String(target[..<(mark ?? target.endIndex)]),
      query: mark.map { String(target[target.index(after: $0)...]) }, headers: headers,
      peer: peer)
  }
}
