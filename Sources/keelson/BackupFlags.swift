internal import Jobs
internal import Member

/// What `--backup-dir`, `--backup-interval` and `--backup-retention` say.
enum BackupFlags {
  /// Returns nil where no backups are asked for.
  static func read(
    _ values: FlagValues, _ member: MemberConfiguration
  ) throws(FlagError) -> BackupSettings? {
    let folder = values.text("backup-dir")
    let interval = values.nanoseconds("backup-interval")
    if folder.isEmpty {
      for flag in ["backup-interval", "backup-retention"] where values.isGiven(flag) {
        throw FlagError(description: "--\(flag) needs --backup-dir, the folder for the snapshots")
      }
      return nil
    }
    guard interval >= 1_000_000_000 else {
      throw FlagError(
        description: "--backup-interval is \"\(values.text("backup-interval"))\"; at least 1s is"
          + " expected")
    }
    return BackupSettings(
      folder: folder, intervalSeconds: interval / 1_000_000_000,
      retention: try retention(values.text("backup-retention")), memberName: member.name,
      dataDirectory: member.dataDirectory)
  }

  private static func retention(_ text: String) throws(FlagError) -> BackupSettings.Retention {
    if let count = Int(text), (0...1_000_000).contains(count) {
      return count == 0 ? .all : .files(count)
    }
    guard let nanoseconds = GoDuration.nanoseconds(text), nanoseconds >= 1_000_000_000 else {
      throw FlagError(
        description: "--backup-retention is \"\(text)\"; a number of files such as 28, or a time"
          + " such as 336h is expected")
    }
    return .seconds(nanoseconds / 1_000_000_000)
  }
}
