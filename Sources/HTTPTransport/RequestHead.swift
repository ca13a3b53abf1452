internal import Glibc
internal import NIOCore
internal import Primitives

/// The header block of a request while its fields arrive; one per connection, used again and again.
///
/// Calls on one connection mostly carry the same fields. So each block is compared, field by field
/// as it arrives, with the one before, and where all are equal it shares that one's list: nothing
/// is stored or looked at again. What changes from call to call, the path and the timeout, is kept
/// apart.
@safe
final class RequestHead {
  /// What the fields of a block say.
  private struct Facts {
    var isGRPC = false
    var encodingText: String?
    var acceptsGzip = false
  }

  private var isRequest = false
  private var listBytes = 0
  private var isPost = false
  private var otherMethod: Bytes = []
  private var timeoutText: String?
  /// The path's route, if it is one of those that the connection used last.
  private(set) var route: Route?
  private var otherPath: Bytes = []

  /// The list of the block that was read before, and a copy of its bytes to compare with.
  private var known = Headers()
  private var knownFacts = Facts()
  private var knownBytes: UnsafeMutableRawBufferPointer
  /// How many of those bytes the present block has repeated.
  private var matched = 0
  /// Whether the present block has only repeated so far; `fields` and `facts` hold it otherwise.
  private var repeats = true
  private var fields = Headers()
  private var facts = Facts()

  private let routes = RouteCache()

  /// What a field counts for beyond its bytes (RFC 9113, section 6.5.2).
  private static let fieldOverhead = 32

  init() { unsafe knownBytes = UnsafeMutableRawBufferPointer(start: nil, count: 0) }

  deinit { unsafe knownBytes.deallocate() }

  func begin(stream: Int32, isRequest: Bool) {
    self.isRequest = isRequest
    listBytes = 0
    isPost = false
    if timeoutText != nil { timeoutText = nil }
    route = nil
    matched = 0
    repeats = true
  }

  /// Takes a field; false if the list is too long.
  func add(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    listBytes += name.count + value.count + Self.fieldOverhead
    if listBytes > Limits.headerListBytes { return false }
    guard isRequest else { return true }
    if unsafe name.first == UInt8(ascii: ":"), unsafe !equals(name, ":authority") {
      unsafe addPseudo(name: name, value: value)
    } else if unsafe equals(name, "grpc-timeout") {
      timeoutText = unsafe String(decoding: value, as: UTF8.self)
    } else if unsafe !repeats || !isRepeated(name: name, value: value) {
      unsafe addOther(name: name, value: value)
    }
    return true
  }

  /// Whether a field is the one that stood in this place of the block before.
  @inline(__always)
  private func isRepeated(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Bool {
    let end = unsafe Headers.matchingField(
      in: UnsafeRawBufferPointer(knownBytes), at: matched, name: name, value: value)
    guard let end else { return false }
    matched = end
    return true
  }

  /// Takes a field that the block before did not have in this place.
  private func addOther(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    if repeats { stopRepeating() }
    unsafe fields.append(name: name, value: value)
    unsafe note(name: name, value: value)
  }

  /// Begins a list of its own with what has been repeated.
  private func stopRepeating() {
    repeats = false
    fields = Headers()
    facts = Facts()
    let repeated = unsafe UnsafeRawBufferPointer(rebasing: knownBytes[..<matched])
    unsafe Headers.visit(repeated) { name, value in
      unsafe fields.append(name: name, value: value)
      unsafe note(name: name, value: value)
      return true
    }
  }

  private func note(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    if unsafe equals(name, "content-type") {
      facts.isGRPC = unsafe begins(value, "application/grpc")
    } else if unsafe equals(name, "grpc-encoding") {
      facts.encodingText = unsafe String(decoding: value, as: UTF8.self)
    } else if unsafe equals(name, "grpc-accept-encoding") {
      facts.acceptsGzip = unsafe String(decoding: value, as: UTF8.self).split(separator: ",")
        .contains { $0.filter { $0 != " " } == "gzip" }
    }
  }

  private func addPseudo(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    if unsafe equals(name, ":path") {
      route = unsafe routes.known(value)
      if route == nil { otherPath = unsafe Bytes(value) }
    } else if unsafe equals(name, ":method") {
      isPost = unsafe equals(value, "POST")
      if !isPost { otherMethod = unsafe Bytes(value) }
    }
  }

  /// Ends the block: what it holds is what the next one is compared with.
  func end() {
    if unsafe repeats && matched == knownBytes.count { return }
    if repeats { stopRepeating() }
    known = fields
    knownFacts = facts
    fields = Headers()
    unsafe knownBytes.deallocate()
    unsafe knownBytes = known.copiedStorage()
  }

  // MARK: What an ended block says

  /// The header fields, `:authority` among them; without the other pseudo-header fields and
  /// `grpc-timeout`.
  var headers: Headers { known }

  /// Whether the request is a gRPC call.
  var isGRPC: Bool { knownFacts.isGRPC }

  /// Whether the client takes compressed messages.
  var acceptsGzip: Bool { knownFacts.acceptsGzip }

  /// How long the client waits.
  var timeout: TimeAmount? { timeoutText.flatMap(GRPCTimeout.parse) }

  /// How messages are compressed, as far as the client says.
  var encoding: ServerCall.RequestEncoding {
    knownFacts.encodingText == nil || knownFacts.encodingText != "gzip" ? .identity : .gzip
  }

  /// The route of a gRPC call.
  func route(in configuration: ServerConfiguration) -> Route {
    route ?? routes.resolve(otherPath, in: configuration)
  }

  /// Why a gRPC request cannot be served at all.
  var refusal: CallStatus? {
    if let text = knownFacts.encodingText, text != "identity", text != "gzip" {
      return CallStatus(
        .unimplemented, "grpc: Decompressor is not installed for grpc-encoding \"\(text)\"")
    }
    if let timeoutText, timeout == nil {
      return CallStatus(.internalError, "malformed grpc-timeout: \"\(timeoutText)\"")
    }
    if !isPost { return CallStatus(.internalError, "gRPC requests must use the method POST") }
    return nil
  }

  /// The request as one that is not gRPC, without its body.
  func httpRequest(peer: PeerIdentity) -> HTTPRequest {
    HTTPRequest(
      method: isPost ? "POST" : String(decoding: otherMethod, as: UTF8.self),
      target: route?.path ?? String(decoding: otherPath, as: UTF8.self), headers: known,
      peer: peer)
  }

  @inline(__always)
  private func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    unsafe bytes.count == text.utf8CodeUnitCount && begins(bytes, text)
  }

  @inline(__always)
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
