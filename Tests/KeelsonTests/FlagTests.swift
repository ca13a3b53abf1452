import Foundation
import HTTPTransport
import Member
import Telemetry
import Testing

@testable import keelson

@Suite("The server's flags")
struct FlagTests {
  @Test("the last of several equal flags wins, in both notations")
  func lastWins() throws {
    let values = try FlagValues(
      ["--name", "a", "--name=b", "-name", "c"], environment: ["ETCD_NAME": "d"])
    #expect(values.text("name") == "c")
  }

  @Test("the environment counts where no flag is given, and Keelson's variable before etcd's")
  func environment() throws {
    let both = ["ETCD_NAME": "etcd", "KEELSON_NAME": "keelson", "ETCD_MAX_TXN_OPS": "7"]
    let values = try FlagValues([], environment: both)
    #expect(values.text("name") == "keelson")
    #expect(values.number("max-txn-ops") == 7)
  }

  @Test("a boolean flag needs no value")
  func booleans() throws {
    #expect(try FlagValues(["--unsafe-no-fsync"], environment: [:]).flag("unsafe-no-fsync"))
    let off = try FlagValues(["--unsafe-no-fsync=false", "--name", "x"], environment: [:])
    #expect(!off.flag("unsafe-no-fsync"))
    #expect(off.text("name") == "x")
  }

