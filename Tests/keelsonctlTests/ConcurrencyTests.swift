import Foundation
import TestPeers
import Testing

/// What holds something until it is told otherwise, beside etcdctl on one etcd.
@Suite("locks, elections and mirrors", .enabled(if: RealEtcd.isInstalled), .serialized)
struct ConcurrencyTests {
  /// Runs a command that goes on, until it has printed `lines` lines, and interrupts it.
  private static func interrupted(
    _ program: String, _ arguments: [String], _ etcd: RealEtcd, lines: Int
  ) throws -> (output: String, status: Int32) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["--endpoints", etcd.endpoint] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(["ETCDCTL_API": "3"]) { $1 }
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    var output = Data()
    while output.count(where: { $0 == 10 }) < lines {
      let part = pipe.fileHandleForReading.availableData
      if part.isEmpty { break }
      output += part
    }
    process.interrupt()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus)
  }

  private static func masked(_ text: String) -> String {
    text.replacingOccurrences(of: #"/[0-9a-f]{8,}"#, with: "/LEASE", options: .regularExpression)
  }

  @Test("lock and elect hold until a signal, print the key, and give it back")
  func holding() throws {
    let etcd = try RealEtcd()
    let etcdctl = RealEtcd.programs! + "/etcdctl"
    for arguments in [["lock", "name"], ["elect", "name", "proposal"]] {
      let theirs = try Self.interrupted(etcdctl, arguments, etcd, lines: 2)
      let ours = try Self.interrupted(InteropTests.program, arguments, etcd, lines: 2)
      #expect(Self.masked(ours.output) == Self.masked(theirs.output))
      #expect(ours.status == theirs.status, "\(arguments)")
      #expect(ours.status == 0)
      #expect(InteropTests.etcdctl(["get", "--prefix", "name/"], etcd).output == "")
    }
  }

  @Test("a command runs under the lock with the key and a revision, and its status is passed on")
  func commands() throws {
    let etcd = try RealEtcd()
    let script = "echo ${ETCD_LOCK_KEY%%/*} $((ETCD_LOCK_REV > 0)); exit 3"
    let arguments = ["lock", "name", "--", "sh", "-c", script]
    let theirs = InteropTests.etcdctl(arguments, etcd)
    let ours = InteropTests.keelsonctl(arguments, etcd)
    #expect(ours == theirs)
    #expect(ours.output == "name 1\n")
    #expect(InteropTests.etcdctl(["get", "--prefix", "name/"], etcd).output == "")
  }

  @Test("arguments that do not fit are refused as etcdctl refuses them")
  func refused() throws {
    let etcd = try RealEtcd()
    for arguments in [
      ["lock"], ["elect"], ["elect", "a"], ["elect", "a", "b", "-l"], ["elect", "a", "b", "c"],
      ["make-mirror"], ["move-leader"], ["move-leader", "zz"],
    ] {
      var theirs = InteropTests.etcdctl(arguments, etcd)
      theirs.errors = theirs.errors.split(separator: "\n").first.map { $0 + "\n" } ?? ""
      #expect(InteropTests.keelsonctl(arguments, etcd) == theirs, "\(arguments)")
    }
    // As etcdctl 3.7 does; 3.5.1 prints its client's log alone.
    let moved = InteropTests.keelsonctl(["move-leader", "ffff"], etcd)
    #expect(moved.status == 1 && moved.errors == "Error: etcdserver: bad leader transferee\n")
  }

  @Test("a downgrade is asked for, begun and called off, and what etcd says to it is printed")
  func downgrade() throws {
    let etcd = try RealEtcd()
    func run(_ arguments: String...) -> Tool.Outcome {
      InteropTests.keelsonctl(["downgrade"] + arguments, etcd)
    }
    #expect(run("validate", "3.4").output.hasPrefix("Downgrade validate success, cluster version "))
    #expect(
      run("validate", "x").errors == "Error: etcdserver: wrong downgrade target version format\n")
    #expect(run("enable", "3.5").errors == "Error: etcdserver: invalid downgrade target version\n")
    #expect(run("cancel").errors == "Error: etcdserver: no inflight downgrade job\n")
    #expect(run("validate").status == 128)
  }

  @Test("a mirror copies what there is and what changes then, under another prefix")
  func mirror() throws {
    let (source, destination) = (try RealEtcd(), try RealEtcd())
    for number in 0..<3 { _ = InteropTests.etcdctl(["put", "/a/\(number)", "v\(number)"], source) }
    _ = InteropTests.etcdctl(["put", "/other", "x"], source)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: InteropTests.program)
    process.arguments = [
      "--endpoints", source.endpoint, "make-mirror", "--prefix", "/a/", "--dest-prefix", "/b/",
      destination.endpoint,
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer {
      process.terminate()
      process.waitUntilExit()
    }
    func copy(_ expected: String) -> Bool {
      for _ in 0..<500 {
        if InteropTests.etcdctl(["get", "--prefix", ""], destination).output == expected {
          return true
        }
        usleep(20_000)
      }
      return false
    }
    #expect(copy("/b/0\nv0\n/b/1\nv1\n/b/2\nv2\n"))
    _ = InteropTests.etcdctl(["del", "/a/1"], source)
    _ = InteropTests.etcdctl(
      ["txn"], source, input: Array("\nput /a/2 two\nput /a/3 three\n\n\n".utf8))
    #expect(copy("/b/0\nv0\n/b/2\ntwo\n/b/3\nthree\n"))
  }
}
