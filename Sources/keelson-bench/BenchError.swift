/// Why a measurement does not count.
struct BenchError: Error, CustomStringConvertible {
  /// What a person can act on.
  var description: String

  init(_ description: String) { self.description = description }
}
