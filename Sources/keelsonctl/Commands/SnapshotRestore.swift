internal import ArgumentParser
internal import EtcdReplay
internal import Member
internal import Primitives
internal import SnapshotFile

/// `keelsonctl snapshot restore`
struct SnapshotRestore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract:
      "Makes a data directory from a snapshot of Keelson or etcd, or from etcd's own data directory.",
    usage: "keelsonctl snapshot restore <filename|etcd-dir> --data-dir <dir> [options]",
    discussion: """
      A data directory of etcd, which must not run, is taken with its log: everything that etcd had \
      acknowledged is there, also what its database had not taken in when it ended. With several \
      members take the directory of the last leader.

      The directory belongs to a new cluster of one member. Its revision is raised, and everything up to \
      it is marked as compacted, so that clients that saw later states than the snapshot's begin anew; \
      --bump-revision 0 --mark-compacted=false keeps revisions and history as they are.

      Example:
        keelsonctl snapshot restore backup.db --data-dir ./data
        keelsonctl snapshot restore /var/lib/etcd --data-dir /var/lib/keelson
      """)

  @Argument(
    help: ArgumentHelp("The file, or the data directory of an etcd.", valueName: "filename"))
  var words: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The directory to make (default: <name>.etcd).", valueName: "dir"))
  var dataDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where the log shall lie (default: in the data directory).", valueName: "dir"))
  var walDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where the log of that etcd lies (default: in its data directory).", valueName: "dir"))
  var sourceWalDir: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("The member's name.", valueName: "name"))
  var name = "default"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where other members will reach it.", valueName: "urls"))
  var initialAdvertisePeerUrls = "http://localhost:2380"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The cluster: this member (default: from the name and the peer URLs).", valueName: "name=url")
  )
  var initialCluster: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What tells clusters of equal URLs apart.", valueName: "token"))
  var initialClusterToken = "etcd-cluster"

  @Flag(help: "Take a file without a hash: one that was copied from a data directory.")
  var skipHashCheck = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How far to raise the revision.", valueName: "count"))
  var bumpRevision = RestoreOptions().bumpRevision

  @Flag(inversion: .prefixedNo, help: "Mark everything up to the new revision as compacted.")
  var markCompacted = RestoreOptions().marksCompacted

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("snapshot restore requires exactly one argument")
    }
    let options = try restoreOptions()
    let directory = dataDir ?? name + ".etcd"
    let result: RestoreResult
    do {
      result = try DataDirectory.create(at: directory, from: source(), options: options)
    } catch let error as SnapshotError {
      var hint = ""
      if case .badHash = error {
        hint = "; a file that was copied from a data directory is taken with --skip-hash-check"
      }
      throw Failure(.error, "\(words[0]): \(error)\(hint)")
    }
    let replayed =
      result.replayed == 0 ? "" : " and \(result.replayed) entries of the log behind them"
    Output.write(
      "restored \(result.records) records\(replayed) at revision \(result.revision) to \(directory), "
        + "member \(result.member) of cluster \(result.cluster)\n")
  }

  /// What is restored from.
  private func source() throws -> RestoreSource {
    guard EtcdDirectory.isOne(words[0]) else {
      if sourceWalDir != nil {
        throw Failure.badArguments(
          "--source-wal-dir belongs to a data directory of etcd, and \(words[0]) is none")
      }
      return try RestoreSource(
        SnapshotReader(
          FileAccess(path: words[0]), integrity: skipHashCheck ? .skipped : .required))
    }
    let etcd = try EtcdDirectory(path: words[0], walPath: sourceWalDir)
    if let torn = etcd.tornTail {
      Output.writeError("note: the log ends in a record that was not written to its end: \(torn)\n")
    }
    if etcd.uncommittedCount > 0 {
      Output.writeError(
        "note: \(etcd.uncommittedCount) entries at the log's end are left out, because this member did not "
          + "know them to be committed; one of the other members' directories may have more\n")
    }
    return try RestoreSource(etcd)
  }

  private func restoreOptions() throws(Failure) -> RestoreOptions {
    var options = RestoreOptions()
    options.name = name
    options.peerURLs = initialAdvertisePeerUrls.split(separator: ",").map(String.init)
    options.clusterToken = initialClusterToken
    options.logDirectory = walDir
    options.marksCompacted = markCompacted
    guard bumpRevision >= 0 else {
      throw .badArguments("--bump-revision must not be negative")
    }
    options.bumpRevision = bumpRevision
    if let initialCluster {
      let expected = Set(options.peerURLs.map { "\(name)=\($0)" })
      guard Set(initialCluster.split(separator: ",").map(String.init)) == expected else {
        throw .badArguments(
          "--initial-cluster must name this member alone: "
            + expected.sorted().joined(separator: ","))
      }
    }
    return options
  }
}
