internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl alarm`
struct AlarmCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alarm",
    abstract: "Lists alarms and puts them out.",
    discussion: """
      Example:
        keelsonctl alarm list
      """,
    subcommands: [AlarmDisarm.self, AlarmList.self])
}

/// `keelsonctl alarm list`
struct AlarmList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the alarms that stand.",
    usage: "keelsonctl alarm list",
    discussion: """
      Example:
        keelsonctl alarm list
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("alarm list command accepts no arguments")
    }
    let session = try Session(global)
    try session.print(.alarms(try await session.client.alarms().message))
  }
}

/// `keelsonctl alarm disarm`
struct AlarmDisarm: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disarm",
    abstract: "Puts all alarms out.",
    usage: "keelsonctl alarm disarm",
    discussion: """
      Example:
        keelsonctl alarm disarm
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("alarm disarm command accepts no arguments")
    }
    let session = try Session(global)
    try session.print(.alarms(try await session.client.disarmAll().message))
  }
}
