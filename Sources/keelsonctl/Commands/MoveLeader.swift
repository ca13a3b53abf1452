internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl move-leader`
struct MoveLeader: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "move-leader",
    abstract: "Has another member lead.",
    usage: "keelsonctl move-leader <transferee-member-id>",
    discussion: """
      One of the endpoints must be the leader's.

      Example:
        keelsonctl --endpoints 10.0.0.1:2379,10.0.0.2:2379 move-leader 8211f1d0f64f3269
      """)

  @Argument(help: ArgumentHelp("The member, in hexadecimal.", valueName: "transferee-member-id"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("move-leader command needs 1 argument")
    }
    guard let target = UInt64(words[0], radix: 16) else {
      throw Failure.badArguments("strconv.ParseUint: parsing \"\(words[0])\": invalid syntax")
    }
    let session = try Session(global)
    for endpoint in session.settings.endpoints {
      let client = try session.settings.client(of: [endpoint])
      let status = try await client.status()
      guard status.header.member == status.leader else { continue }
      let answer = try await client.moveLeader(to: MemberID(target))
      return try session.print(
        .movedLeader(answer.message, from: status.leader, to: MemberID(target)))
    }
    throw Failure.badArguments(
      "no leader endpoint given at [\(session.settings.endpoints.joined(separator: " "))]")
  }
}
