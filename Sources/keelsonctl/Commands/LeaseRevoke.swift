internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl lease revoke`
struct LeaseRevoke: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Ends a lease and deletes its keys.",
    usage: "keelsonctl lease revoke <leaseID>",
    discussion: """
      Example:
        keelsonctl lease revoke 61afa20343935720
      """)

  @Argument(help: ArgumentHelp("The lease, in hexadecimal.", valueName: "leaseID"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("lease revoke command needs 1 argument")
    }
    let lease = try LeaseArgument.lease(words[0], "bad lease ID arg (%), expecting ID in Hex")
    let session = try Session(global)
    let answer: LeaseRevokeResponse
    do throws(KeelsonError) {
      answer = try await session.client.revokeLease(lease)
    } catch {
      throw Failure(.error, "failed to revoke lease (\(error.message))")
    }
    try session.print(.leaseRevoke(answer.message, lease: lease))
  }
}