  @Test("an unknown flag is refused with the nearest name")
  func unknownFlag() {
    #expect {
      try FlagValues(["--data-dri", "x"], environment: [:])
    } throws: { "\($0)" == "unknown flag --data-dri; did you mean --data-dir?" }
  }

  @Test(
    "what can't be is refused with a reason",
    arguments: [
      (["--max-txn-ops", "many"], "a number is expected"),
      (["--max-txn-ops", "-1"], "not negative"),
      (["--quota-backend-bytes", "8e9"], "a number is expected"),
      (["--log-outputs="], "names no output"),
      (["--config-file", "/nowhere/etcd.yaml"], "No such file"),
      (["--initial-cluster", "http://h:1"], "is no NAME=URL"),
      (
        ["--initial-cluster", "default=http://h:1", "--initial-advertise-peer-urls", "http://i:1"],
        "give both the same URLs"
      ),
      (["--auto-compaction-retention", "-1"], "neither a number of hours"),
      (["--auto-compaction-retention", "9000000000000000000"], "neither a number of hours"),
      (
        ["--auto-compaction-mode", "revision", "--auto-compaction-retention", "-5"],
        "is no number of revisions"
      ),
      (["--watch-progress-notify-interval", "5 parsecs"], "a duration such as"),
      (["--discovery", "https://example.org"], "is not supported"),
      (["--discovery-srv-name", "blue"], "needs --discovery-srv"),
      (
        ["--discovery-srv", "example.org", "--initial-cluster", "default=http://h:1"],
        "choose one of"
      ),
      (["--enable-log-rotation"], "--log-outputs names none"),
      (["--enable-log-rotation", "--log-rotation-config-json", "[]"], "an object such as"),
      (
        ["--enable-log-rotation", "--log-rotation-config-json", "{\"maxsize\": -1}"],
        "is none of maxsize"
      ),
      (
        ["--enable-log-rotation", "--log-rotation-config-json", "{\"compress\": true}"],
        "are not compressed"
      ),
      (["--cipher-suites", "TLS_RSA_WITH_RC4_128_SHA"], "is none that can be served"),
      (
        ["--cipher-suites", "TLS_RSA_WITH_AES_128_CBC_SHA", "--tls-min-version", "TLS1.3"],
        "chooses among those of TLS 1.2"
      ),
      (["--tls-min-version", "TLS1.3", "--tls-max-version", "TLS1.2"], "is above"),
      (["--tls-min-version", "TLS1.1"], "TLS1.2 or TLS1.3"),
      (
        ["--cert-file", "c", "--key-file", "k", "--client-crl-file", "l"], "needs --trusted-ca-file"
      ),
      (["--auto-tls", "--client-cert-auth"], "knows no clients"),
      (["--http-request-timeout", "1ms"], "at least 100ms"),
      (["--name"], "needs a value"),
      (["serve"], "unexpected argument"),
      (["--initial-cluster", "a=http://h:1,b=http://i:1"], "this member is \"default\""),
      (["--listen-peer-urls", "https://127.0.0.1:2380"], "needs --peer-cert-file"),
      (["--listen-peer-urls", "unix://socket"], "a socket of this machine"),
      (["--peer-key-file", "k.pem"], "must be given together"),
      (["--peer-client-cert-auth"], "needs --peer-trusted-ca-file"),
      (
        ["--peer-cert-file", "c", "--peer-key-file", "k", "--peer-cert-allowed-cn", "m"],
        "need --peer-trusted-ca-file"
      ),
      (
        [
          "--peer-cert-file", "c", "--peer-key-file", "k", "--peer-trusted-ca-file", "a",
          "--peer-cert-allowed-cn", "m", "--peer-cert-allowed-hostname", "h",
        ], "exclude each other"
      ),
      (["--listen-client-urls", "127.0.0.1:2379"], "is no URL"),
      (["--listen-client-urls", "https://127.0.0.1:2379"], "needs --cert-file"),
      (["--cert-file", "c.pem"], "must be given together"),
      (["--election-timeout", "100"], "at least 5 times"),
      (["--auto-compaction-mode", "lunar"], "periodic or revision"),
      (["--initial-cluster-state", "old"], "is expected"),
    ])
  func refusals(arguments: [String], expected: String) {
    #expect {
      let values = try FlagValues(arguments, environment: [:])
      let settings = try ServerSettings(values)
      if let problem = settings.bootstrapProblem { throw problem }
      _ = try LogSetup.logger(values)
    } throws: { "\($0)".contains(expected) }
  }

  private func settings(_ arguments: [String]) throws -> ServerSettings {
    try ServerSettings(FlagValues(arguments, environment: [:]))
  }

  @Test("what begins a cluster is no hindrance to a member that has its data")
  func bootstrapFlags() throws {
    let settings = try settings(["--initial-cluster", "a=http://h:1,b=http://i:1"])
    #expect(settings.bootstrapProblem != nil)
    #expect(try self.settings([]).bootstrapProblem == nil)
  }

  @Test("URLs that are not given follow from those that are")
  func impliedURLs() throws {
    let listening = try settings([
      "--listen-client-urls", "http://0.0.0.0:4001, http://10.0.0.1:4001,unix:///run/store",
      "--initial-cluster", "default=http://10.0.0.1:4002",
    ])
    #expect(
      listening.member.clientURLs
        == ["http://localhost:4001", "http://10.0.0.1:4001", "unix:///run/store"])
    #expect(listening.member.peerURLs == ["http://10.0.0.1:4002"])
    let told = try settings([
      "--listen-client-urls", "http://0.0.0.0:4001", "--advertise-client-urls", "http://h:1",
    ])
    #expect(told.member.clientURLs == ["http://h:1"])
    #expect(try settings([]).member.clientURLs == ["http://localhost:2379"])
  }

  @Test("zero means the default where etcd has it so")
  func zeros() throws {
    let zeros = try settings([
      "--snapshot-count=0", "--max-concurrent-streams=0", "--quota-backend-bytes=0",
      "--watch-progress-notify-interval=0",
    ])
    let none = try settings([])
    #expect(zeros.member.snapshotCount == none.member.snapshotCount)
    #expect(zeros.maxConcurrentStreams == none.maxConcurrentStreams)
    #expect(zeros.member.quotaBytes == none.member.quotaBytes)
    #expect(zeros.member.watchProgressSeconds == none.member.watchProgressSeconds)
  }

  @Test("retention counts hours, or is a time that is never rounded down to nothing")
  func retention() throws {
    for (text, expected) in [
      ("0", AutoCompaction.off), ("1", .periodic(seconds: 3_600)),
      ("30m", .periodic(seconds: 1_800)), ("500ms", .periodic(seconds: 1)),
    ] {
      let settings = try settings(["--auto-compaction-retention", text])
      #expect(settings.member.autoCompaction == expected, "\(text)")
    }
  }

  @Test("variables that are no flag's are told, and the paths of log files keep their spaces")
  func strayVariables() throws {
    let values = try FlagValues(
      ["--log-outputs", " /var/log/my store.log , stderr"],
      environment: ["ETCD_NAM": "a", "ETCD_NAME": "b", "PATH": "/bin"])
    #expect(values.unknownVariables == ["ETCD_NAM"])
    #expect(values.list("log-outputs") == ["/var/log/my store.log", "stderr"])
  }

  @Test("full log files are put aside, the newest are kept, and no line is torn or lost")
  func logRotation() throws {
    let folder = NSTemporaryDirectory() + "keelson-logs-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (kept, path) in [(0, "/all/store.log"), (2, "/some/store.log")] {
      try FileManager.default.createDirectory(
        atPath: folder + path.dropLast(10), withIntermediateDirectories: true)
      let file = try #require(
        LogFile(folder + path, rotation: LogRotation(maxBytes: 60, maxBackups: kept)))
      for number in 0..<20 {
        file.write(Array("line \(number + 100) \(String(repeating: "x", count: 40))\n".utf8))
        // Names have milliseconds: files that are full at once would have one name.
        usleep(2_000)
      }
      let directory = folder + path.dropLast(10)
      let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
      #expect(names.count == (kept == 0 ? 20 : kept + 1), "\(names)")
      let text = try names.map {
        try String(contentsOfFile: directory + "/" + $0, encoding: .utf8)
      }.joined()
      let lines = text.split(separator: "\n")
      #expect(lines.allSatisfy { $0.hasPrefix("line 1") && $0.hasSuffix("xxxx") })
      if kept == 0 { #expect(lines.count == 20) }
    }
  }

  @Test("flags without effect are told with a reason, unless they say the default")
  func notices() throws {
    let values = try FlagValues(
      ["--pre-vote=false", "--max-wals", "5"], environment: ["ETCD_RAFT_READ_TIMEOUT": "7s"])
    #expect(values.notices.map(\.flag).sorted() == ["--pre-vote", "--raft-read-timeout"])
    #expect(values.notices.allSatisfy { !$0.reason.isEmpty })
  }

  @Test("the members of a new cluster are read, with all their URLs")
  func initialMembers() throws {
    let settings = try settings([
      "--name", "b", "--initial-cluster", "a=http://h:1,b=http://i:1,a=http://j:1",
    ])
    #expect(
      settings.member.initialMembers == [
        InitialMember(name: "a", peerURLs: ["http://h:1", "http://j:1"]),
        InitialMember(name: "b", peerURLs: ["http://i:1"]),
      ])
    #expect(settings.member.peerURLs == ["http://i:1"])
  }

  @Test("a member shows its own certificate to others, unless it has one for that")
  func peerCertificates() throws {
    let own = [
      "--peer-cert-file", "c", "--peer-key-file", "k", "--peer-trusted-ca-file", "a",
      "--peer-cert-allowed-cn", "m1, m2",
    ]
    let peers = try settings(own).peers
    #expect(peers.clientTLS?.certificateFile == "c")
    #expect(peers.serverTLS?.verification == .require)
    #expect(peers.serverTLS?.allowedCommonNames == ["m1", "m2"])
    #expect(peers.checksAddress)
    let further = [
      "--peer-client-cert-file", "d", "--peer-client-key-file", "l",
      "--peer-skip-client-san-verification",
    ]
    let two = try settings(own + further).peers
    #expect(two.clientTLS?.certificateFile == "d")
    #expect(two.serverTLS?.certificateFile == "c")
    #expect(!two.checksAddress)
  }

  @Test("what kubeadm passes is accepted")
  func kubeadm() throws {
    let arguments = [
      "--name=cp", "--listen-client-urls=http://127.0.0.1:2379,http://10.0.0.1:2379",
      "--advertise-client-urls=http://10.0.0.1:2379", "--listen-peer-urls=http://10.0.0.1:2380",
      "--initial-advertise-peer-urls=http://10.0.0.1:2380", "--data-dir=/var/lib/etcd",
      "--peer-cert-file=p.crt", "--peer-key-file=p.key", "--peer-trusted-ca-file=ca.crt",
      "--peer-client-cert-auth=true", "--snapshot-count=10000",
      "--listen-metrics-urls=http://127.0.0.1:2381", "--feature-gates=InitialCorruptCheck=true",
      "--watch-progress-notify-interval=5s", "--initial-cluster=cp=http://10.0.0.1:2380",
    ]
    let settings = try ServerSettings(FlagValues(arguments, environment: [:]))
    #expect(settings.member.snapshotCount == 10_000)
    #expect(settings.member.watchProgressSeconds == 5)
    #expect(settings.metricsURLs.map(\.text) == ["http://127.0.0.1:2381"])
    #expect(settings.clientURLs.count == 2)
  }

  @Test(
    "durations are read as Go prints them",
    arguments: [
      ("300ms", 300_000_000), ("1h30m", 5_400_000_000_000), ("0", 0), ("", 0),
      ("1.5s", 1_500_000_000),
    ])
  func durations(text: String, nanoseconds: Int64) {
    #expect(GoDuration.nanoseconds(text) == nanoseconds)
  }

  @Test("no flag is defined twice, and each has help")
  func table() {
    let names = FlagDefinition.all.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(FlagDefinition.all.allSatisfy { !$0.help.isEmpty })
    #expect(HelpText.help.contains("--listen-client-urls"))
  }
}
