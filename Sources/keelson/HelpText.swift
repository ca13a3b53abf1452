internal import Primitives

/// What `--help` and `--version` print.
enum HelpText {
  static let version = """
    Keelson Version: \(Version.keelson)
    etcd Version: \(Version.etcdAPI)
    """

  /// Every flag with its default, grouped, and how else it may be set.
  static var help: String {
    var text = """
      keelson serves a Kubernetes-oriented configuration store that speaks the etcd v3 API.

      Usage:
        keelson [flags]

      Example:
        keelson --name node1 --data-dir /var/lib/keelson --listen-client-urls http://127.0.0.1:2379

      Each flag may also be set by an environment variable: KEELSON_NAME or ETCD_NAME for --name, and so on.
      The command line wins over the environment, and the last of several equal flags wins. With --config-file the file
      alone counts.


      """
    for group in FlagDefinition.Group.allCases {
      text += "\(group.rawValue):\n"
      for flag in FlagDefinition.all where flag.group == group { text += line(flag) }
      text += "\n"
    }
    text += "Information:\n"
    text += row("--version", "Prints the version.")
    text += row("--help", "Prints this.")
    return text
  }

  private static func line(_ flag: FlagDefinition) -> String {
    let usesDefault = !flag.fallback.isEmpty && flag.group != .other
    return row(
      "--\(flag.name)", flag.help + (usesDefault ? " Default: \(flag.fallback)." : ""))
  }

  private static func row(_ name: String, _ help: String) -> String {
    var lines: [String] = []
    var line = "  " + name
    line += String(repeating: " ", count: max(0, column - 1 - line.count))
    for word in help.split(separator: " ") {
      if line.count + 1 + word.count > columns {
        lines.append(line)
        line = String(repeating: " ", count: column - 1)
      }
      line += " " + word
    }
    return (lines + [line, ""]).joined(separator: "\n")
  }

  /// Where what a flag does begins, and where its lines end.
  private static let column = 40
  private static let columns = 100
}
