internal import ArgumentParser
internal import KeelsonClient
internal import Member

/// `keelsonctl defrag`
struct Defrag: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Gives space in the files of each endpoint back to the file system.",
    usage: "keelsonctl defrag [options]",
    discussion: """
      A server does this by itself while it runs, and only hastens it here. With --data-dir the files of a \
      Keelson that does not run are rewritten without what was compacted or overwritten, and the bytes before and \
      after are told; no server is asked.

      Example:
        keelsonctl defrag --cluster
        keelsonctl defrag --data-dir /var/lib/keelson
      """)

  @OptionGroup var cluster: ClusterArguments

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The data directory of a member that does not run.", valueName: "dir"))
  var dataDir: String?

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    if let dataDir {
      if cluster.cluster {
        throw Failure.badArguments(
          "--data-dir is of a member that does not run, --cluster asks servers")
      }
      return try rewrite(dataDir)
    }
    let session = try Session(global, tables: true)
    var failures = 0
    for endpoint in try await session.endpoints(ofCluster: cluster.cluster) {
      let begin = ContinuousClock.now
      do {
        try await session.settings.client(of: [endpoint]).defragment()
        let took = GoSyntax.text(ContinuousClock.now - begin)
        Output.write("Finished defragmenting etcd member[\(endpoint)]. took \(took)\n")
      } catch {
        let took = GoSyntax.text(ContinuousClock.now - begin)
        Output.writeError(
          "Failed to defragment etcd member[\(endpoint)]. took \(took). (\(Failure(error).message))\n"
        )
        failures += 1
      }
    }
    if failures > 0 { throw Failure(.error, "") }
  }
  private func rewrite(_ directory: String) throws(Failure) {
    let begin = ContinuousClock.now
    do throws(MemberError) {
      let sizes = try DataDirectory.reclaim(at: directory)
      Output.write(
        "Finished defragmenting directory \(directory). took \(GoSyntax.text(ContinuousClock.now - begin)), "
          + "\(sizes.before) bytes before and \(sizes.after) after\n")
    } catch {
      throw Failure(.error, "\(error)")
    }
  }
}
