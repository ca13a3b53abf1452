/// A part of a template in kubectl's dialect of JSONPath.
enum JSONPathNode: Hashable, Sendable {
  /// Text outside of braces, or in quotes inside.
  case text(String)
  /// The parts of one pair of braces, or of one side of a comparison: each is applied to what the one before found.
  case list([JSONPathNode])
  /// A member of an object.
  case field(String)
  /// All members, or all elements.
  case wildcard
  /// The value and all that lies in it: `..`.
  case descent
  /// Elements from one index to another.
  case slice(JSONPathSlice)
  /// What several paths find: `['a','b']`.
  case union([[JSONPathNode]])
  /// The elements for which a comparison holds.
  case filter(left: [JSONPathNode], operation: String, right: [JSONPathNode])
  case integer(Int64)
  case number(Double)
  case bool(Bool)
  /// `{range}`: what follows, up to `{end}`, is carried out for each of the values.
  case range
  /// `{end}`
  case end
  /// A word that means nothing.
  case unknown(String)
}

/// A slice of an array: `[0]`, `[-1]`, `[1:3]`, `[::2]`.
struct JSONPathSlice: Hashable, Sendable {
  /// Where it begins; counted from the end if it is negative.
  var start: Int
  /// Where it ends, before the element; nil: at the end.
  var end: Int?
  /// Whether the end was not written, so that one element is meant.
  var isIndex: Bool
  var step: Int?
}
