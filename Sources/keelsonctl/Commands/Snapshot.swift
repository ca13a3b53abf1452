internal import ArgumentParser

/// `keelsonctl snapshot`
struct Snapshot: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Saves the store to a file, and tells about such files.",
    discussion: """
      Example:
        keelsonctl snapshot save backup.db
      """,
    subcommands: [SnapshotSave.self, SnapshotStatusCommand.self])
}
