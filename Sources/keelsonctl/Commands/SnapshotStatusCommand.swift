internal import ArgumentParser
internal import Primitives
internal import SnapshotFile

/// `keelsonctl snapshot status`
struct SnapshotStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tells hash, revision, keys and size of a snapshot file.",
    usage: "keelsonctl snapshot status <filename>",
    discussion: """
      Example:
        keelsonctl snapshot status backup.db -w table
      """)

  @Argument(help: ArgumentHelp("The file.", valueName: "filename"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("snapshot status requires exactly one argument")
    }
    let session = try Session(global, tables: true, messages: false)
    let status: SnapshotStatus
    do {
      status = try SnapshotStatus(of: BoltReader(FileAccess(path: words[0])))
    } catch SnapshotError.failed(let detail) {
      // It names the file.
      throw Failure(.error, detail)
    } catch {
      throw Failure(.error, "\(words[0]): \(error)")
    }
    try session.print(
      .snapshot(
        Answer.Snapshot(
          hash: status.hash, revision: status.revision.rawValue,
          totalKeys: Int64(status.totalKeys), totalBytes: status.totalSize,
          version: status.version)))
  }
}
