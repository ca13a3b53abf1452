internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl lease timetolive`
struct LeaseTimeToLive: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timetolive",
    abstract: "Tells how long a lease has still to live.",
    usage: "keelsonctl lease timetolive <leaseID> [options]",
    discussion: """
      Example:
        keelsonctl lease timetolive 61afa20343935720 --keys
      """)

  @Flag(help: "Print the keys of the lease.")
  var keys = false

  @Argument(help: ArgumentHelp("The lease, in hexadecimal.", valueName: "leaseID"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("lease timetolive command needs lease ID as argument")
    }
    let lease = try LeaseArgument.lease(words[0], "bad lease ID arg (%), expecting ID in Hex")
    let session = try Session(global)
    let answer = try await session.client.timeToLive(of: lease, includingKeys: keys)
    try session.print(.leaseTimeToLive(answer.message, withKeys: keys))
  }
}
