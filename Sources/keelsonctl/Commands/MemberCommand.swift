internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl member`
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member",
    abstract: "Tells about the members of the cluster.",
    discussion: """
      Example:
        keelsonctl member list -w table
      """,
    subcommands: [MemberList.self])
}

/// `keelsonctl member list`
struct MemberList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the members of the cluster.",
    usage: "keelsonctl member list [options]",
    discussion: """
      In the simple format: identifier, status, name, peer addresses, client addresses, is learner.

      Example:
        keelsonctl member list -w table
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("l: linearizable, s: serializable.", valueName: "l|s"))
  var consistency = "l"

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard ["l", "s"].contains(consistency) else {
      throw Failure(
        .badFeature, "unknown consistency flag " + GoSyntax.quoted(Array(consistency.utf8)))
    }
    let session = try Session(global, tables: true)
    let answer = try await session.client.members(isSerializable: consistency == "s")
    try session.print(.members(answer.message))
  }
}
