internal import KeelsonClient

/// The output formats.
enum OutputFormat: String, CaseIterable {
  case simple, json, fields, table, protobuf
}

/// What the flags and the environment say together.
struct Settings {
  var endpoints: [String]
  var format: OutputFormat
  var isHexadecimal: Bool
  var commandTimeout: Duration
  var isDebugging: Bool
  private var configuration: Configuration

  /// - Throws: `badArguments` or `badFeature` for values that cannot be used, and for an `ETCDCTL_`
  ///   variable beside the flag that it stands for, as etcdctl does; a `KEELSONCTL_` variable gives way.
  init(_ options: GlobalOptions, environment: [String: String]) throws(Failure) {
    try self.init(
      options.connection, writeOut: options.writeOut, hex: options.hex, environment: environment)
  }

  /// The same for commands without flags about the output.
  init(
    _ options: ConnectionOptions, writeOut: String? = nil, hex: Bool? = nil,
    environment: [String: String]
  ) throws(Failure) {
    let sources = Sources(environment: environment)
    let formatName = try sources.text("write-out", writeOut) ?? "simple"
    guard let format = OutputFormat(rawValue: formatName) else {
      throw Failure(.badFeature, "unsupported output format")
    }
    self.format = format
    isHexadecimal = try sources.truth("hex", hex) ?? false
    isDebugging = try sources.truth("debug", options.debug) ?? false
    commandTimeout =
      try sources.duration("command-timeout", options.commandTimeout) ?? .seconds(5)
    let records = try Self.records(options, sources)
    endpoints = try Self.endpoints(options, sources, records)

    var tls = try Self.tls(options, sources)
    // Records may be forged: who does not trust them wants certificates for the domain, as etcdctl does.
    if let records, !records.acceptsPlain { tls.serverName = records.domain }
    let isPlain = try sources.truth("insecure-transport", options.insecureTransport) ?? true
    configuration = Configuration(tls: tls)
    configuration.encryptsWithoutScheme =
      tls.authorityFile != nil || tls.certificateFile != nil || !isPlain
    configuration.dialTimeout =
      try sources.duration("dial-timeout", options.dialTimeout) ?? .seconds(2)
    configuration.requestTimeout = commandTimeout
    configuration.keepaliveInterval =
      try sources.duration("keepalive-time", options.keepaliveTime) ?? .seconds(2)
    configuration.keepaliveTimeout =
      try sources.duration("keepalive-timeout", options.keepaliveTimeout) ?? .seconds(6)
    configuration.credentials = try Self.credentials(options, sources)
    configuration.waitsForConnection = false
    if let bytes = try sources.count("max-request-bytes", options.maxRequestBytes) {
      configuration.maxRequestBytes = bytes
    }
    if let bytes = try sources.count("max-recv-bytes", options.maxRecvBytes) {
      configuration.maxResponseBytes = bytes
    }
  }

  /// Where DNS is to name the servers; nil: nowhere.
  private static func records(
    _ options: ConnectionOptions, _ sources: Sources
  ) throws(Failure) -> EndpointRecords? {
    let acceptsPlain = try sources.truth("insecure-discovery", options.insecureDiscovery) ?? true
    let suffix = try sources.text("discovery-srv-name", options.discoverySrvName)
    guard let domain = try sources.text("discovery-srv", options.discoverySrv), !domain.isEmpty
    else { return nil }
    return EndpointRecords(domain: domain, suffix: suffix, acceptsPlain: acceptsPlain)
  }

  /// Like etcdctl: those that DNS names, and those of the flag where it names none.
  private static func endpoints(
    _ options: ConnectionOptions, _ sources: Sources, _ records: EndpointRecords?
  ) throws(Failure) -> [String] {
    let given = try sources.text("endpoints", options.endpoints)
    if let records {
      let (used, ignored) = try records.endpoints()
      for url in ignored {
        Output.writeError("ignoring discovered insecure endpoint \"\(url)\"\n")
      }
      if !used.isEmpty { return used }
    }
    let endpoints = (given ?? "127.0.0.1:2379")
      .split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    if endpoints.isEmpty { throw .badArguments("no endpoint is given") }
    return endpoints
  }

