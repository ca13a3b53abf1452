internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl member`
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member",
    abstract: "Tells about the members of the cluster, and has members join, leave and vote.",
    discussion: """
      Example:
        keelsonctl member list -w table
      """,
    subcommands: [
      MemberAdd.self, MemberList.self, MemberPromote.self, MemberRemove.self, MemberUpdate.self,
    ])
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

/// `keelsonctl member update`
struct MemberUpdate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update",
    abstract: "Replaces the URLs at which other members reach a member.",
    usage: "keelsonctl member update <memberID> --peer-urls <URL>,...",
    discussion: """
      Example:
        keelsonctl member update 8211f1d0f64f3269 --peer-urls http://10.0.0.1:2380
      """)

  @Option(help: ArgumentHelp("The new URLs, separated by commas.", valueName: "URLs"))
  var peerUrls = ""

  @Argument(help: ArgumentHelp("The member, in hexadecimal.", valueName: "memberID"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let member = try MemberArguments.member(words)
    let urls = try MemberArguments.peerURLs(peerUrls)
    let session = try Session(global)
    let answer = try await session.client.updateMember(member, peerURLs: urls)
    try session.print(.memberChange(answer.message, member: member, done: "updated in"))
  }
}
