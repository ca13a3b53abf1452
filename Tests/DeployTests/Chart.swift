import Foundation
import ProcessHarness
import Testing

/// The Helm chart, and what Helm's engine makes of it.
enum Chart {
  static let path = Programs.packageRoot + "/charts/keelson"

  /// What Helm made of one set of values.
  struct Rendering: Decodable, Sendable {
    var name: String
    /// Why Helm refuses the values.
    var error: String?
    /// Warnings and errors of the linter.
    var lint: [String]
    /// The objects, by the template that they come from.
    var objects: [String: [JSONValue]]
    /// What Kubernetes' schemas object to.
    var problems: [String]
    var notes: String

    /// The one object of a template; `.null` if there is none.
    subscript(template: String) -> JSONValue { objects[template]?.first ?? .null }

    /// The pod of the stateful set.
    var pod: JSONValue { self["statefulset.yaml"]["spec"]["template"]["spec"] }
    /// The member's own container.
    var member: JSONValue { pod["containers"].named("keelson") }
    /// Flags that the first member is started with.
    var flags: [String] { flags(of: 0) }

    /// Flags that a member is started with, the kubelet's variable filled in.
    func flags(of ordinal: Int) -> [String] {
      member["args"].texts.map {
        $0.replacingOccurrences(of: "$(POD_NAME)", with: podName(ordinal))
      }
    }

    func podName(_ ordinal: Int) -> String {
      "\(self["statefulset.yaml"]["metadata"]["name"].text ?? "")-\(ordinal)"
    }

    /// `start` or `settings`: what the members' command reads.
    func file(_ name: String) -> String { self["configmap.yaml"]["data"][name].text ?? "" }
  }

  /// The sets of values in the chart's folder `ci`, by name.
  static var valueSets: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: path + "/ci")
        .filter { $0.hasSuffix("-values.yaml") }.map { String($0.dropLast(12)) }.sorted()
    }
  }

  /// Renders the defaults as `default`, and every set of the folder `ci`.
  static func renderAll() async throws -> [String: Rendering] {
    let files = try valueSets.map { ["name": $0, "file": "\(path)/ci/\($0)-values.yaml"] }
    let renderings = try await render(cases: [["name": "default"]] + files)
    return Dictionary(uniqueKeysWithValues: renderings.map { ($0.name, $0) })
  }

  /// Renders values given as JSON.
  static func render(values: [String], isUpgrade: Bool = false) async throws -> [Rendering] {
    try await render(
      cases: values.map {
        let values = try JSONSerialization.jsonObject(with: Data($0.utf8))
        return ["name": $0, "values": values, "upgrade": isUpgrade]
      })
  }

  private static func render(cases: [[String: Any]]) async throws -> [Rendering] {
    let input = try JSONSerialization.data(withJSONObject: cases)
    let answer = try await run(
      try Programs.peer("python/bin/python3"),
      [Programs.packageRoot + "/Tests/Scripts/render_chart.py", path],
      input: String(decoding: input, as: UTF8.self),
      environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 120)
    guard answer.code == 0 else { throw HarnessError(answer.errors) }
    return try JSONDecoder().decode([Rendering].self, from: Data(answer.output.utf8))
  }
}
