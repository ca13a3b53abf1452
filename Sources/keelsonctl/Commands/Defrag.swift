internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl defrag`
struct Defrag: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Gives space in the files of each endpoint back to the file system.",
    usage: "keelsonctl defrag [options]",
    discussion: """
      Example:
        keelsonctl defrag --cluster
      """)

  @OptionGroup var cluster: ClusterArguments

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
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
}
