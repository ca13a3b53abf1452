internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl migrate-from`
struct MigrateFrom: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate-from",
    abstract:
      "Moves all keys, leases, users and roles of a live store here, and follows its changes.",
    usage: "keelsonctl migrate-from [options] <source endpoints>",
    discussion: """
      The source goes on serving. Its keys are copied as of one revision, then every change follows, in \
      order, what one transaction changed together in one transaction. With --cut-over the command waits until \
      nobody writes to the source any more, gives the keys their leases with the time that they have \
      left, compares both stores key by key, and ends: with 0 if they are equal, else with 1. Without \
      --cut-over it follows until it is interrupted.

      Revisions are the destination's own. Users get passwords that nobody knows, because a \
      server does not tell them: set each with 'keelsonctl user passwd'.

      The destination must be empty, unless --overwrite is given: then what differs from the \
      source is replaced, and what the source has not is deleted. So a migration that was interrupted \
      goes on.

      Example:
        keelsonctl --endpoints 10.0.0.9:2379 migrate-from 10.0.0.1:2379,10.0.0.2:2379
        keelsonctl --endpoints 10.0.0.9:2379 migrate-from --overwrite --cut-over 10.0.0.1:2379
      """)

  @Flag(help: "End when the source is quiet and both stores are the same.")
  var cutOver = false

  @Flag(
    help:
      "Make a destination that has keys the same as the source; deletes what the source has not.")
  var overwrite = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "For how long the source must have been still (default: 5s).", valueName: "duration"))
  var quiet = "5s"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long --cut-over waits for that (default: without end).", valueName: "duration"))
  var cutOverTimeout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Changes in one transaction, as far as the destination's --max-txn-ops lets.",
      valueName: "count"))
  var maxTxnOps = 128

  @Flag(help: "Leave users and roles alone.")
  var withoutUsers = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Authorities that the source's certificate must come from.", valueName: "file"))
  var sourceCacert: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The client's certificate there.", valueName: "file"))
  var sourceCert: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("That certificate's private key.", valueName: "file"))
  var sourceKey: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The user there, or user:password.", valueName: "name"))
  var sourceUser: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("That user's password.", valueName: "password"))
  var sourcePassword: String?

  @Argument(help: ArgumentHelp("The source's endpoints.", valueName: "endpoints"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("migrate-from takes one argument, the endpoints of the source")
    }
    guard maxTxnOps > 0 else { throw Failure.badArguments("--max-txn-ops must be at least 1") }
    let session = try Session(global)
    var there = global
    there.connection.endpoints = words[0]
    there.connection.insecureTransport = nil
    (there.connection.cacert, there.connection.cert, there.connection.key) = (
      sourceCacert, sourceCert, sourceKey
    )
    (there.connection.user, there.connection.password) = (sourceUser, sourcePassword)
    // What the environment says is about the destination.
    let sourceSettings = try Settings(there, environment: [:])
    guard Set(sourceSettings.endpoints).isDisjoint(with: session.settings.endpoints) else {
      throw Failure.badArguments(
        "the source is the destination: name the destination with --endpoints")
    }
    let source = try sourceSettings.client()
    let migration = Migration(
      source: source, destination: session.client, operationsMax: maxTxnOps)
    try await migration.prepare(overwrites: overwrite)
    if !withoutUsers { try await migration.copyUsers() }
    try await migration.bringUp()
    guard cutOver else {
      try await migration.follow { _ in false }
      return
    }
    let limit = try cutOverTimeout.map { try duration("cut-over-timeout", $0) }
    let verdict = try await migration.cutOver(
      quiet: try duration("quiet", quiet), limit: limit, copiesUsers: !withoutUsers)
    Output.write(verdict.text)
    if !verdict.isEqual { throw Failure(.error, "the stores differ; see above") }
  }

  private func duration(_ name: String, _ text: String) throws(Failure) -> Duration {
    guard let duration = GoSyntax.duration(text), duration >= .zero else {
      throw .badArguments("--\(name): \(text) is no duration such as 5s or 1m30s")
    }
    return duration
  }
}
