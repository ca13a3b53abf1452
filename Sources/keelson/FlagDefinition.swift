/// One flag of the server: its name, what it takes, and what this build does with it.
struct FlagDefinition: Sendable {
  /// What a flag's value looks like.
  enum Kind: Sendable {
    case text, number, boolean, duration, list
  }

  /// What becomes of a flag.
  enum Effect: Sendable {
    /// It does what its help says.
    case works
    /// It is accepted, and when it is given, the log says why it changes nothing.
    case noted(String)
    /// Giving it anything but its default ends the start with this reason.
    case refused(String)
  }

  /// Without dashes.
  let name: String
  let kind: Kind
  /// As text, in the form in which the flag takes it.
  let fallback: String
  let effect: Effect
  let help: String
  /// The heading under which `--help` lists it.
  let group: Group

  /// The headings of `--help`, in their order.
  enum Group: String, CaseIterable, Sendable {
    case member = "Member"
    case clustering = "Clustering"
    case storage = "Storage and compaction"
    case backups = "Backups"
    case transport = "Transport"
    case security = "Security"
    case logging = "Logging and metrics"
    case other = "Accepted or refused for compatibility"
  }

  /// Flags that etcd had under `--experimental-NAME` first: they are known by that name as well.
  private static let formerlyExperimental: Set<String> = [
    "watch-progress-notify-interval", "corrupt-check-time", "compact-hash-check-time",
    "compaction-batch-limit", "compaction-sleep-interval", "peer-skip-client-san-verification",
    "warning-apply-duration", "warning-unary-request-duration", "max-learners", "memory-mlock",
    "bootstrap-defrag-threshold-megabytes", "downgrade-check-time", "snapshot-catchup-entries",
    "enable-distributed-tracing", "distributed-tracing-address",
    "distributed-tracing-service-name", "distributed-tracing-instance-id",
    "distributed-tracing-sampling-rate",
  ]

  /// The flag of a name, which may be an older one.
  static func named(_ name: String) -> FlagDefinition? {
    let present = name.hasPrefix("experimental-") ? String(name.dropFirst(13)) : name
    return all.first { $0.name == name }
      ?? all.first { $0.name == present && formerlyExperimental.contains(present) }
  }

  /// The environment variables that set it, the first one found counts.
  var variables: [String] {
    let upper = String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    let older = Self.formerlyExperimental.contains(name) ? ["ETCD_EXPERIMENTAL_" + upper] : []
    return ["KEELSON_" + upper, "ETCD_" + upper] + older
  }
}
