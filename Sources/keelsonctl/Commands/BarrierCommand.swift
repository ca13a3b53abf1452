internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl barrier`
struct BarrierCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "barrier",
    abstract: "Has clients wait for each other.",
    usage: "keelsonctl barrier <subcommand>",
    discussion: """
      Example:
        keelsonctl barrier hold /barriers/migration
        keelsonctl barrier wait /barriers/migration && start-the-web-servers
      """,
    subcommands: [BarrierHolding.self, BarrierRelease.self, BarrierWait.self, BarrierEnter.self])
}

/// `keelsonctl barrier hold`
struct BarrierHolding: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold",
    abstract: "Holds a barrier until it is released, or while a command runs.",
    usage: "keelsonctl barrier hold [options] <name> [--] [exec-command arg1 arg2 ...]",
    discussion: """
      Without a command the barrier is held until 'barrier release'. With one it is held while the command runs, and \
      goes with its lease if this program is killed.

      Example:
        keelsonctl barrier hold /barriers/migration -- ./migrate-the-database
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With a command: how long the barrier outlives a client that is gone.", valueName: "seconds"))
  var ttl: Int64 = 10

  @Argument(
    help: ArgumentHelp("The name, and a command to be run.", valueName: "name> <exec-command"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard let name = words.first.map(ArgumentText.bytes) else {
      throw Failure.badArguments("barrier hold takes a name and an optional command to execute")
    }
    let session = try Session.ofLines(global)
    let command = Array(words.dropFirst())
    if command.isEmpty {
      _ = try await session.client.holdBarrier(name)
      return Output.write("OK\n")
    }
    let line = try await LineSession(session.client, seconds: ttl)
    do {
      _ = try await session.client.holdBarrier(name, lease: line.lease)
    } catch {
      await line.close()
      throw error
    }
    try await line.run(command) { await line.close() }
  }
}

/// `keelsonctl barrier release`
struct BarrierRelease: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Releases a barrier: whoever waits goes on.",
    usage: "keelsonctl barrier release <name>",
    discussion: """
      Example:
        keelsonctl barrier release /barriers/migration
      """)

  @Argument(help: ArgumentHelp("The name.", valueName: "name"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else { throw Failure.badArguments("barrier release takes one name") }
    let session = try Session.ofLines(global)
    guard try await session.client.releaseBarrier(ArgumentText.bytes(words[0])) else {
      throw Failure(.error, "the barrier \(words[0]) is not held")
    }
    Output.write("OK\n")
  }
}

/// `keelsonctl barrier wait`
struct BarrierWait: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait",
    abstract: "Waits until a barrier is not held.",
    usage: "keelsonctl barrier wait <name>",
    discussion: """
      Example:
        keelsonctl barrier wait /barriers/migration
      """)

  @Argument(help: ArgumentHelp("The name.", valueName: "name"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else { throw Failure.badArguments("barrier wait takes one name") }
    let session = try Session.ofLines(global)
    try await session.client.waitForBarrier(ArgumentText.bytes(words[0]))
  }
}

/// `keelsonctl barrier enter`
struct BarrierEnter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enter",
    abstract: "Waits for a number of participants, runs a command, and waits for the others' end.",
    usage:
      "keelsonctl barrier enter --participants <n> [options] <name> -- <exec-command> [arg1 ...]",
    discussion: """
      The command runs with KEELSON_BARRIER_REV in its environment, the revision at which the round began: the same \
      for all of its participants, and higher in each later round. A participant that is killed counts as gone when \
      its lease ends. The exit status is the command's.

      Example:
        keelsonctl barrier enter --participants 3 /barriers/load -- ./load-one-third
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many begin together.", valueName: "n"))
  var participants: Int = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long a participant outlives its client.", valueName: "seconds"))
  var ttl: Int64 = 10

  @Argument(
    help: ArgumentHelp("The name, and a command to be run.", valueName: "name> <exec-command"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count >= 2, let name = words.first.map(ArgumentText.bytes) else {
      throw Failure.badArguments("barrier enter takes a name and a command to execute")
    }
    guard (1...10_000).contains(participants) else {
      throw Failure.badArguments("barrier enter needs --participants, from 1 to 10000")
    }
    let session = try Session.ofLines(global)
    let line = try await LineSession(session.client, seconds: ttl)
    let (count, client) = (participants, session.client)
    let pass = try await line.unlessInterrupted { () async throws(KeelsonError) in
      try await client.enterBarrier(name, participants: count, lease: line.lease)
    }
    let variables = ["KEELSON_BARRIER_REV": pass.roundRevision.description]
    try await line.run(Array(words.dropFirst()), adding: variables) {
      try await line.unlessInterrupted { () async throws(KeelsonError) in
        try await client.leaveBarrier(pass)
      }
      await line.close()
    }
  }
}
