internal import ArgumentParser

/// `keelsonctl snapshot`
struct Snapshot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Saves the store to a file, tells about such files, and restores them.",
    discussion: """
      Example:
        keelsonctl snapshot save backup.db
      """,
    subcommands: [SnapshotRestore.self, SnapshotSave.self, SnapshotStatusCommand.self])
}
