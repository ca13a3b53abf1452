import Foundation
import ProcessHarness

/// Pods of the chart's stateful set as processes of this machine: each has an address of the loopback network, whose last
/// byte is its ordinal, and runs the container's command.
final class ChartPods {
  private static let network = "127.77.0."

  let folder: TemporaryDirectory
  private let ports = ["2379", "2380", "2381"].map { (inPod: $0, here: LoopbackPorts.next()) }
  private let programs: String
  private let control: String
  /// What the release is rendered as; pods that start from now on are of it.
  var chart: Chart.Rendering
  private var children: [Int: ChildProcess] = [:]

  init(_ chart: Chart.Rendering) throws {
    folder = try TemporaryDirectory()
    control = try Programs.ours("keelsonctl")
    programs = URL(filePath: control).deletingLastPathComponent().path
    self.chart = chart
  }

  deinit { for child in children.values { child.kill() } }

  /// The container's folder `/var/lib/keelson`.
  func volume(_ ordinal: Int) -> String { folder.path + "/volume-\(ordinal)" }

  /// Where a file of the container's folder `/etc/keelson` lies here.
  func secret(_ path: String) -> String { folder.path + "/etc/" + path }

  /// A path, an address or a flag of a pod as it is here.
  private func translate(_ text: String, _ ordinal: Int) -> String {
    var text = text.replacing(/keelson-(@|\d)\.keelson-headless\.store\.svc\.cluster\.local/) {
      Self.network + $0.1
    }
    text = text.replacingOccurrences(of: "0.0.0.0", with: Self.network + "\(ordinal)")
    for port in ports where text.contains("://") {
      text = text.replacingOccurrences(of: ":\(port.inPod)", with: ":\(port.here)")
    }
    text = text.replacingOccurrences(of: "/var/lib/keelson", with: volume(ordinal))
    text = text.replacingOccurrences(of: "/etc/keelson/start/", with: volume(ordinal) + "/")
    return text.replacingOccurrences(of: "/etc/keelson/", with: folder.path + "/etc/")
  }

  /// Starts a pod, with what its volume holds.
  @discardableResult
  func start(_ ordinal: Int) throws -> ChildProcess {
    try FileManager.default.createDirectory(
      atPath: volume(ordinal), withIntermediateDirectories: true)
    for name in ["start", "settings"] {
      let text =
        name == "start" ? chart.file(name) : translate(chart.file(name), ordinal)
      let quick = text.replacingOccurrences(of: "\npause=2\n", with: "\npause=0.2\n")
      try quick.write(toFile: volume(ordinal) + "/" + name, atomically: true, encoding: .utf8)
    }
    let words = chart.member["command"].texts + chart.flags(of: ordinal)
    let here = words.map { translate($0, ordinal) }
    let child = try ChildProcess(
      here[0], Array(here.dropFirst()),
      environment: ["POD_NAME": chart.podName(ordinal), "PATH": "\(programs):/usr/bin:/bin"],
      in: folder.path)
    children[ordinal] = child
    return child
  }

  /// Stops a pod as the kubelet does.
  func stop(_ ordinal: Int) async throws {
    children[ordinal]?.signal(SIGTERM)
    try await children[ordinal]?.wait(seconds: 30)
  }

  func child(_ ordinal: Int) throws -> ChildProcess {
    guard let child = children[ordinal] else { throw HarnessError("pod \(ordinal) never ran") }
    return child
  }

  /// Empties a volume.
  func lose(_ ordinal: Int) throws {
    try FileManager.default.removeItem(atPath: volume(ordinal) + "/data")
  }

  /// Asks pods through `keelsonctl`.
  func ask(_ ordinals: some Sequence<Int>, _ words: [String]) async throws -> Finished {
    let isSecure = chart.flags.contains { $0.hasPrefix("--cert-file") }
    let scheme = isSecure ? "https" : "http"
    let endpoints = ordinals.map { "\(scheme)://\(Self.network)\($0):\(ports[0].here)" }
    var flags = ["--endpoints", endpoints.joined(separator: ","), "--command-timeout", "5s"]
    if isSecure {
      flags += ["--cacert", secret("control/ca.crt")]
      flags += ["--cert", secret("control/tls.crt"), "--key", secret("control/tls.key")]
    }
    return try await run(control, flags + words)
  }

  /// The member list, a line for each.
  func members(_ ordinal: Int = 0) async throws -> [[String]] {
    try await ask([ordinal], ["member", "list"]).output.split(separator: "\n").map {
      $0.split(separator: ", ", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// The identifier of a pod's member.
  func id(_ ordinal: Int) async throws -> String {
    let line = try await members().first { $0.count > 2 && $0[2] == chart.podName(ordinal) }
    guard let line else { throw HarnessError("\(chart.podName(ordinal)) is no member") }
    return line[0]
  }

  /// Waits until these pods are the members, each with a vote and a client URL; what they printed if they do not become it.
  func settle(_ count: Int, seconds: Double = 60) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    var seen: [[String]] = []
    while ContinuousClock.now < deadline {
      seen = try await members()
      let votes = seen.filter { $0.count == 6 && !$0[4].isEmpty && $0[5] == "false" }
      if seen.count == count, votes.count == count { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    let printed = children.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.errors)" }
    throw HarnessError("the members are \(seen); \(printed.joined(separator: "\n"))")
  }

  /// Makes the three secrets, as the chart's README does it.
  func makeSecrets() async throws {
    let hosts = (0...4).map { Self.network + "\($0)" } + ["127.0.0.1"]
    var commands: [[String]] = []
    for kind in ["peer", "server"] {
      commands += [["ca"], [kind] + hosts].map { $0 + ["--dir", "\(folder.path)/\(kind)"] }
    }
    commands.append(["client", "root", "--dir", folder.path + "/server"])
    for words in commands {
      let answer = try await run(control, ["pki"] + words)
      guard answer.code == 0 else { throw HarnessError("\(words): \(answer.errors)") }
    }
    for (kind, stem, secrets) in [
      ("peer", "peer", ["peer"]), ("server", "server", ["tls"]),
      ("server", "client-root", ["control", "client-ca"]),
    ] {
      for name in secrets {
        try FileManager.default.createDirectory(
          atPath: secret(name), withIntermediateDirectories: true)
        for (from, to) in [
          ("\(stem).crt", "tls.crt"), ("\(stem).key", "tls.key"), ("ca.crt", "ca.crt"),
        ] {
          try FileManager.default.copyItem(
            atPath: "\(folder.path)/\(kind)/\(from)", toPath: secret("\(name)/\(to)"))
        }
      }
    }
  }
}
