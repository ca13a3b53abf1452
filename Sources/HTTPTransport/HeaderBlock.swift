internal import CNGHTTP2
internal import Primitives

/// Header fields ready for nghttp2: made per use, or once for those that never change.
enum HeaderBlock {
  /// Fields of one call.
  case fields(Headers)
  /// Fields that live as long as the process and are not copied.
  case constant(ConstantHeaders)

  func withNameValues<Result>(
    _ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result
  ) -> Result {
    switch self {
    case .constant(let constant):
      return unsafe body(constant.fields)
    case .fields(let headers):
      return unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: headers.count) {
        memory in
        var index = 0
        var result: Result?
        unsafe headers.withAllFields { name, value, isLast in
          unsafe memory.initializeElement(
            at: index,
            to: nghttp2_nv(
              name: mutable(name), value: mutable(value), namelen: name.count,
              valuelen: value.count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
          index += 1
          if isLast { result = unsafe body(UnsafeBufferPointer(memory)) }
        }
        guard let result else { fatalError("a header block without fields") }
        return result
      }
    }
  }

  /// nghttp2 declares what it only reads as mutable.
  private func mutable(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
    unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)?
      .assumingMemoryBound(to: UInt8.self)
  }
}

/// Header fields that never change, in memory that is never freed.
@safe
final class ConstantHeaders: @unchecked Sendable {
  let fields: UnsafeBufferPointer<nghttp2_nv>

  /// What begins every answer of a gRPC method.
  static let grpcResponse = ConstantHeaders([
    (":status", "200"), ("content-type", "application/grpc"),
  ])
  /// What begins an answer with compressed messages.
  static let compressedResponse = ConstantHeaders([
    (":status", "200"), ("content-type", "application/grpc"), ("grpc-encoding", "gzip"),
  ])
  /// What ends every call that succeeded.
  static let grpcSuccess = ConstantHeaders([("grpc-status", "0"), ("grpc-message", "")])

  private init(_ pairs: [(StaticString, StaticString)]) {
    let memory = UnsafeMutableBufferPointer<nghttp2_nv>.allocate(capacity: pairs.count)
    let flags =
      NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
    for (index, (name, value)) in pairs.enumerated() {
      unsafe memory.initializeElement(
        at: index,
        to: nghttp2_nv(
          name: UnsafeMutablePointer(mutating: name.utf8Start),
          value: UnsafeMutablePointer(mutating: value.utf8Start), namelen: name.utf8CodeUnitCount,
          valuelen: value.utf8CodeUnitCount, flags: UInt8(flags)))
    }
    unsafe fields = UnsafeBufferPointer(memory)
  }
}
