internal import HTTPTransport
internal import MVCC
internal import Member
internal import Primitives
internal import ReplicaCore
internal import Telemetry

/// The plain HTTP pages of etcd's client port: /health, /livez, /readyz, /version, /metrics and /debug/vars.
final class StatusPages: HTTPHandler {
  private let member: Member
  private let metrics: MetricRegistry
  private let healthSuccesses: Counter
  private let healthFailures: Counter

  init(member: Member, metrics: MetricRegistry) {
    self.member = member
    self.metrics = metrics
    healthSuccesses = metrics.counter(
      "etcd_server_health_success", help: "Answers of /health that all is well.")
    healthFailures = metrics.counter(
      "etcd_server_health_failures", help: "Answers of /health that something is wrong.")
  }

  func handle(_ request: HTTPRequest, responder: HTTPResponder) {
    let query = Query(request.query)
    guard isPage(request.path) else {
      return responder.respond(
        status: 404,
        headers: [
          ("content-type", "text/plain; charset=utf-8"), ("x-content-type-options", "nosniff"),
        ], body: Bytes("404 page not found\n".utf8))
    }
    guard request.method == "GET" || request.method == "HEAD" else {
      return responder.respond(
        status: 405, headers: [("allow", "GET, HEAD")], body: Bytes("Method Not Allowed\n".utf8))
    }
    switch request.path {
    case "/health": health(query, responder)
    case "/livez": probe(Check.liveness, query, responder)
    case "/readyz": probe(Check.readiness, query, responder)
    case "/version":
      respond(
        200, "application/json",
        "{\"etcdserver\":\"\(Version.etcdAPI)\",\"etcdcluster\":\"\(Version.etcdCluster)\","
          + "\"storage\":\"\(Version.etcdCluster)\",\"keelson\":\"\(Version.keelson)\"}", responder)
    case "/metrics":
      respond(200, "text/plain; version=0.0.4; charset=utf-8", metrics.exposition(), responder)
    case "/debug/vars": variables(responder)
    default:
      if let check = Self.check(request.path) { probe([check], query, responder) }
    }
  }

  private static let paths: Set = [
    "/health", "/livez", "/readyz", "/version", "/metrics", "/debug/vars",
  ]

  private func isPage(_ path: String) -> Bool {
    Self.paths.contains(path) || Self.check(path) != nil
  }

  /// The check that a path asks for alone: each has a page of its own, such as /readyz/linearizable_read.
  private static func check(_ path: String) -> Check? {
    for (page, checks) in [("/livez/", Check.liveness), ("/readyz/", Check.readiness)]
    where path.hasPrefix(page) {
      return checks.first { $0.rawValue == path.dropFirst(page.count) }
    }
    return nil
  }

  private func respond(
    _ status: Int, _ type: String, _ text: String, _ responder: HTTPResponder
  ) {
    responder.respond(
      status: status, headers: [("content-type", type)], body: Bytes(text.utf8))
  }

  // MARK: /health

  private func health(_ query: Query, _ responder: HTTPResponder) {
    let excluded = Set(query.all("exclude"))
    for alarm in member.alarms {
      let name = alarm.kind.name
      if !excluded.contains(name) { return answer(unhealthy: "ALARM \(name)", responder) }
    }
    if query.first("serializable") == "true" {
      return answer(unhealthy: readFailure().map { "RANGE ERROR:\($0)" }, responder)
    }
    if member.status.leader == .none { return answer(unhealthy: "RAFT NO LEADER", responder) }
    member.linearizableRead { result in
      responder.execute {
        switch result {
        case .success: self.answer(unhealthy: nil, responder)
        case .failure(let error):
          self.answer(unhealthy: "RANGE ERROR:\(CallStatus(error).message)", responder)
        }
      }
    }
  }

  private func answer(unhealthy reason: String?, _ responder: HTTPResponder) {
    (reason == nil ? healthSuccesses : healthFailures).add()
    respond(
      reason == nil ? 200 : 503, "application/json",
      "{\"health\":\"\(reason == nil)\",\"reason\":\(JSONText.quoted(reason ?? ""))}", responder)
  }

  /// Reads a key as a probe does; nil if that works.
  private func readFailure() -> String? {
    var probe = RangeOperation(KeyRange(Bytes("health".utf8)))
    probe.limit = 1
    do {
      _ = try member.store.range(probe)
      return nil
    } catch { return CallStatus(error).message }
  }

  // MARK: /livez and /readyz

  private enum Check: String {
    case dataCorruption = "data_corruption"
    case serializableRead = "serializable_read"
    case linearizableRead = "linearizable_read"
    case nonLearner = "non_learner"

    static let liveness = [Check.serializableRead]
    static let readiness = [
      Check.dataCorruption, .serializableRead, .linearizableRead, .nonLearner,
    ]
  }

  private func probe(_ checks: [Check], _ query: Query, _ responder: HTTPResponder) {
    let excluded = Set(query.all("exclude"))
    let wanted = checks.filter { !excluded.contains($0.rawValue) }
    let results = wanted.map { ($0, failure(of: $0)) }
    let failed = results.contains { $0.1 != nil }
    let list = results.map { check, failure in
      failure.map { "[-]\(check.rawValue) failed: \($0)\n" } ?? "[+]\(check.rawValue) ok\n"
    }.joined()
    // As etcd has it: a word when all is well, and the list when it is asked for or something failed.
    let text = failed ? list + "\n" : query.contains("verbose") ? list + "ok\n" : "ok\n"
    respond(failed ? 503 : 200, "text/plain; charset=utf-8", text, responder)
  }

  private func failure(of check: Check) -> String? {
    switch check {
    case .dataCorruption:
      member.alarms.contains { $0.kind == .corrupt } ? "alarm activated: CORRUPT" : nil
    case .serializableRead: readFailure()
    case .linearizableRead: member.isReady ? nil : "the member does not serve yet"
    case .nonLearner: member.status.isLearner ? "the member is a learner" : nil
    }
  }

  // MARK: /debug/vars

  private func variables(_ responder: HTTPResponder) {
    let status = member.status
    respond(
      200, "application/json; charset=utf-8",
      "{\"raft.status\":{\"id\":\"\(status.member)\",\"term\":\(status.term),"
        + "\"commit\":\(status.commitIndex),\"lead\":\"\(status.leader)\","
        + "\"applied\":\(status.appliedIndex)},\"revision\":\(status.revision)}", responder)
  }
}

/// The parameters of a query string, percent-decoded.
struct Query {
  private var parameters: [(name: String, value: String)] = []

  init(_ text: String?) {
    for part in (text ?? "").split(separator: "&") {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      parameters.append(
        (Self.decoded(sides[0]), sides.count > 1 ? Self.decoded(sides[1]) : ""))
    }
  }

  func contains(_ name: String) -> Bool { parameters.contains { $0.name == name } }

  func first(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

  func all(_ name: String) -> [String] {
    parameters.filter { $0.name == name }.map(\.value)
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: Bytes = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
