public import Primitives

/// What can stand for a key or a value: bytes, or text as UTF-8.
public protocol BytesConvertible: Sendable {
  /// The bytes that are stored.
  var storedBytes: Bytes { get }
}

extension [UInt8]: BytesConvertible {
  /// The bytes themselves.
  public var storedBytes: Bytes { self }
}

extension ArraySlice<UInt8>: BytesConvertible {
  /// A copy of the bytes.
  public var storedBytes: Bytes { Bytes(self) }
}

extension String: BytesConvertible {
  /// The text as UTF-8.
  public var storedBytes: Bytes { Bytes(utf8) }
}

extension Substring: BytesConvertible {
  /// The text as UTF-8.
  public var storedBytes: Bytes { Bytes(utf8) }
}
