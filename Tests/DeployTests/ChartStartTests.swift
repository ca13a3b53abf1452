import Foundation
import ProcessHarness
import Testing

@Suite(
  "pods that run the chart's start script", .serialized,
  .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
struct ChartStartTests {
  private static let secured = """
    "cluster": {"clientSecretName": "keelson-control"}, "peer": {"tls": {"enabled": true, \
    "secretName": "keelson-peers"}}, "tls": {"enabled": true, "serverSecretName": "keelson-server"}
    """

  private static func render(
    _ count: Int, _ rest: String, isUpgrade: Bool = false
  ) async throws -> Chart.Rendering {
    let values = #"{"replicaCount": \#(count), \#(rest)}"#
    let chart = try #require(
      try await Chart.render(values: [values], isUpgrade: isUpgrade).first)
    #expect(chart.error == nil)
    return chart
  }

  @Test(
    "three begin a cluster under TLS, two join it, one leaves and comes back as another",
    .timeLimit(.minutes(4)))
  func grows() async throws {
    let pods = try ChartPods(try await Self.render(3, Self.secured))
    try await pods.makeSecrets()
    for ordinal in 0..<3 { try pods.start(ordinal) }
    try await pods.settle(3)
    let put = try await pods.ask([2], ["put", "greeting", "hello"])
    #expect(put.code == 0, "\(put.errors)")
    let began = try (0..<3).filter { try pods.child($0).errors.contains("it begins one of 3") }
    #expect(began.count >= 2)

    // A restart asks nobody and changes nothing, also when it is alone.
    let before = try await pods.members()
    try await pods.stop(1)
    let again = try pods.start(1)
    let isReady = try await again.wait(seconds: 30) {
      $0.errors.contains("ready to serve client requests")
    }
    #expect(isReady, "\(again.errors)")
    #expect(!again.errors.contains("start: "), "\(again.errors)")
    #expect(try await pods.members() == before)

    pods.chart = try await Self.render(5, Self.secured, isUpgrade: true)
    for ordinal in [3, 4] { try pods.start(ordinal) }
    try await pods.settle(5)
    for ordinal in [3, 4] {
      let errors = try pods.child(ordinal).errors
      #expect(errors.contains("keelson-\(ordinal) is a learner of the cluster now"), "\(errors)")
      let got = try await pods.ask([ordinal], ["get", "greeting"])
      #expect(got.output == "greeting\nhello\n", "\(got.errors)")
    }
    try await leave(pods)
  }

  private func leave(_ pods: ChartPods) async throws {
    let removed = try await pods.id(4)
    let removal = try await pods.ask([0], ["member", "remove", removed])
    #expect(removal.code == 0, "\(removal.errors)")
    #expect(try await pods.child(4).wait(seconds: 30) == 0)
    // The kubelet starts it again, and it stays out.
    let still = try pods.start(4)
    try await still.wait(seconds: 30)
    let told = still.errors + still.output
    #expect(told.contains("permanently removed"), "\(told)")
    #expect(try await pods.members().count == 4)
    try pods.lose(4)
    try pods.start(4)
    try await pods.settle(5)
    #expect(try await pods.id(4) != removed)

    // A lost volume: the member is refused until it is removed.
    let lost = try await pods.id(3)
    try await pods.stop(3)
    try pods.lose(3)
    let refused = try pods.start(3)
    #expect(try await refused.wait(seconds: 30) == 1)
    #expect(refused.errors.contains("keelsonctl member remove \(lost)"), "\(refused.errors)")
    let second = try await pods.ask([0], ["member", "remove", lost])
    #expect(second.code == 0, "\(second.errors)")
    try pods.start(3)
    try await pods.settle(5)
    let got = try await pods.ask([3], ["get", "greeting"])
    #expect(got.output == "greeting\nhello\n", "\(got.errors)")
  }

  @Test("one member becomes three, once it is known at its address", .timeLimit(.minutes(3)))
  func becomesThree() async throws {
    let rest = #""peer": {"tls": {"enabled": true, "auto": true}}"#
    let pods = try ChartPods(try await Self.render(1, rest))
    try pods.start(0)
    try await pods.settle(1)
    let address = try #require(try await pods.members().first)[3]
    let id = try await pods.id(0)
    let moved = try await pods.ask(
      [0], ["member", "update", id, "--peer-urls", "http://localhost:2380"])
    #expect(moved.code == 0, "\(moved.errors)")
    pods.chart = try await Self.render(3, rest, isUpgrade: true)
    let refused = try pods.start(1)
    #expect(try await refused.wait(seconds: 30) == 1)
    let advice = "keelsonctl member update \(id) --peer-urls \(address)"
    #expect(refused.errors.contains(advice), "\(refused.errors)")
    let corrected = try await pods.ask([0], ["member", "update", id, "--peer-urls", address])
    #expect(corrected.code == 0, "\(corrected.errors)")
    for ordinal in [1, 2] { try pods.start(ordinal) }
    try await pods.settle(3)
    try await pods.stop(0)
    let put = try await pods.ask([1, 2], ["put", "one", "away"])
    #expect(put.code == 0, "\(put.errors)")
  }

  @Test("a member without data begins no cluster of its own in an upgraded release")
  func alone() async throws {
    let chart = try await Self.render(3, #""peer": {"listen": true}"#, isUpgrade: true)
    let pods = try ChartPods(chart)
    for ordinal in [1, 4] {
      let child = try pods.start(ordinal)
      let says = try await child.wait(seconds: 20) {
        $0.errors.contains("it may not begin a cluster of its own")
      }
      #expect(says, "\(child.errors)")
      #expect(!child.hasEnded)
      #expect(!FileManager.default.fileExists(atPath: pods.volume(ordinal) + "/data"))
      child.kill()
    }
  }
}
