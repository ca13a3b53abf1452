import Primitives
import Testing

@testable import Registry

/// What a manifest, what was applied last and what is stored make together.
@Suite("Merging three versions of an object")
struct MergeTests {
  private func merged(
    _ original: String?, _ modified: String, _ current: String, kind: String = "Deployment",
    apiVersion: String = "apps/v1", isCustom: Bool = false
  ) throws -> String {
    func value(_ text: String) throws -> Value {
      try #require(try documents(text).first).value
    }
    let result = ThreeWayMerge.merged(
      original: try original.map(value), modified: try value(modified), current: try value(current),
      type: Schema.kubernetes.type(apiVersion: apiVersion, kind: kind), isCustom: isCustom)
    return String(decoding: result.json, as: UTF8.self)
  }

  @Test("what the manifest no longer names goes, what it never named stays")
  func fields() throws {
    #expect(
      try merged(
        "{metadata: {labels: {a: x, b: y}}}", "{metadata: {labels: {a: z}}}",
        "{metadata: {labels: {a: x, b: y, c: other}, uid: u}}")
        == "{\"metadata\":{\"labels\":{\"a\":\"z\",\"c\":\"other\"},\"uid\":\"u\"}}")
    #expect(
      try merged(nil, "{spec: {replicas: 2}}", "{spec: {replicas: 1, paused: true}}")
        == "{\"spec\":{\"paused\":true,\"replicas\":2}}")
    #expect(
      try merged(nil, "{spec: {paused: null}}", "{spec: {paused: true, replicas: 1}}")
        == "{\"spec\":{\"replicas\":1}}")
  }

  private static func containers(_ text: String) -> String {
    "{spec: {template: {spec: {containers: [\(text)]}}}}"
  }

  @Test("containers come together by their names, in the manifest's order, others' between them")
  func containers() throws {
    let result = try merged(
      Self.containers("{name: a, image: x}, {name: gone, image: x}"),
      Self.containers("{name: b, image: i1}, {name: a, image: i2}"),
      Self.containers(
        "{name: proxy, image: p}, {name: a, image: x, tty: true}, {name: gone, image: x}, "
          + "{name: late, image: l}"))
    #expect(
      result
        == "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"image\":\"i1\",\"name\":\"b\"},"
        + "{\"image\":\"p\",\"name\":\"proxy\"},{\"image\":\"i2\",\"name\":\"a\",\"tty\":true},"
        + "{\"image\":\"l\",\"name\":\"late\"}]}}}}")
  }

  @Test("a port that is there for two protocols is two ports, and one without a protocol is TCP")
  func ports() throws {
    let result = try merged(
      "{spec: {ports: [{port: 53}, {port: 53, protocol: UDP}]}}",
      "{spec: {ports: [{port: 53, name: t}, {port: 53, protocol: UDP, name: u}]}}",
      "{spec: {ports: [{port: 53, protocol: TCP, nodePort: 1}, {port: 53, protocol: UDP, nodePort: 2}]}}",
      kind: "Service", apiVersion: "v1")
    #expect(
      result
        == "{\"spec\":{\"ports\":[{\"name\":\"t\",\"nodePort\":1,\"port\":53,\"protocol\":\"TCP\"},"
        + "{\"name\":\"u\",\"nodePort\":2,\"port\":53,\"protocol\":\"UDP\"}]}}")
  }

  @Test("sets are united, and what was taken out of the manifest is taken out of the set")
  func sets() throws {
    #expect(
      try merged(
        "{metadata: {finalizers: [a/x, b/x]}}", "{metadata: {finalizers: [c/x, a/x]}}",
        "{metadata: {finalizers: [a/x, b/x, other/x]}}")
        == "{\"metadata\":{\"finalizers\":[\"c/x\",\"a/x\",\"other/x\"]}}")
  }

  @Test("atomic lists, and all lists of custom resources, are one value")
  func atomic() throws {
    #expect(
      try merged(
        nil, "{spec: {template: {spec: {tolerations: [{key: a}]}}}}",
        "{spec: {template: {spec: {tolerations: [{key: b}]}}}}")
        == "{\"spec\":{\"template\":{\"spec\":{\"tolerations\":[{\"key\":\"a\"}]}}}}")
    #expect(
      try merged(
        nil, Self.containers("{name: a}"), Self.containers("{name: b}"), isCustom: true)
        == "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\"}]}}}}")
  }

  @Test("a strategy that changes drops what belonged to the other one")
  func retainedKeys() throws {
    #expect(
      try merged(
        "{spec: {strategy: {type: RollingUpdate}}}", "{spec: {strategy: {type: Recreate}}}",
        "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}")
        == "{\"spec\":{\"strategy\":{\"type\":\"Recreate\"}}}")
    #expect(
      try merged(
        nil, "{spec: {strategy: {type: RollingUpdate}}}",
        "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}")
        == "{\"spec\":{\"strategy\":{\"rollingUpdate\":{\"maxSurge\":1},\"type\":\"RollingUpdate\"}}}"
    )
  }

  @Test("merging a manifest with itself changes nothing, whatever the order of others' elements")
  func idempotence() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<200 {
      func list(_ names: [String]) -> String {
        names.map { "{name: \($0), image: \(Int.random(in: 0..<3, using: &random))x}" }
          .joined(separator: ", ")
      }
      let names = ["a", "b", "c", "d", "e"].shuffled(using: &random)
      let own = Self.containers(list(Array(names.prefix(3))))
      let current = Self.containers(list(names.dropFirst(2).shuffled(using: &random)))
      let once = try merged(nil, own, current)
      #expect(try merged(own, own, once) == once)
    }
  }
}
