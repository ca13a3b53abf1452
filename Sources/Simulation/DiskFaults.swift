internal import Environment

/// A call of a simulated disk that is to fail.
public struct DiskFault: Hashable, Sendable {
  /// Whether the fault goes away.
  public enum Duration: Hashable, Sendable {
    /// Only that call fails.
    case once
    /// That call and all that follow fail.
    case forGood
  }

  /// What the failing call reports.
  public enum Kind: Hashable, Sendable {
    /// The disk is full; only calls that need space fail.
    case noSpace
    /// The device reports an error (EIO); a failing write may leave a part, a failing sync loses writes.
    case inputOutput
    /// The file system turned read-only; only calls that change something fail.
    case readOnly
    /// The power goes during the call: it and all that follow fail, what it was to write or rename may
    /// have got through or not, and `crash` decides. Always for good.
    case powerLoss
  }

  /// Which call fails, from 1, counted over all calls of the disk.
  public var call: Int
  /// For how long.
  public var duration: Duration
  /// How.
  public var kind: Kind

  /// Describes a fault.
  public init(call: Int, duration: Duration, kind: Kind) {
    self.call = call
    self.duration = duration
    self.kind = kind
  }

  /// The error that a call reports, or nil if the fault does not touch it.
  func error(for attempt: FileAttempt) -> FileError? {
    switch kind {
    case .inputOutput, .powerLoss: return .inputOutput(attempt, errno: 5)
    case .noSpace:
      switch attempt.operation {
      case .write, .preallocate, .createDirectory, .rename: return .noSpace(attempt)
      default: return nil
      }
    case .readOnly:
      switch attempt.operation {
      case .write, .preallocate, .truncate, .createDirectory, .rename, .remove:
        return .readOnly(attempt)
      default: return nil
      }
    }
  }
}
