import Foundation

/// Finds the programs that tests start: ours, and the peers that they are held against.
public enum Programs {
  private static let variables = ProcessInfo.processInfo.environment

  /// Whether somebody prepared peers; without, the tests that need them are disabled.
  public static let hasPeers = variables["KEELSON_PEERS"] != nil

  /// Why a test that needs peers is disabled.
  public static let peersReason = "KEELSON_PEERS is not set: run `make test`"

  /// The checkout that this file was compiled from.
  public static let packageRoot = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// `keelson` or `keelsonctl`.
  public static func ours(_ name: String) throws -> String {
    let folders =
      variables["KEELSON_PROGRAMS"].map { [$0] }
      ?? [packageRoot + "/.build-test/release", packageRoot + "/.build/debug"]
    for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/" + name) {
      return folder + "/" + name
    }
    throw HarnessError("\(name) is not in \(folders.joined(separator: " or ")): run `make test`")
  }

  /// A peer by its path below the peers' folder: `bin/etcd`, `python/bin/python3`.
  public static func peer(_ path: String) throws -> String {
    guard let folder = variables["KEELSON_PEERS"] else { throw HarnessError(peersReason) }
    let program = folder + "/" + path
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw HarnessError("\(program) is missing: run `make test`, which installs it")
    }
    return program
  }
}

/// What went wrong with a process that a test started.
public struct HarnessError: Error, CustomStringConvertible {
  /// What a person can act on.
  public let description: String

  /// Describes a failure.
  public init(_ description: String) { self.description = description }
}
