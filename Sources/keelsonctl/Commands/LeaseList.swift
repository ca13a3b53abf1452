internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl lease list`
struct LeaseList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists all leases.",
    usage: "keelsonctl lease list",
    discussion: """
      Example:
        keelsonctl lease list -w json
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    try session.print(.leases(try await session.client.leases().message))
  }
}
