internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl auth`
struct AuthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "auth",
    abstract: "Lets users and permissions count, or not.",
    discussion: """
      Example:
        keelsonctl user add root
        keelsonctl auth enable
      """,
    subcommands: [AuthEnable.self, AuthDisable.self, AuthStatus.self])
}

/// `keelsonctl auth enable`
struct AuthEnable: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable",
    abstract: "Lets users and permissions count from now on.",
    usage: "keelsonctl auth enable",
    discussion: """
      There must be a user root. If it has not the role root yet, it gets it.

      Example:
        keelsonctl auth enable
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("auth enable command does not accept any arguments")
    }
    let client = try Session(global).client
    do throws(KeelsonError) {
      try await client.enableAuth()
    } catch {
      guard error.message == "etcdserver: root user does not have root role" else { throw error }
      do throws(KeelsonError) {
        try await client.addRole("root")
      } catch {
        guard error.message == "etcdserver: role name already exists" else { throw error }
      }
      try await client.grantRole("root", to: "root")
      try await client.enableAuth()
    }
    Output.write("Authentication Enabled\n")
  }
}

/// `keelsonctl auth disable`
struct AuthDisable: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disable",
    abstract: "Lets everybody do everything again.",
    usage: "keelsonctl auth disable",
    discussion: """
      Example:
        keelsonctl --user root auth disable
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("auth disable command does not accept any arguments")
    }
    try await Session(global).client.disableAuth()
    Output.write("Authentication Disabled\n")
  }
}

/// `keelsonctl auth status`
struct AuthStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tells whether users and permissions count.",
    usage: "keelsonctl auth status",
    discussion: """
      Example:
        keelsonctl auth status -w json
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("auth status command does not accept any arguments")
    }
    let session = try Session(global, fields: false)
    try session.print(.authStatus(try await session.client.authStatus().message))
  }
}
