internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl member`
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member",
    abstract: "Tells about the members of the cluster, and changes their URLs.",
    discussion: """
      Example:
        keelsonctl member list -w table
      """,
    subcommands: [MemberList.self, MemberUpdate.self])
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
    guard words.count == 1 else { throw Failure.badArguments("member ID is not provided") }
    guard let number = UInt64(words[0], radix: 16) else {
      throw Failure.badArguments(
        "bad member ID arg (\(words[0]) is no number), expecting ID in Hex")
    }
    let urls = peerUrls.split(separator: ",").map(String.init)
    guard !urls.isEmpty else { throw Failure.badArguments("member peer urls not provided") }
    if let wrong = urls.first(where: { !$0.contains("://") }) {
      throw Failure.badArguments(
        "\(wrong) is no URL: a peer URL reads http://HOST:PORT or https://HOST:PORT")
    }
    let session = try Session(global)
    let answer = try await session.client.updateMember(MemberID(number), peerURLs: urls)
    try session.print(.memberUpdate(answer.message, member: MemberID(number)))
  }
}
