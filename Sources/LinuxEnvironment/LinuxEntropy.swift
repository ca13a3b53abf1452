public import Environment

/// Random numbers of the kernel, fit for secrets.
public final class LinuxEntropy: Entropy {
  /// The source has no state of its own.
  public init() {}

  public func next() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }
}
