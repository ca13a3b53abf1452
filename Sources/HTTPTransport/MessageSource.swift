public import Primitives

/// A message that is made piece by piece, as its connection takes it, so that a large answer needs
/// no memory of its own.
///
/// It is made on any thread, and then read on the event loop of one call; it is let go when its last
/// byte was read, or when the call has ended before.
public protocol MessageSource: AnyObject, Sendable {
  /// Bytes of the whole message; it never changes.
  var count: Int { get }

  /// Writes the message's next bytes, until `writer` is full. It must not block.
  func read(into writer: inout MessageWriter)
}

extension MessageSource {
  /// All that has not been read yet, for those who need it in one piece.
  func whole() -> Bytes { Bytes.message(count: count) { read(into: &$0) } }
}
