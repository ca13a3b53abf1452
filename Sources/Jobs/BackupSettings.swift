/// How full snapshots are written on a schedule.
public struct BackupSettings: Hashable, Sendable {
  /// Which of the older files stay. The newest always does.
  public enum Retention: Hashable, Sendable {
    /// All of them.
    case all
    /// This many, the newest.
    case files(Int)
    /// Those of the last so many seconds.
    case seconds(Int64)
  }

  /// Where the files go; made if it is missing.
  public var folder: String
  /// Seconds from one file to the next, at least 1.
  public var intervalSeconds: Int64
  /// What becomes of older files.
  public var retention: Retention
  /// The member's name, which is part of the files' names: several members may share a folder.
  public var memberName: String
  /// The folder of the store's own data: where it shares a file system with the backups, room is left for it.
  public var dataDirectory: String

  /// Describes a schedule.
  public init(
    folder: String, intervalSeconds: Int64, retention: Retention, memberName: String,
    dataDirectory: String
  ) {
    self.folder = folder
    self.intervalSeconds = max(1, intervalSeconds)
    self.retention = retention
    self.memberName = memberName
    self.dataDirectory = dataDirectory
  }
}

/// Why a backup failed, in words for an operator.
struct BackupFailure: Error, CustomStringConvertible {
  let description: String
}
