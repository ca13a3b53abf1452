import Foundation
import ProcessHarness
import Testing

@Suite("the JSON gateway", .serialized)
struct GatewayTests {
  /// What curl showed of an answer.
  private struct Shown: Hashable {
    var head: [String]
    var body: String
  }

  @Test(
    "answers what etcd's answers, line by line",
    .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
  func sameAnswers() async throws {
    var shown: [[Shown]] = []
    for kind in [ServerProcess.Kind.etcd, .underTest] {
      try await withServer(kind) { server in
        var answers: [Shown] = []
        for request in GatewayRequest.table {
          answers.append(try await Self.ask(request, server))
        }
        shown.append(answers)
      }
    }
    for (index, request) in GatewayRequest.table.enumerated()
    where shown[0][index] != shown[1][index] {
      let asked = "\(request.path) \(request.body ?? "") \(request.options.joined(separator: " "))"
      Issue.record("\(asked)\netcd: \(shown[0][index])\nkeelson: \(shown[1][index])")
    }
  }

  private static func ask(_ request: GatewayRequest, _ server: ServerProcess) async throws -> Shown
  {
    var words = ["-sSiN", "--max-time", "20", "http://" + server.endpoint + request.path]
    if let body = request.body { words += ["-X", "POST", "-d", body] }
    let child = try ChildProcess("/usr/bin/curl", words + request.options, in: server.folder.path)
    if let lines = request.lines {
      _ = try await child.wait(seconds: 10) { lineCount(body(of: $0.output)) >= lines }
      child.kill()
    } else {
      _ = try await child.wait(seconds: 20) { $0.hasEnded }
    }
    let text = child.output.replacingOccurrences(of: "\r\n", with: "\n")
    guard let gap = text.range(of: "\n\n") else { return Shown(head: [text], body: child.errors) }
    // Which side of etcd's gateway notices first that the time is over decides the code.
    if request.options.contains(where: { $0.hasPrefix("Grpc-Timeout") }),
      text.contains("deadline exceeded")
    {
      return Shown(head: ["the time is over"], body: "")
    }
    let head = text[..<gap.lowerBound].split(separator: "\n").map(String.init)
    return Shown(head: Self.headFields(head), body: masked(String(text[gap.upperBound...])))
  }

  private static func body(of output: String) -> Substring {
    guard let gap = output.range(of: "\r\n\r\n") else { return "" }
    return output[gap.upperBound...]
  }

  private static func lineCount(_ text: Substring) -> Int { text.utf8.count { $0 == 10 } }

  /// Without what no client depends on: lengths, dates, the case of names and their order.
  private static func headFields(_ lines: [String]) -> [String] {
    let fields = lines.dropFirst().map { line in
      let sides = line.split(separator: ":", maxSplits: 1)
      return sides[0].lowercased() + ":" + (sides.count > 1 ? sides[1] : "")
    }
    let ignored = ["date:", "content-length:", "connection:"]
    return [lines[0]]
      + fields.filter { field in !ignored.contains { field.hasPrefix($0) } }.sorted()
  }

  private static let masks: [(NSRegularExpression, String)] = [
    (#""(cluster_id|member_id|raft_term|leader|dbSize|dbSizeInUse|raft\w+)":"\d+""#, #""$1":"N""#),
    (#""hash":\d+"#, #""hash":N"#), (#"127\.0\.0\.1:\d+"#, "ADDRESS"),
    (#""version":"\d+\.\d+\.\d+""#, #""version":"V""#),
    (#""ID":"\d{6,}""#, #""ID":"N""#), (#""TTL":"7[12]\d\d""#, #""TTL":"N""#),
    // Fields that are younger than the peer.
    (#","storageVersion":"[^"]*"|,"dbSizeQuota":"\d+"|,"downgradeInfo":\{\}"#, ""),
    // How a body that can't be read is described, but not that and how it is refused.
    (
      #""error":"(?!etcdserver|grpc|context|election|\\")[^"]*(\\"[^"]*)*","code":(\d),.*"#,
      #""error":"TEXT","code":$2"#
    ),
  ].map { (try! NSRegularExpression(pattern: $0.0), $0.1) }

  private static func masked(_ body: String) -> String {
    var body = body
    for (expression, template) in masks {
      body = expression.stringByReplacingMatches(
        in: body, range: NSRange(body.startIndex..., in: body), withTemplate: template)
    }
    return body
  }
}
