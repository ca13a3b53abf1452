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
    case transport = "Transport"
    case security = "Security"
    case logging = "Logging and metrics"
    case other = "Accepted or refused for compatibility"
  }

  /// The environment variables that set it, the first one found counts.
  var variables: [String] {
    let upper = name.uppercased().map { $0 == "-" ? "_" : $0 }
    return ["KEELSON_" + String(upper), "ETCD_" + String(upper)]
  }
}
