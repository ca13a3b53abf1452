internal import ArgumentParser

/// The flags that every command takes; each may also come from the environment.
///
/// All are optional here: what is absent is looked up in `KEELSONCTL_*`, then in `ETCDCTL_*`.
struct GlobalOptions: ParsableArguments {
  @OptionGroup var connection: ConnectionOptions

  @Option(
    name: [.customShort("w"), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "Output: simple, json, fields, table or protobuf (default: simple).", valueName: "format"))
  var writeOut: String?

  @Flag(inversion: .prefixedNo, help: "Print keys and values as hexadecimal escapes.")
  var hex: Bool?
}

/// The flags that say which servers are meant and how they are reached: all that the commands of `kube` have of
/// the global ones, because `-w` means something else there.
struct ConnectionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Servers, separated by commas (default: 127.0.0.1:2379).", valueName: "urls")
  )
  var endpoints: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Time for a connection to be made (default: 2s).", valueName: "duration"))
  var dialTimeout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Time for a command that is not open-ended (default: 5s).", valueName: "duration"))
  var commandTimeout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Silence after which a connection is probed (default: 2s).", valueName: "duration"))
  var keepaliveTime: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Time for the answer to a probe (default: 6s).", valueName: "duration"))
  var keepaliveTimeout: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Authorities that the server's certificate must come from.", valueName: "file"))
  var cacert: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The client's certificate.", valueName: "file"))
  var cert: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The certificate's private key.", valueName: "file")
  )
  var key: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Plain text where an endpoint does not say https and no certificate is given (default).")
  var insecureTransport: Bool?

  @Flag(inversion: .prefixedNo, help: "Accept any server certificate. For tests only.")
  var insecureSkipTlsVerify: Bool?

  @Flag(
    inversion: .prefixedNo,
    help:
      "Accept SRV records of servers without encryption, and certificates for their hosts (default)."
  )
  var insecureDiscovery: Bool?

  @Option(
    name: [.customShort("d"), .long], parsing: .unconditional,
    help: ArgumentHelp("Domain whose SRV records name the servers.", valueName: "domain"))
  var discoverySrv: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Suffix of the records' service, as in _etcd-client-NAME._tcp.", valueName: "name"))
  var discoverySrvName: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The user to log in as; the password is asked for if none is given.",
      valueName: "name[:password]"))
  var user: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The user's password; --user then holds the name alone.", valueName: "password"))
  var password: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Largest request (default: 2097152).", valueName: "bytes"))
  var maxRequestBytes: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Largest answer (default: 2147483647).", valueName: "bytes"))
  var maxRecvBytes: String?

  @Flag(inversion: .prefixedNo, help: "Say on standard error what the client does.")
  var debug: Bool?
}
