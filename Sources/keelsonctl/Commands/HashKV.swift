internal import ArgumentParser
internal import Primitives
internal import SnapshotFile

/// `keelsonctl hashkv`
struct HashKV: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hashkv",
    abstract: "Prints the hash of the history in a snapshot file.",
    usage: "keelsonctl hashkv <filename> [options]",
    discussion: """
      It is the hash that 'endpoint hashkv' prints of a server that holds the same, together with the revision \
      that was hashed and the one that was compacted last (-1 if none was). A snapshot's checksum is checked; the \
      database of an etcd that does not run (member/snap/db) has none, and is taken without.

      Example:
        keelsonctl hashkv backup.db --rev 1000
      """)

  @Argument(help: ArgumentHelp("The file.", valueName: "filename"))
  var words: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The history up to this revision (default: all).", valueName: "revision"))
  var rev: Int64 = 0

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("hashkv requires exactly one argument")
    }
    guard rev >= 0 else { throw Failure.badArguments("--rev must not be negative") }
    let session = try Session(global, tables: true, messages: false)
    let found: SnapshotHash
    do {
      let reader = try SnapshotReader(FileAccess(path: words[0]), integrity: .present)
      found = try SnapshotHash(of: reader, at: Revision(rev))
    } catch {
      throw Failure(.error, "\(words[0]): \(error)")
    }
    try session.print(
      .fileHash(
        Answer.FileHash(
          hash: found.hash, revision: found.revision.rawValue,
          compactRevision: found.compacted == .zero ? -1 : found.compacted.rawValue)))
  }
}
