import Foundation
import TestPeers
import Testing

@testable import keelsonctl

@Suite("keelsonctl check", .enabled(if: RealEtcd.isInstalled), .serialized)
struct CheckTests {
  private func outcome(_ arguments: [String], _ etcd: RealEtcd) -> Tool.Outcome {
    InteropTests.keelsonctl(["check"] + arguments, etcd, seconds: 60)
  }

  @Test("says of puts at a steady rate what etcdctl says, and leaves nothing behind")
  func perf() throws {
    let etcd = try RealEtcd()
    let run = outcome(["perf", "--duration", "2s", "--auto-compact", "--auto-defrag"], etcd)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.first?.hasPrefix("Compacting with revision ") == true, "\(run)")
    #expect(lines.contains("Defragmented \"\(etcd.endpoint)\""))
    // How fast the machine is just now is not what is tested.
    let verdicts = lines.suffix(4)
    let subjects = ["Throughput", "Slowest", "Stddev"]
    for (verdict, subject) in zip(verdicts, subjects) {
      let isKnown =
        verdict.hasPrefix("PASS: \(subject)") || verdict.hasPrefix("FAIL: \(subject)")
      #expect(isKnown, "\(verdict)")
    }
    let passes = verdicts.allSatisfy { $0.hasPrefix("PASS") }
    #expect(verdicts.last == (passes ? "PASS" : "FAIL") && run.status == (passes ? 0 : 1))
    let left = InteropTests.keelsonctl(
      ["get", "", "--from-key", "--count-only", "-w", "fields"], etcd)
    #expect(left.output.contains("\"Count\" : 0\n"), "\(left)")
  }

  @Test("tells how much memory keys take")
  func datascale() throws {
    let etcd = try RealEtcd()
    let run = outcome(["datascale", "--load=small"], etcd)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(run.status == 0 && lines.count == 2, "\(run)")
    let start =
      "Start data scale check for work load [10000 key-value pairs, 1024 bytes per key-value, "
      + "50 concurrent clients]."
    #expect(lines.first == start)
    let last = lines.last ?? ""
    let (before, behind) = ("PASS: Approximate system memory used : ", " MB.")
    #expect(last.hasPrefix(before) && last.hasSuffix(behind), "\(last)")
    let used = try #require(Double(last.dropFirst(before.count).dropLast(behind.count)))
    // 10,000 keys of 1 KiB have to be somewhere.
    #expect(used > 1)
  }

  @Test("spares keys that were there, and knows its sizes")
  func refusals() throws {
    let etcd = try RealEtcd()
    #expect(InteropTests.keelsonctl(["put", "/mine/a", "1"], etcd).status == 0)
    for check in ["perf", "datascale"] {
      let taken = outcome([check, "--prefix", "/mine/"], etcd)
      #expect(taken.status == 3)
      #expect(
        taken.errors
          == "Error: prefix \"/mine/\" has keys. Delete with 'keelsonctl del --prefix /mine/' first\n"
      )
      let unknown = outcome([check, "--load", "q"], etcd)
      #expect(unknown.status == 4 && unknown.errors == "Error: unknown load option q\n")
    }
    #expect(
      InteropTests.keelsonctl(["get", "/mine/a", "--print-value-only"], etcd).output == "1\n")
  }

  @Test(
    "writes numbers with a fixed number of digits",
    arguments: [
      (0.0, 2, "0.00"), (51.234, 2, "51.23"), (0.0375411, 6, "0.037541"), (1.999, 2, "2.00"),
    ])
  func digits(number: Double, digits: Int, text: String) {
    #expect(CheckSize.fixed(number, digits: digits) == text)
  }
}
