/// A source of random numbers; safe from any thread.
public protocol Entropy: AnyObject, Sendable {
  /// The next 64 random bits.
  func next() -> UInt64
}

extension Entropy {
  /// A number from 0 up to, but not including, `bound`, each as likely as any other.
  ///
  /// Multiplies instead of dividing, and draws again in the rare biased case (Lemire, "Fast Random
  /// Integer Generation in an Interval", 2019).
  public func next(below bound: UInt64) -> UInt64 {
    guard bound > 0 else { return 0 }
    let biased = (0 &- bound) % bound
    while true {
      let (high, low) = next().multipliedFullWidth(by: bound)
      if low >= biased { return high }
    }
  }
}
