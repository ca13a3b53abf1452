internal import ArgumentParser

/// The load generator: drives servers of the etcd API and tells what a request cost them.
@main
struct KeelsonBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keelson-bench",
    abstract: "Drives servers of the etcd API side by side and tells what a request costs each.",
    subcommands: [RunCommand.self, DriveCommand.self, ManifestsCommand.self],
    defaultSubcommand: RunCommand.self)
}
