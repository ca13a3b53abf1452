internal import ArgumentParser
internal import Certificates
internal import Primitives

/// `keelsonctl pki`
struct PKICommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pki",
    abstract: "Makes an authority and certificates to try TLS with.",
    discussion: """
      Files are <dir>/<name>.crt and <dir>/<name>.key; keys can be read by their owner alone, and nothing is \
      ever overwritten.

      Example:
        keelsonctl pki ca
        keelsonctl pki server localhost 127.0.0.1 store.example
        keelsonctl pki client root
      """,
    subcommands: [PKIAuthority.self, PKIServer.self, PKIPeer.self, PKIClient.self])
}

/// What all of these commands take.
struct PKIOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Where the files lie.", valueName: "dir"))
  var dir = "pki"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The files' name (default: what the certificate is for).", valueName: "name")
  )
  var out: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Days to the end.", valueName: "days"))
  var days: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The subject's organization.", valueName: "name"))
  var organization = ""

  /// Seconds to the end.
  func validSeconds(else days: Int) throws -> Int64 {
    let days = self.days ?? days
    guard (1...36_500).contains(days) else {
      throw Failure.badArguments("--days is \(days); a number from 1 to 36500 is expected")
    }
    return Int64(days) * 86_400
  }
}

/// `keelsonctl pki ca`
struct PKIAuthority: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ca", abstract: "Makes an authority: ca.crt and ca.key.",
    discussion: """
      Example:
        keelsonctl pki ca --dir /etc/keelson/pki --common-name "store CA"
      """)

  @OptionGroup var options: PKIOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The authority's common name.", valueName: "name"))
  var commonName = "keelson CA"

  func run() async throws {
    let name = options.out ?? "ca"
    guard CertificateFiles.isName(name) else {
      throw Failure.badArguments("\"\(name)\" is no name of a file")
    }
    let made = try CertificateMaker.makeAuthority(
      commonName: commonName, organization: options.organization,
      validSeconds: try options.validSeconds(else: 3_650))
    try CertificateFiles(directory: options.dir, name: name).write(made)
  }
}

/// `keelsonctl pki server`
struct PKIServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Makes a certificate for a member's client port.",
    usage: "keelsonctl pki server <host>... [options]",
    discussion: """
      Example:
        keelsonctl pki server localhost 127.0.0.1 store.example
      """)

  @OptionGroup var options: PKIOptions
  @OptionGroup var issue: PKIIssueOptions

  @Argument(help: ArgumentHelp("Host names and addresses of the member.", valueName: "host"))
  var hosts: [String] = []

  func run() async throws {
    if hosts.isEmpty { throw Failure.badArguments("pki server command requires a host") }
    // The gateway of an etcd, and whoever dials itself, shows a server's certificate as a client.
    try issue.make("server", hosts[0], hosts, [.server, .client], options)
  }
}

/// `keelsonctl pki peer`
struct PKIPeer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peer",
    abstract: "Makes a certificate for traffic between members.",
    usage: "keelsonctl pki peer <host>... [options]",
    discussion: """
      Example:
        keelsonctl pki peer m1.store.example 10.0.0.1 --out m1-peer
      """)

  @OptionGroup var options: PKIOptions
  @OptionGroup var issue: PKIIssueOptions

  @Argument(help: ArgumentHelp("Host names and addresses of the member.", valueName: "host"))
  var hosts: [String] = []

  func run() async throws {
    if hosts.isEmpty { throw Failure.badArguments("pki peer command requires a host") }
    try issue.make("peer", hosts[0], hosts, [.server, .client], options)
  }
}

/// `keelsonctl pki client`
struct PKIClient: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "client",
    abstract: "Makes a certificate for a user: its common name is the user's.",
    usage: "keelsonctl pki client <user> [options]",
    discussion: """
      Example:
        keelsonctl pki client root --days 30
      """)

  @OptionGroup var options: PKIOptions
  @OptionGroup var issue: PKIIssueOptions

  @Argument(help: ArgumentHelp("The user.", valueName: "user"))
  var users: [String] = []

  func run() async throws {
    guard users.count == 1 else {
      throw Failure.badArguments("pki client command requires one user")
    }
    try issue.make("client-" + users[0], users[0], [], [.client], options)
  }
}

/// What the commands take that make certificates under an authority.
struct PKIIssueOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The name of the authority's files.", valueName: "name"))
  var ca = "ca"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The common name (default: the first host, or the user).", valueName: "name"))
  var commonName: String?

  @Option(
    name: .customLong("san"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A further host name or address; may be repeated.", valueName: "host"))
  var names: [String] = []

  func make(
    _ file: String, _ subject: String, _ hosts: [String], _ usage: CertificateDescription.Usage,
    _ options: PKIOptions
  ) throws {
    let name = options.out ?? file
    guard CertificateFiles.isName(name) else {
      throw Failure.badArguments("\"\(name)\" is no name of a file")
    }
    let files = CertificateFiles(directory: options.dir, name: name)
    let authority = try CertificateFiles(directory: options.dir, name: ca).read()
    var validSeconds = try options.validSeconds(else: 365)
    // Nothing outlives its authority; who does not ask for a time gets what is left.
    if options.days == nil {
      let left = try CertificateMaker.secondsLeft(of: authority.certificate)
      validSeconds = min(validSeconds, left)
    }
    let description = CertificateDescription(
      commonName: commonName ?? subject, organization: options.organization,
      alternativeNames: hosts + names, usage: usage,
      validSeconds: validSeconds)
    try files.write(try CertificateMaker.issue(description, by: authority))
  }
}

/// A certificate and its key, in files of one name.
struct CertificateFiles {
  var directory: String
  var name: String

  private var certificatePath: String { "\(directory)/\(name).crt" }
  private var keyPath: String { "\(directory)/\(name).key" }

  /// Whether a name makes files in the directory and nowhere else.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && !name.contains("/") && !name.contains("\0") && name != "." && name != ".."
  }

  /// Writes both and tells where; neither may be there.
  func write(_ made: CertifiedKey) throws(Failure) {
    do throws(CertificateError) {
      try CertificateFolder(directory).write(made, "\(name).crt", "\(name).key")
    } catch { throw Failure(.inputOutput, "\(error)") }
    Output.write("\(certificatePath)\n\(keyPath)\n")
  }

  func read() throws(Failure) -> CertifiedKey {
    do throws(CertificateError) {
      return try CertificateFolder(directory).read("\(name).crt", "\(name).key")
    } catch { throw Failure(.inputOutput, "\(error)") }
  }
}
