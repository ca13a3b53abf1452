import Foundation
import ProcessHarness

/// Runs steps against one server and keeps what they printed, masked.
struct CommandRunner: Sendable {
  /// What one step left behind.
  struct Outcome: Hashable, Sendable, CustomStringConvertible {
    var output: String
    var errors: String
    /// The exit code, or when it was interrupted.
    var ending: String

    var description: String {
      let errors = errors.isEmpty ? "" : "\nstderr: \(errors)"
      return "\(ending)\n\(output.prefix(3_000))\(errors)"
    }
  }

  let server: ServerProcess
  private var masks: Masks
  private var variables: [String: String]

  init(_ server: ServerProcess) async throws {
    self.server = server
    let status = try Self.status(
      try await server.control(["endpoint", "status", "-w", "json"]).output)
    masks = Masks(server, cluster: status.cluster, member: status.member)
    variables = [
      "$DIR": server.folder.path, "$CLIENT": server.endpoint,
      "$MEMBER": String(status.member, radix: 16),
    ]
  }

  private struct Status: Decodable {
    struct Inner: Decodable {
      struct Header: Decodable {
        var cluster_id: UInt64
        var member_id: UInt64
        var revision: Int64
      }
      var header: Header
    }
    var Status: Inner
  }

  private static func status(_ text: String) throws
    -> (cluster: UInt64, member: UInt64, revision: Int64)
  {
    guard let first = try? JSONDecoder().decode([Status].self, from: Data(text.utf8)).first else {
      throw HarnessError("`endpoint status -w json` printed: \(text)")
    }
    let header = first.Status.header
    return (header.cluster_id, header.member_id, header.revision)
  }

  /// Runs a step.
  mutating func run(_ step: Step, isInner: Bool = false) async throws -> [Outcome] {
    if !isInner, ([step] + step.meanwhile).contains(where: { $0.text.contains("$NEXT") }) {
      let text = try await server.control(["endpoint", "status", "-w", "json"]).output
      variables["$NEXT"] = String(try Self.status(text).revision + 1)
    }
    var words = step.words.map { word in
      variables.reduce(word) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
    }
    let program: String
    if words.first == "etcdutl" {
      words.removeFirst()
      program = try Programs.peer("bin/etcdutl")
    } else {
      program = try Programs.peer("bin/etcdctl")
      words = ["--endpoints", server.endpoint] + words
    }
    let child = try ChildProcess(
      program, words, input: step.input, environment: ["ETCDCTL_API": "3"],
      in: server.folder.path)
    var inner: [Outcome] = []
    for other in step.meanwhile { inner += try await run(other, isInner: true) }
    let outcome = try await finish(step, child)
    return [outcome] + inner
  }

  private mutating func finish(_ step: Step, _ child: ChildProcess) async throws -> Outcome {
    var ending: String
    if let lines = step.lines {
      let hasAll = try await child.wait(seconds: 10) { Self.lineCount($0.output) >= lines }
      // A moment in which a line too many would come.
      if hasAll { try await Task.sleep(for: .milliseconds(100)) }
      ending = hasAll ? "after \(lines) lines" : "without \(lines) lines"
    } else {
      let hasEnded = try await child.wait(seconds: 20) { $0.hasEnded }
      ending = hasEnded ? "" : "without an end"
    }
    if let code = child.exitCode {
      ending = "exit \(code)"
    } else {
      child.signal(SIGINT)
      _ = try await child.wait(seconds: 5) { $0.hasEnded }
      child.kill()
    }
    let output =
      step.words.contains("protobuf")
      ? ProtobufOutput.text(child.outputBytes, of: step.words) : child.output
    if let name = step.captures, let lease = Self.lease(output) {
      variables["$" + name] = String(lease, radix: 16)
      masks.add(lease: lease, as: name)
    }
    return Outcome(
      output: masks.apply(output), errors: masks.apply(Self.errors(child.errors)), ending: ending)
  }

  private static func lineCount(_ text: String) -> Int { text.utf8.count { $0 == 10 } }

  /// What a person is told, and of the client's own log only the statuses that came over the wire: how
  /// often it retried depends on the load.
  private static func errors(_ text: String) -> String {
    var seen: Set<Substring> = []
    var lines: [Substring] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("{") {
        guard let range = line.range(of: "rpc error: ") else { continue }
        let status = line[range.lowerBound...].dropLast(2)
        if seen.insert(status).inserted { lines.append(status) }
      } else {
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func lease(_ text: String) -> UInt64? {
    if let match = text.firstMatch(of: /lease ([0-9a-f]+) granted/) {
      return UInt64(match.1, radix: 16)
    }
    if let match = text.firstMatch(of: /"ID"\s*:\s*([0-9]+)/) { return UInt64(match.1) }
    return nil
  }
}
