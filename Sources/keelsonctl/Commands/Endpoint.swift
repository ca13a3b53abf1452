internal import ArgumentParser
internal import EtcdProtocol
internal import KeelsonClient
internal import Primitives

/// The flag of the commands that may concern every member.
struct ClusterArguments: ParsableArguments {
  @Flag(help: "Ask the cluster for its members, and take them all.")
  var cluster = false
}

/// `keelsonctl endpoint`
struct Endpoint: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoint",
    abstract: "Tells about the servers behind the endpoints.",
    discussion: """
      Example:
        keelsonctl endpoint status --cluster -w table
      """,
    subcommands: [EndpointHashKV.self, EndpointHealth.self, EndpointStatus.self])
}

/// `keelsonctl endpoint health`
struct EndpointHealth: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Tells whether each endpoint can serve, and how long an answer takes.",
    usage: "keelsonctl endpoint health [options]",
    discussion: """
      Example:
        keelsonctl endpoint health --cluster
      """)

  @OptionGroup var cluster: ClusterArguments

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global, tables: true, messages: false)
    let settings = session.settings
    let endpoints = try await session.endpoints(ofCluster: cluster.cluster)
    let healths = await concurrently(endpoints) { endpoint in
      let begin = ContinuousClock.now
      var health = Answer.Health(took: .zero, error: nil)
      do {
        health.took = try await settings.client(of: [endpoint]).checkHealth()
      } catch {
        health.took = ContinuousClock.now - begin
        health.error = Failure(error).message
      }
      return Answer.Of(endpoint: endpoint, content: health)
    }
    try session.print(.healths(healths))
    let failed = healths.filter { $0.content.error != nil }
    guard !failed.isEmpty else { return }
    if settings.format == .simple {
      for health in failed {
        Output.writeError(
          "\(health.endpoint) is unhealthy: failed to commit proposal: "
            + "\(health.content.error ?? "")\n")
      }
    }
    throw Failure(.error, "unhealthy cluster")
  }
}

/// `keelsonctl endpoint status`
struct EndpointStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tells version, size, leader and log position of each endpoint.",
    usage: "keelsonctl endpoint status [options]",
    discussion: """
      Example:
        keelsonctl endpoint status -w table
      """)

  @OptionGroup var cluster: ClusterArguments

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global, tables: true, messages: false)
    let endpoints = try await session.endpoints(ofCluster: cluster.cluster)
    let answers = try await EachEndpoint.ask(
      endpoints, session.settings, failing: "Failed to get the status of endpoint"
    ) { client async throws(KeelsonError) in try await client.status().message }
    try session.print(.statuses(answers.answered))
    if let failure = answers.failure { throw failure }
  }
}

/// `keelsonctl endpoint hashkv`
struct EndpointHashKV: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hashkv",
    abstract: "Prints the hash of the history of each endpoint: equal data have equal hashes.",
    usage: "keelsonctl endpoint hashkv [options]",
    discussion: """
      Example:
        keelsonctl endpoint hashkv --cluster --rev 1000
      """)

  @OptionGroup var cluster: ClusterArguments

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The history up to this revision (default: all).", valueName: "revision"))
  var rev: Int64 = 0

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global, tables: true, messages: false)
    let endpoints = try await session.endpoints(ofCluster: cluster.cluster)
    let revision = Revision(rev)
    let answers = try await EachEndpoint.ask(
      endpoints, session.settings, failing: "Failed to get the hash of endpoint"
    ) { client async throws(KeelsonError) in try await client.hashKV(at: revision).message }
    try session.print(.hashes(answers.answered))
    if let failure = answers.failure { throw failure }
  }
}

/// Asks one endpoint after the other.
enum EachEndpoint {
  /// What was answered, and the last failure; each failure is told on standard error at once.
  static func ask<Content: Sendable>(
    _ endpoints: [String], _ settings: Settings, failing: String,
    _ body: (StoreClient) async throws(KeelsonError) -> Content
  ) async throws(Failure) -> (answered: [Answer.Of<Content>], failure: Failure?) {
    var answered: [Answer.Of<Content>] = []
    var failure: Failure?
    for endpoint in endpoints {
      let client = try settings.client(of: [endpoint])
      do throws(KeelsonError) {
        answered.append(Answer.Of(endpoint: endpoint, content: try await body(client)))
      } catch {
        Output.writeError("\(failing) \(endpoint) (\(error.message))\n")
        failure = Failure(error)
      }
    }
    return (answered, failure)
  }
}
