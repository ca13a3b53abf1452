/// The bounds of one document; a document beyond any of them is refused with an error at the place.
public struct DocumentLimits: Hashable, Sendable {
  /// Bytes of text. The store takes objects of 1.5 MiB, but a `List` holds many.
  public var bytes = 64 * 1024 * 1024
  /// Maps and lists inside one another.
  public var depth = 100
  /// Scalars, maps and lists, those that aliases repeat included.
  public var nodes = 4_000_000
  /// Scalars, maps and lists that aliases repeat, which is what a "YAML bomb" is made of.
  public var repeatedNodes = 100_000
  /// Bytes of the scalars that aliases repeat.
  public var repeatedBytes = 8 * 1024 * 1024

  /// The bounds that stand unless something else is said.
  public init() {}
}
