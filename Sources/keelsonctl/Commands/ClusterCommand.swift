internal import ArgumentParser

/// `keelsonctl cluster`
struct ClusterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster",
    abstract: "Sets clusters up.",
    discussion: """
      Example:
        keelsonctl cluster bootstrap m1=10.0.0.1 m2=10.0.0.2 m3=10.0.0.3
      """,
    subcommands: [ClusterBootstrap.self])
}

/// `keelsonctl cluster bootstrap`
struct ClusterBootstrap: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bootstrap",
    abstract: "Writes what members of a new cluster are started with: settings and certificates.",
    usage: "keelsonctl cluster bootstrap <name=host[,client-port,peer-port]>... [options]",
    discussion: """
      Into <dir>/<name> it writes, for each member, certificates for its two ports, keelson.env with its settings \
      as systemd's EnvironmentFile takes them, and start, a script that starts it with them. <dir>/client has a \
      certificate for the user root, <dir>/pki the keys of the two authorities that signed: one for clients, and \
      one for traffic between members. Nothing is ever overwritten.

      Copy each member's folder to its machine, to where --install says, and start it there.

      Example:
        keelsonctl cluster bootstrap m1=10.0.0.1 m2=10.0.0.2 m3=10.0.0.3 --dir new --install /etc/keelson
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where to write; must not be there.", valueName: "dir"))
  var dir = "cluster"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where a member's folder will lie on its machine (default: where it is written).",
      valueName: "folder"))
  var install: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Where a member's data will lie (default: \"data\" in its folder).", valueName: "folder"))
  var dataDir: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Sets the cluster apart from others with the same members (default: random).",
      valueName: "text"))
  var initialClusterToken: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Days until the certificates end.", valueName: "days"))
  var days = 365

  @Argument(help: ArgumentHelp("The members.", valueName: "name=host"))
  var words: [String] = []

  func run() async throws {
    let plan = try ClusterPlan(words: words, self)
    Output.write(try plan.write())
  }
}
