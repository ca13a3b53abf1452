import ArgumentParser
import ServiceRecords
import Testing

@testable import keelsonctl

@Suite("settings")
struct SettingsTests {
  private func settings(
    _ flags: [String], _ environment: [String: String] = [:]
  ) throws -> Settings {
    try Settings(
      GlobalOptions.parse(ArgumentNormalizer.normalized(flags)), environment: environment)
  }

  @Test("a flag wins over KEELSONCTL_, and that over ETCDCTL_, and all over the default")
  func precedence() throws {
    #expect(try settings([]).endpoints == ["127.0.0.1:2379"])
    #expect(try settings([], ["ETCDCTL_ENDPOINTS": "a:1, b:2"]).endpoints == ["a:1", "b:2"])
    #expect(
      try settings([], ["ETCDCTL_ENDPOINTS": "a:1", "KEELSONCTL_ENDPOINTS": "c:3"]).endpoints
        == ["c:3"])
    #expect(
      try settings(["--endpoints", "d:4"], ["KEELSONCTL_ENDPOINTS": "c:3"]).endpoints == ["d:4"])
    #expect(try settings([], ["ETCDCTL_WRITE_OUT": "json"]).format == .json)
    #expect(try settings([], ["ETCDCTL_HEX": "1"]).isHexadecimal)
    #expect(try !settings(["--hex=false"], ["KEELSONCTL_HEX": "true"]).isHexadecimal)
    #expect(try settings(["--command-timeout=1m30s"]).commandTimeout == .seconds(90))
  }

  @Test("a flag beside the ETCDCTL_ variable that it stands for is refused, as etcdctl does")
  func conflict() {
    #expect(
      throws: Failure(
        .error,
        "conflicting environment variable \"ETCDCTL_ENDPOINTS\" is shadowed by corresponding "
          + "command-line flag (either unset environment variable or disable flag)")
    ) { try settings(["--endpoints", "d:4"], ["ETCDCTL_ENDPOINTS": "a:1"]) }
  }

  @Test("values that cannot be used are told with their flag")
  func wrongValues() {
    #expect(throws: Failure(.badFeature, "unsupported output format")) {
      try settings(["-w", "yaml"])
    }
    #expect(
      throws: Failure(
        .error, "invalid argument \"x\" for \"--dial-timeout\" flag: time: invalid duration \"x\"")
    ) { try settings(["--dial-timeout", "x"]) }
    #expect(
      throws: Failure(.badArguments, "KeyFile and CertFile must both be present[key: , cert: c]")
    ) { try settings(["--cert", "c"]) }
    #expect(throws: Never.self) { try settings(["--user", "root:x"]) }
    #expect(throws: Never.self) { try settings([], ["ETCDCTL_USER": "root:x"]) }
  }
}

@Suite("servers that DNS names")
struct EndpointRecordsTests {
  private func records(suffix: String? = nil, acceptsPlain: Bool = true) -> EndpointRecords {
    var records = EndpointRecords(
      domain: "example.org", suffix: suffix, acceptsPlain: acceptsPlain)
    records.records = { (service) throws(ServiceLookupError) in
      switch service {
      case "etcd-client", "etcd-client-blue": [ServiceRecord(host: "plain", port: 2379)]
      case "etcd-client-ssl": [ServiceRecord(host: "safe", port: 2379)]
      default: throw ServiceLookupError(name: service, reason: .unavailable)
      }
    }
    return records
  }

  @Test("are those of both records, under the suffix if there is one")
  func endpoints() throws {
    #expect(try records().endpoints().used == ["https://safe:2379", "http://plain:2379"])
    #expect(try records(suffix: "blue").endpoints().used == ["http://plain:2379"])
    #expect(throws: Failure.self) { try records(suffix: "green").endpoints() }
  }

  @Test("are left out where they do not encrypt and that is wanted")
  func plain() throws {
    let found = try records(acceptsPlain: false).endpoints()
    #expect(found.used == ["https://safe:2379"])
    #expect(found.ignored == ["http://plain:2379"])
  }
}

@Suite("Go's spelling")
struct GoSyntaxTests {
  @Test(
    "durations",
    arguments: [
      ("5s", Duration.seconds(5)), ("1m30s", .seconds(90)), ("300ms", .milliseconds(300)),
      ("1.5h", .seconds(5400)), ("0", .zero), ("-2s", .seconds(-2)), ("7us", .microseconds(7)),
    ])
  func durations(text: String, duration: Duration) {
    #expect(GoSyntax.duration(text) == duration)
  }

  @Test("what is no duration", arguments: ["", "5", "s", "1x", "1s2", "--1s", "1e9h", "1.2.3s"])
  func noDurations(text: String) {
    #expect(GoSyntax.duration(text) == nil)
  }

  @Test(
    "printed durations",
    arguments: [
      (Duration.nanoseconds(4_356_722), "4.356722ms"), (.seconds(1.5), "1.5s"),
      (.nanoseconds(17), "17ns"), (.nanoseconds(1_500), "1.5µs"), (.seconds(60), "1m0s"),
      (.seconds(3725), "1h2m5s"), (.zero, "0s"), (.milliseconds(2), "2ms"),
    ])
  func printed(duration: Duration, text: String) {
    #expect(GoSyntax.text(duration) == text)
  }

  @Test("quoted bytes")
  func quoted() {
    #expect(GoSyntax.quoted(Array("a\"b\\\n\t".utf8)) == #""a\"b\\\n\t""#)
    #expect(GoSyntax.quoted([0x78, 0x01, 0xff, 0x00]) == #""x\x01\xff\x00""#)
    #expect(GoSyntax.quoted(Array("é\u{200B}\u{7f}😀".utf8)) == #""é\u200b\x7f😀""#)
  }

  @Test(
    "sizes",
    arguments: [
      (9, "9 B"), (512, "512 B"), (20480, "20 kB"), (2_147_483_648, "2.1 GB"),
      (1_500_000, "1.5 MB"), (0, "0 B"),
    ])
  func sizes(bytes: Int64, text: String) {
    #expect(ByteCount.text(bytes) == text)
  }
}
