import Foundation
import ProcessHarness
import Testing

/// What `keelsonctl apply` holds while it reads: memory, files of its own, and a terminal's line.
@Suite("keelsonctl apply of much", .serialized)
struct ApplyStreamTests {
  private static func manifests(_ count: Int, bytes: Int) -> String {
    let text = String(repeating: "x", count: bytes)
    return (0..<count).map {
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c\($0)}\ndata: {text: \(text)}\n"
    }.joined(separator: "---\n")
  }

  /// The highest that a process's resident memory was so far.
  private static func peakMemory(_ child: ChildProcess) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(child.pid)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return 1024 * (line?.split(separator: " ").dropLast().last.flatMap { Int($0) } ?? 0)
  }

  /// Runs an import of standard input with a folder of its own for temporary files.
  /// - Returns: the highest memory and the most files in the folder.
  private static func spool(
    _ server: ServerProcess, _ text: String
  ) async throws -> (peak: Int, files: Int, left: Int, outcome: String) {
    let spool = try TemporaryDirectory()
    let child = try ChildProcess(
      Programs.ours("keelsonctl"),
      ["--endpoints", server.endpoint, "apply", "-f", "-", "--dry-run"], input: text,
      environment: ["TMPDIR": spool.path], in: server.folder.path)
    var peak = 0
    var files = 0
    _ = try await child.wait(seconds: 120) {
      peak = max(peak, peakMemory($0))
      files = max(
        files, (try? FileManager.default.contentsOfDirectory(atPath: spool.path).count) ?? 0)
      return false
    }
    try await child.wait(seconds: 10)
    let left = try FileManager.default.contentsOfDirectory(atPath: spool.path).count
    return (peak, files, left, String(child.output.split(separator: "\n").last ?? ""))
  }

  @Test("memory does not grow with standard input, which leaves no file behind")
  func memory() async throws {
    try await withServer(.keelson) { server in
      let small = try await Self.spool(server, Self.manifests(100, bytes: 20_000))
      let large = try await Self.spool(server, Self.manifests(2_000, bytes: 20_000))
      #expect(small.outcome == "100 created, 0 configured, 0 unchanged, 0 failed (dry run)")
      #expect(large.outcome == "2000 created, 0 configured, 0 unchanged, 0 failed (dry run)")
      #expect(small.left == 0 && large.left == 0)
      // 38 MB more of text; what grows a little is the allocator.
      #expect(large.peak < small.peak + (8 << 20), "\(small.peak) and \(large.peak)")
    }
  }

  @Test("standard input is copied whole before anything is written, and Ctrl-C leaves nothing")
  func interrupted() async throws {
    try await withServer(.keelson) { server in
      let spool = try TemporaryDirectory()
      let pipe = server.folder.path + "/pipe"
      #expect(mkfifo(pipe, 0o600) == 0)
      let child = try ChildProcess(
        Programs.ours("keelsonctl"), ["--endpoints", server.endpoint, "apply", "-f", pipe],
        environment: ["TMPDIR": spool.path], in: server.folder.path)
      let writer = try #require(FileHandle(forWritingAtPath: pipe))
      try writer.write(contentsOf: Data(Self.manifests(100, bytes: 20_000).utf8))
      // More was taken than any window holds, and the writer has not closed the pipe.
      #expect(!child.hasEnded)
      child.signal(SIGINT)
      #expect(try await child.wait(seconds: 30) != 0)
      try writer.close()
      #expect(child.output.isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path).isEmpty)
      let keys = try await server.control(
        ["get", "/registry/", "--prefix", "--keys-only"], program: Programs.ours("keelsonctl"))
      #expect(keys.output.isEmpty)
    }
  }

  @Test("a terminal shows how far a long import is, and keeps nothing of it")
  func progress() async throws {
    try await withServer(.keelson) { server in
      let (terminal, name) = try Self.openTerminal()
      defer { close(terminal) }
      let file = server.folder.path + "/many.yaml"
      try Data(Self.manifests(6_000, bytes: 300).utf8).write(to: URL(filePath: file))
      let child = try ChildProcess(
        "/bin/sh",
        [
          "-c",
          "exec '\(try Programs.ours("keelsonctl"))' --endpoints \(server.endpoint) "
            + "--command-timeout 60s apply -f '\(file)' 2>\(name)",
        ], in: server.folder.path)
      // The server rests until the import takes long.
      let hasBegun = try await child.wait(seconds: 60) { !$0.output.isEmpty }
      #expect(hasBegun && !child.hasEnded)
      server.process?.signal(SIGSTOP)
      try await Task.sleep(for: .seconds(3))
      server.process?.signal(SIGCONT)
      var shown = Data()
      _ = try await child.wait(seconds: 120) { _ in
        shown += Self.available(terminal)
        return false
      }
      #expect(try await child.wait(seconds: 1) == 0)
      shown += Self.available(terminal)
      let text = String(decoding: shown, as: UTF8.self)
      #expect(text.contains(/\r\u{1b}\[K\[=+ +\] \d+ %  \d+ objects, \d+ a second/), "\(text)")
      #expect(text.hasSuffix("\r\u{1b}[K"))
      #expect(child.output.hasSuffix("6000 created, 0 configured, 0 unchanged, 0 failed\n"))
      #expect(!child.output.contains("\u{1b}"))
    }
  }

  /// A pseudo-terminal: its end for us, and the name of the one for a program.
  private static func openTerminal() throws -> (Int32, String) {
    let terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var lock: Int32 = 0
    var number: UInt32 = 0
    // TIOCSPTLCK and TIOCGPTN, whose numbers Swift cannot read.
    try #require(terminal >= 0 && ioctl(terminal, 0x4004_5431, &lock) == 0)
    try #require(ioctl(terminal, 0x8004_5430, &number) == 0)
    return (terminal, "/dev/pts/\(number)")
  }

  /// What a terminal has to read, without waiting.
  private static func available(_ terminal: Int32) -> Data {
    var data = Data()
    var waiting = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
    while poll(&waiting, 1, 0) == 1, waiting.revents & Int16(POLLIN) != 0 {
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = read(terminal, &chunk, chunk.count)
      if count <= 0 { break }
      data += chunk[..<count]
    }
    return data
  }
}
