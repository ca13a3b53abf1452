/// How much of what members write for each other a release understands: entries of the log and replicated state.
///
/// A release that adds to either raises the newest level by one, and writes the addition only in a cluster whose
/// level has reached it, so that members can be upgraded one by one while all of them follow.
public struct FeatureLevel: RawRepresentable, Hashable, Comparable, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// What a member understands that has not said it: it has not started yet.
  public static let unknown = FeatureLevel(rawValue: 0)
  /// What every release understands.
  public static let first = FeatureLevel(rawValue: 1)
  /// What this release understands.
  public static let newest = first

  public static func < (left: FeatureLevel, right: FeatureLevel) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension FeatureLevel: CustomStringConvertible {
  public var description: String { "\(rawValue)" }
}
