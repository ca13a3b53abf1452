public import Primitives

/// Reads any bytes as a stored object, and holds what comes out to its own rules: the entry for fuzzers.
///
/// What protobuf can be read must survive being written and read again.
public func fuzzStoredObject(_ bytes: Bytes) {
  guard case .protobuf(let object) = StoredValue(bytes),
    let encoded = try? ObjectCodec.encode(object.value, as: .protobuf)
  else { return }
  do throws(CodecError) {
    let again = try ObjectCodec.decode(encoded.bytes)
    let twice = try ObjectCodec.encode(again.value, as: .protobuf)
    invariant(
      twice.bytes == encoded.bytes, "an object does not survive its encoding: \(object.value)")
  } catch {
    fatalError("an object that was written cannot be read: \(error)")
  }
}