  /// A client of some of the endpoints; by default of all.
  func client(of endpoints: [String]? = nil) throws(Failure) -> StoreClient {
    var configuration = configuration
    configuration.endpoints = endpoints ?? self.endpoints
    do throws(KeelsonError) {
      return try StoreClient(configuration)
    } catch {
      throw Failure(error)
    }
  }

  /// The user is `--user NAME:PASSWORD`, or NAME alone, with the password in `--password` or asked for. Like
  /// etcdctl: an empty password means no login.
  private static func credentials(
    _ options: ConnectionOptions, _ sources: Sources
  ) throws(Failure) -> Configuration.Credentials? {
    let password = try sources.text("password", options.password)
    guard let user = try sources.text("user", options.user), !user.isEmpty else { return nil }
    var credentials = Configuration.Credentials(user: user, password: password ?? "")
    if password == nil {
      if let colon = user.firstIndex(of: ":") {
        credentials.user = String(user[..<colon])
        credentials.password = String(user[user.index(after: colon)...])
      } else {
        credentials.password = try PasswordPrompt.ask("Password: ")
      }
    }
    return credentials.user.isEmpty || credentials.password.isEmpty ? nil : credentials
  }

  private static func tls(
    _ options: ConnectionOptions, _ sources: Sources
  ) throws(Failure) -> Configuration.TLS {
    var tls = Configuration.TLS()
    tls.authorityFile = try sources.text("cacert", options.cacert)
    tls.certificateFile = try sources.text("cert", options.cert)
    tls.keyFile = try sources.text("key", options.key)
    tls.skipsVerification =
      try sources.truth("insecure-skip-tls-verify", options.insecureSkipTlsVerify) ?? false
    if (tls.certificateFile == nil) != (tls.keyFile == nil) {
      throw .badArguments(
        "KeyFile and CertFile must both be present[key: \(tls.keyFile ?? ""), "
          + "cert: \(tls.certificateFile ?? "")]")
    }
    return tls
  }
}

/// Looks a flag up: on the command line, in `KEELSONCTL_*`, in `ETCDCTL_*`.
private struct Sources {
  var environment: [String: String]

  func text(_ name: String, _ flag: String?) throws(Failure) -> String? {
    let suffix = name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
    let inherited = environment["ETCDCTL_" + suffix].flatMap { $0.isEmpty ? nil : $0 }
    if let flag {
      if inherited != nil {
        throw Failure(
          .error,
          "conflicting environment variable \"ETCDCTL_\(suffix)\" is shadowed by corresponding "
            + "command-line flag (either unset environment variable or disable flag)")
      }
      return flag
    }
    return environment["KEELSONCTL_" + suffix].flatMap { $0.isEmpty ? nil : $0 } ?? inherited
  }

  func truth(_ name: String, _ flag: Bool?) throws(Failure) -> Bool? {
    guard let text = try text(name, flag.map { $0 ? "true" : "false" }) else { return nil }
    guard let truth = GoSyntax.boolean(text) else {
      throw invalid(text, name, "strconv.ParseBool: parsing \"\(text)\": invalid syntax")
    }
    return truth
  }

  func duration(_ name: String, _ flag: String?) throws(Failure) -> Duration? {
    guard let text = try text(name, flag) else { return nil }
    guard let duration = GoSyntax.duration(text) else {
      throw invalid(text, name, "time: invalid duration \"\(text)\"")
    }
    return duration
  }

  func count(_ name: String, _ flag: String?) throws(Failure) -> Int? {
    guard let text = try text(name, flag) else { return nil }
    guard let count = Int(text), count >= 0 else {
      throw invalid(text, name, "strconv.ParseInt: parsing \"\(text)\": invalid syntax")
    }
    return count
  }

  private func invalid(_ text: String, _ name: String, _ reason: String) -> Failure {
    Failure(.error, "invalid argument \"\(text)\" for \"--\(name)\" flag: \(reason)")
  }
}

extension Substring {
  /// Without spaces at either end.
  fileprivate var trimmed: String {
    var text = drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
