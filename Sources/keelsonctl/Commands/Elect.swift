internal import ArgumentParser
internal import EtcdProtocol
internal import KeelsonClient
internal import Primitives
internal import SwiftProtobuf

/// `keelsonctl elect`
struct Elect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes part in the election of a leader, or watches it.",
    usage: "keelsonctl elect [options] <election-name> [proposal]",
    discussion: """
      With a proposal, waits to be elected, prints the leader's key, and leads until SIGINT or SIGTERM. With --listen, \
      prints each leader and each change of what it proclaims.

      Example:
        keelsonctl elect scheduler 10.0.0.1:8080
        keelsonctl elect scheduler --listen
      """)

  @Flag(name: .shortAndLong, help: "Watch the election only.")
  var listen = false

  @Argument(
    help: ArgumentHelp("The name, and what to propose.", valueName: "election-name> <proposal"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  /// The time to live of a campaign's lease, as etcdctl has it.
  private static let seconds: Int64 = 60

  func run() async throws {
    guard let name = words.first.map(ArgumentText.bytes), words.count <= 2 else {
      throw Failure.badArguments(
        "elect takes one election name argument and an optional proposal argument")
    }
    if words.count == 1 && !listen {
      throw Failure.badArguments("no proposal argument but -l not set")
    }
    if words.count == 2 && listen { throw Failure.badArguments("proposal given but -l is set") }
    let session = try Session(global)
    if listen { try await observe(name, session) } else { try await campaign(name, session) }
  }

  private func campaign(_ name: Bytes, _ session: Session) async throws {
    let line = try await LineSession(session.client, seconds: Self.seconds)
    let place = try await line.waitForTurn(name, value: ArgumentText.bytes(words[1]))
    let answer = try await session.client.range(RangeRequest(.key(place.key)))
    try session.print(.range(answer.message, .keysAndValues))
    switch await line.hold() {
    case .interrupted: await line.close()
    case .expired: throw Failure(.error, "elect: session expired")
    }
  }

  private func observe(_ name: Bytes, _ session: Session) async throws {
    let interruption = Interruption()
    let following = Task {
      while !Task.isCancelled { try await followLeader(of: name, session) }
    }
    let watcher = Task {
      await interruption.wait()
      following.cancel()
    }
    defer { watcher.cancel() }
    do { try await following.value } catch let error as KeelsonError where error.code == .cancelled
    {}
  }

  /// Prints what one leader says until it leads no longer, or waits for one to come.
  private func followLeader(of name: Bytes, _ session: Session) async throws {
    let first = try await session.client.firstInLine(name)
    let next = Revision(first.header.revision.rawValue + 1)
    guard let leader = first.records.first else {
      var request = WatchRequest(.prefix(name + [UInt8(ascii: "/")]), startRevision: next)
      request.omitsDeletions = true
      for try await response in session.client.watch(request) where !response.events.isEmpty {
        return
      }
      return
    }
    try session.print(.range(first.message, .keysAndValues))
    for try await response in session.client.watch(.key(leader.key), from: next) {
      for event in response.events {
        if event.kind == .delete { return }
        try session.print(
          .range(
            Etcdserverpb_RangeResponse.with {
              $0.header = response.message.header
              $0.kvs = [event.message.kv]
            }, .keysAndValues))
      }
    }
  }
}
