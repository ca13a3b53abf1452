/// Which flags take a value, and which of them every command has: what must be known before the arguments
/// can be put into the order that the parser wants. A test holds it equal to the commands.
enum FlagTable {
  /// Flags of all commands that take a value.
  static let globalOptions: Set<String> = [
    "endpoints", "write-out", "dial-timeout", "command-timeout", "keepalive-time",
    "keepalive-timeout", "cacert", "cert", "key", "discovery-srv", "discovery-srv-name", "user",
    "password", "max-request-bytes", "max-recv-bytes",
  ]

  /// Flags of all commands that are on or off.
  static let globalSwitches: Set<String> = [
    "hex", "insecure-transport", "insecure-skip-tls-verify", "insecure-discovery", "debug",
  ]

  /// Flags of single commands that are on or off.
  static let switches: Set<String> = [
    "help", "version", "prefix", "from-key", "range", "prev-kv", "ignore-value", "ignore-lease",
    "keys-only", "count-only", "print-value-only", "stream", "interactive", "progress-notify",
    "physical", "once", "keys", "cluster", "recursive", "dry-run", "all-namespaces",
    "skip-hash-check", "drop-unknown", "no-password", "detail", "listen", "no-dest-prefix",
    "dest-insecure-transport", "diff", "prune", "watch", "watch-only", "output-watch-events",
    "no-headers", "show-labels", "show-kind", "show-managed-fields", "ignore-not-found", "all",
    "force", "learner", "promote-when-ready", "replace", "cut-over", "overwrite", "without-users",
    "auto-compact",
    "auto-defrag",
  ]

  /// Flags of single commands that are on unless they are switched off.
  static let invertedSwitches: Set<String> = ["mark-compacted", "namespaced", "show-events"]

  /// Whether a flag is on or off, and takes no value that is not joined with `=`.
  static func isSwitch(_ name: String) -> Bool {
    switches.contains(name) || globalSwitches.contains(name) || invertedSwitches.contains(name)
  }

  /// Whether a normalized argument is a flag of all commands.
  static func isGlobal(_ argument: String) -> Bool {
    guard argument.hasPrefix("--") else { return false }
    let name = String(argument.dropFirst(2).prefix { $0 != "=" })
    if globalOptions.contains(name) || globalSwitches.contains(name) { return true }
    return name.hasPrefix("no-") && globalSwitches.contains(String(name.dropFirst(3)))
  }

  /// Flags of single commands that take a value.
  static let options: Set<String> = [
    "lease", "rev", "limit", "order", "sort-by", "consistency", "min-mod-rev", "max-mod-rev",
    "min-create-rev", "max-create-rev", "filename", "namespace", "output", "snapshot", "selector",
    "field-selector", "revision", "label-columns", "api-group", "api-version", "verbs",
    "categories",
    "data-dir", "wal-dir", "name", "initial-advertise-peer-urls", "initial-cluster",
    "initial-cluster-token", "bump-revision", "peer-urls", "new-user-password", "ttl",
    "dest-prefix", "max-txn-ops", "dest-cacert", "dest-cert", "dest-key", "dest-user",
    "dest-password", "validate", "concurrency", "dir", "out", "days", "organization", "common-name",
    "ca", "san", "install", "participants", "instance", "source-wal-dir", "source-cacert",
    "source-cert",
    "source-key", "source-user", "source-password", "quiet", "cut-over-timeout",
    "load", "duration",
  ]

  /// Flags that take a value in one command and are switches in others.
  static let optionsOfCommands: [String: Set<String>] = [
    "make-mirror": ["prefix"], "check": ["prefix"],
  ]

  /// What a one-letter name stands for behind a command: `-w` is `--write-out` everywhere, but `--watch` behind
  /// `kube`, whose commands have kubectl's flags; `-l` selects by labels, but listens to an election.
  static func longName(_ letter: Character, behind command: String?) -> String? {
    switch (command, letter) {
    case ("kube", "w"): "watch"
    case ("elect", "l"): "listen"
    default: shortNames[letter]
    }
  }

  private static let shortNames: [Character: String] = [
    "w": "write-out", "d": "discovery-srv", "i": "interactive", "h": "help", "f": "filename",
    "n": "namespace",
    "o": "output", "A": "all-namespaces", "R": "recursive", "l": "selector",
    "L": "label-columns",
  ]
}
