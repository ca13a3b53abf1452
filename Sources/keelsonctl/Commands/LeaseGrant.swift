internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl lease grant`
struct LeaseGrant: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant",
    abstract: "Grants a lease.",
    usage: "keelsonctl lease grant <ttl>",
    discussion: """
      Example:
        keelsonctl lease grant 60
      """)

  @Argument(help: ArgumentHelp("Seconds that the lease lives without a renewal.", valueName: "ttl"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("lease grant command needs TTL argument")
    }
    let seconds: Int64
    do throws(Failure) {
      seconds = try GoSyntax.integer(words[0])
    } catch {
      throw Failure.badArguments("bad TTL (\(error.message))")
    }
    let session = try Session(global)
    let answer: LeaseGrantResponse
    do throws(KeelsonError) {
      answer = try await session.client.grantLease(seconds: seconds)
    } catch {
      throw Failure(.error, "failed to grant lease (\(error.message))")
    }
    try session.print(.leaseGrant(answer.message))
  }
}
