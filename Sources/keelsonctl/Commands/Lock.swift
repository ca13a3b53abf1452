internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl lock`
struct Lock: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Acquires a lock by name, and holds it until a signal or while a command runs.",
    usage: "keelsonctl lock [options] <lockname> [--] [exec-command arg1 arg2 ...]",
    discussion: """
      Without a command the lock's key is printed when the lock is held, and SIGINT or SIGTERM releases it. With one, \
      the command runs with ETCD_LOCK_KEY and ETCD_LOCK_REV in its environment, and its exit status is passed on. \
      ETCD_LOCK_REV rises with each holder: what must not be fooled by a holder that was stopped for longer than \
      the lock lives remembers it and refuses lower ones.

      Example:
        keelsonctl lock backup
        keelsonctl lock backup --ttl 60 -- sh -c 'echo "$ETCD_LOCK_KEY"'
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long the lock outlives a client that is gone.", valueName: "seconds"))
  var ttl: Int64 = 10

  @Argument(
    help: ArgumentHelp("The name, and a command to be run.", valueName: "lockname> <exec-command"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard let name = words.first else {
      throw Failure.badArguments(
        "lock takes a lock name argument and an optional command to execute")
    }
    let session = try Session(global)
    let line = try await LineSession(session.client, seconds: ttl)
    let place = try await line.waitForTurn(ArgumentText.bytes(name))
    let command = Array(words.dropFirst())
    if command.isEmpty {
      try await hold(place, line, session)
    } else {
      try await run(command, place, line)
    }
  }

  private func hold(_ place: LinePlace, _ line: LineSession, _ session: Session) async throws {
    let answer = try await session.client.range(RangeRequest(.key(place.key)))
    guard !answer.records.isEmpty else { throw Failure(.error, "lock lost on init") }
    try session.print(.range(answer.message, .keysAndValues))
    switch await line.hold() {
    case .interrupted: await line.close()
    case .expired: throw Failure(.error, "session expired")
    }
  }

  private func run(_ command: [String], _ place: LinePlace, _ line: LineSession) async throws {
    let variables = [
      "ETCD_LOCK_KEY": String(decoding: place.key, as: UTF8.self),
      "ETCD_LOCK_REV": place.heldRevision.description,
    ]
    try await line.run(command, adding: variables) { await line.close() }
  }
}

/// A command that was run for the user ended badly: its status becomes the program's.
struct ChildFailure: Error {
  var status: Int32
  var reason: String
}
