/// A column of the table that lists objects of a kind.
public struct ResourceColumn: Hashable, Sendable {
  /// What a cell holds.
  public enum Kind: String, Hashable, Sendable {
    /// Text.
    case string
    /// A whole number.
    case integer
    /// Any number.
    case number
    /// True or false.
    case boolean
    /// A moment, which is shown as an age.
    case date
  }

  /// The heading.
  public var name: String
  /// What the cells hold.
  public var kind: Kind
  /// More about the cells; `name` for the column that is the object's name.
  public var format = ""
  /// 0 for columns that are always shown, more for those of wide tables.
  public var priority = 0
  /// Where the value lies in the object; nil for Kubernetes' own kinds, whose cells are computed.
  public var jsonPath: String?
}
