import Foundation
import ProcessHarness

/// Where the members of a test are: all at the loopback address, or each in a network namespace of its own, whose
/// cable can be pulled.
final class Network: Sendable {
  private let bridge: String
  private let spaces: [String]
  private let subnet: String

  /// Whether this process may make network namespaces.
  static let isAvailable: Bool = (try? Network(count: 1)) != nil

  /// Makes a bridge, and a namespace for each member at it.
  init(count: Int) throws {
    let number = Int(getpid()) % 10_000
    bridge = "kb\(number)x\(Int.random(in: 0..<1_000))"
    subnet = "10.213.\(Int.random(in: 1...250))"
    spaces = (1...count).map { [bridge] in "\(bridge)n\($0)" }
    do {
      try Self.ip("link", "add", bridge, "type", "bridge")
      try Self.ip("addr", "add", "\(subnet).1/24", "dev", bridge)
      try Self.ip("link", "set", bridge, "up")
      for (place, space) in spaces.enumerated() {
        try Self.ip("netns", "add", space)
        try Self.ip(
          "link", "add", cable(place), "type", "veth", "peer", "name", "eth0", "netns", space)
        try Self.ip("link", "set", cable(place), "master", bridge, "up")
        try Self.ip("-n", space, "addr", "add", "\(host(place))/24", "dev", "eth0")
        try Self.ip("-n", space, "link", "set", "eth0", "up")
        try Self.ip("-n", space, "link", "set", "lo", "up")
      }
    } catch {
      remove()
      throw error
    }
  }

  deinit { remove() }

  private func remove() {
    for space in spaces { try? Self.ip("netns", "del", space) }
    try? Self.ip("link", "del", bridge)
  }

  private func cable(_ place: Int) -> String { "\(bridge)\(["a", "b", "c", "d", "e"][place])" }

  /// The address of a member.
  func host(_ place: Int) -> String { "\(subnet).\(11 + place)" }

  /// What starts a program at a member's place.
  func wrapper(_ place: Int) -> [String] { [Self.program, "netns", "exec", spaces[place]] }

  /// Pulls a member's cable: packets vanish, and nobody is told.
  func cut(_ place: Int) throws { try Self.ip("link", "set", cable(place), "down") }

  /// Puts it back.
  func mend(_ place: Int) throws { try Self.ip("link", "set", cable(place), "up") }

  private static let program =
    ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    } ?? "/sbin/ip"

  private static func ip(_ arguments: String...) throws {
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw HarnessError("there is no ip program")
    }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    if process.terminationStatus != 0 {
      throw HarnessError("ip \(arguments.joined(separator: " ")) failed")
    }
  }
}
