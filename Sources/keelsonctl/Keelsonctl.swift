internal import ArgumentParser
internal import Primitives

/// The root command.
struct Keelsonctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keelsonctl",
    abstract: "Talks to Keelson, and to any other server of the etcd v3 API.",
    discussion: """
      Flags that all commands have may stand before or behind the command, and may come from the \
      environment: --endpoints is KEELSONCTL_ENDPOINTS, or ETCDCTL_ENDPOINTS. List them with \
      'keelsonctl options'.

      Example:
        keelsonctl --endpoints 127.0.0.1:2379 put greeting hello
      """,
    version: Version.keelson,
    groupedSubcommands: [
      CommandGroup(
        name: "Keys",
        subcommands: [
          Put.self, Get.self, Del.self, Txn.self, Watch.self, Compaction.self, MakeMirror.self,
          MigrateFrom.self,
        ]),
      CommandGroup(
        name: "Concurrency",
        subcommands: [
          Lock.self, Elect.self, BarrierCommand.self, Register.self, Discover.self,
          SequenceCommand.self,
        ]),
      CommandGroup(name: "Kubernetes objects", subcommands: [Apply.self, Kube.self]),
      CommandGroup(name: "Leases", subcommands: [Lease.self]),
      CommandGroup(
        name: "Users and roles",
        subcommands: [AuthCommand.self, UserCommand.self, RoleCommand.self, PKICommand.self]),
      CommandGroup(
        name: "Members",
        subcommands: [
          Endpoint.self, CheckCommand.self, MemberCommand.self, ClusterCommand.self,
          AlarmCommand.self, Defrag.self, Snapshot.self, HashKV.self, MoveLeader.self,
          Downgrade.self,
        ]),
      CommandGroup(
        name: "The program",
        subcommands: [VersionCommand.self, Options.self, Completion.self]),
    ])
}
