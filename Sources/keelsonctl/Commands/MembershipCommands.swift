internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// What the commands about one member take.
enum MemberArguments {
  /// The member that the only word names.
  static func member(_ words: [String]) throws(Failure) -> MemberID {
    guard words.count == 1 else { throw Failure.badArguments("member ID is not provided") }
    guard let number = UInt64(words[0], radix: 16) else {
      throw Failure.badArguments(
        "bad member ID arg (\(words[0]) is no number), expecting ID in Hex")
    }
    return MemberID(number)
  }

  /// The peer URLs of a flag.
  static func peerURLs(_ text: String) throws(Failure) -> [String] {
    let urls = text.split(separator: ",").map(String.init)
    guard !urls.isEmpty else { throw Failure.badArguments("member peer urls not provided") }
    if let wrong = urls.first(where: { !$0.contains("://") }) {
      throw Failure.badArguments(
        "\(wrong) is no URL: a peer URL reads http://HOST:PORT or https://HOST:PORT")
    }
    return urls
  }
}

/// `keelsonctl member add`
struct MemberAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Has a member join the cluster, and prints what it is to be started with.",
    usage:
      "keelsonctl member add <memberName> --peer-urls <URL>,... [--learner [--promote-when-ready]]",
    discussion: """
      A learner receives the data without a vote, until it is promoted: so a member that has far to catch up costs
      the cluster no quorum. With --promote-when-ready the leader promotes it as soon as it has caught up.

      Example:
        keelsonctl member add m4 --peer-urls http://10.0.0.4:2380 --learner --promote-when-ready
      """)

  @Option(help: ArgumentHelp("Its URLs for other members, separated by commas.", valueName: "URLs"))
  var peerUrls = ""

  @Flag(help: "Without a vote.")
  var learner = false

  @Flag(help: "Has a learner get its vote as soon as it has caught up, whoever leads then.")
  var promoteWhenReady = false

  @Argument(help: ArgumentHelp("What the member is called.", valueName: "memberName"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard let name = words.first else { throw Failure.badArguments("member name not provided") }
    if words.count > 1 {
      let urls = words.filter { $0.lowercased().hasPrefix("http") }
      throw Failure.badArguments(
        "too many arguments" + urls.map { ", did you mean --peer-urls=\($0)" }.joined())
    }
    let urls = try MemberArguments.peerURLs(peerUrls)
    if promoteWhenReady, !learner {
      throw Failure.badArguments(
        "--promote-when-ready needs --learner: others have their vote at once")
    }
    let session = try Session(global)
    let answer = try await session.client.addMember(
      peerURLs: urls, isLearner: learner, promotesWhenReady: promoteWhenReady)
    try session.print(.memberAdd(answer.message, name: name))
  }
}

/// `keelsonctl member remove`
struct MemberRemove: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Has a member leave the cluster for good.",
    usage: "keelsonctl member remove <memberID>",
    discussion: """
      Example:
        keelsonctl member remove 8211f1d0f64f3269
      """)

  @Argument(help: ArgumentHelp("The member, in hexadecimal.", valueName: "memberID"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let member = try MemberArguments.member(words)
    let session = try Session(global)
    let answer = try await session.client.removeMember(member)
    try session.print(.memberChange(answer.message, member: member, done: "removed from"))
  }
}

/// `keelsonctl member promote`
struct MemberPromote: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote",
    abstract: "Gives a learner that has caught up its vote.",
    usage: "keelsonctl member promote <memberID>",
    discussion: """
      Example:
        keelsonctl member promote 9bf1b35fc7761a23
      """)

  @Argument(help: ArgumentHelp("The member, in hexadecimal.", valueName: "memberID"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let member = try MemberArguments.member(words)
    let session = try Session(global)
    let answer = try await session.client.promoteMember(member)
    try session.print(.memberChange(answer.message, member: member, done: "promoted in"))
  }
}
