internal import ArgumentParser

/// `keelsonctl lease`
struct Lease: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Grants, renews, lists and ends leases.",
    discussion: """
      Example:
        keelsonctl lease grant 60
      """,
    subcommands: [
      LeaseGrant.self, LeaseKeepAlive.self, LeaseList.self, LeaseRevoke.self, LeaseTimeToLive.self,
    ])
}
