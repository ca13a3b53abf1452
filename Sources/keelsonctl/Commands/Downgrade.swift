internal import ArgumentParser
internal import EtcdProtocol
internal import KeelsonClient

/// `keelsonctl downgrade`
struct Downgrade: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "downgrade",
    abstract: "Asks a cluster whether it can go back to an older version, and has it do so.",
    discussion: """
      Keelson refuses each version: what it has on disk is its own. The way back to etcd is a snapshot.

      Example:
        keelsonctl downgrade validate 3.6
      """,
    subcommands: [DowngradeValidate.self, DowngradeEnable.self, DowngradeCancel.self])
}

/// The argument of two of the commands.
struct TargetVersion: ParsableArguments {
  @Argument(help: ArgumentHelp("The older version: 3.6.", valueName: "TARGET_VERSION"))
  var words: [String] = []

  func version() throws(Failure) -> String {
    guard let version = words.first else { throw .badArguments("TARGET_VERSION not provided") }
    guard words.count == 1 else { throw .badArguments("too many arguments") }
    return version
  }
}

/// `keelsonctl downgrade validate`
struct DowngradeValidate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Asks whether the cluster could go back to a version.",
    usage: "keelsonctl downgrade validate <TARGET_VERSION>",
    discussion: """
      Example:
        keelsonctl downgrade validate 3.6
      """)

  @OptionGroup var target: TargetVersion
  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let version = try target.version()
    let session = try Session(global)
    let answer = try await session.client.downgrade(.validate, to: version)
    try session.print(.downgrade(answer.message, "validate"))
  }
}

/// `keelsonctl downgrade enable`
struct DowngradeEnable: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable",
    abstract: "Begins to go back to a version.",
    usage: "keelsonctl downgrade enable <TARGET_VERSION>",
    discussion: """
      Example:
        keelsonctl downgrade enable 3.6
      """)

  @OptionGroup var target: TargetVersion
  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let version = try target.version()
    let session = try Session(global)
    let answer = try await session.client.downgrade(.enable, to: version)
    try session.print(.downgrade(answer.message, "enable"))
  }
}

/// `keelsonctl downgrade cancel`
struct DowngradeCancel: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cancel",
    abstract: "Stays with the present version after all.",
    usage: "keelsonctl downgrade cancel",
    discussion: """
      Example:
        keelsonctl downgrade cancel
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let answer = try await session.client.downgrade(.cancel)
    try session.print(.downgrade(answer.message, "cancel"))
  }
}
