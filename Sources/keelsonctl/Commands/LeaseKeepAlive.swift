internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl lease keep-alive`
struct LeaseKeepAlive: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keep-alive",
    abstract: "Renews a lease until it is interrupted.",
    usage: "keelsonctl lease keep-alive [options] <leaseID>",
    discussion: """
      Example:
        keelsonctl lease keep-alive 61afa20343935720
        keelsonctl lease keep-alive --once 61afa20343935720
      """)

  @Flag(help: "Renew once only.")
  var once = false

  @Argument(help: ArgumentHelp("The lease, in hexadecimal.", valueName: "leaseID"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("lease keep-alive command needs lease ID as argument")
    }
    let lease = try LeaseArgument.lease(words[0], "bad lease ID arg (%), expecting ID in Hex")
    let session = try Session(global)
    if once {
      let renewal: LeaseRenewal
      do throws(KeelsonError) {
        renewal = try await session.client.renewLeaseOnce(lease)
      } catch {
        throw Failure(.badConnection, error.message)
      }
      try session.print(.leaseRenewal(renewal.message))
      return
    }
    do {
      for try await renewal in session.client.keepAlive(lease) {
        try session.print(.leaseRenewal(renewal.message))
      }
    } catch let error as KeelsonError where error.code != .leaseNotFound {
      throw error
    } catch is KeelsonError {
      // The lease is gone: said below, like the end of the renewals.
    }
    Output.write("lease \(lease) expired or revoked.\n")
  }
}
