import Foundation
import Testing

/// Holds the sources to the direction of dependencies that ARCHITECTURE.md draws.
@Suite("The direction of imports")
struct ImportDirectionTests {
  /// The layers from the base upwards. A module may import those of lower layers, and in its own layer only
  /// what `sameLayer` names.
  static let layers: [[String]] = [
    [
      "CChecksum", "CFutex", "CRocksDB", "CRocksFlush", "CNGHTTP2", "CZlib", "COpenSSL", "CYAML",
      "CCrypt", "CResolver",
    ],
    ["Primitives"],
    ["Environment", "Descriptors"],
    [
      "LinuxEnvironment", "Simulation", "ClientHistory", "Raft", "WriteAheadLog", "Engine",
      "Telemetry", "Access", "Certificates", "ServiceRecords",
    ],
    ["MVCC", "SnapshotFile", "Identity", "Registry", "HTTPTransport", "EtcdProtocol"],
    ["ReplicaCore", "KeelsonClient"],
    ["Member"],
    ["PeerTransport", "EtcdReplay", "Jobs"],
    ["EtcdAPI"],
    ["keelson", "keelsonctl", "keelson-bench", "keelson-simulator"],
  ]

  /// What a module must not import although its layer would allow it, from the design's last column.
  static let forbidden: [String: Set<String>] = [
    "Raft": ["Environment", "WriteAheadLog", "Engine", "MVCC"],
    "WriteAheadLog": ["Raft", "Engine", "MVCC"],
    "Engine": ["Environment", "Raft"],
    "Access": ["Environment"],
    "MVCC": ["Raft", "WriteAheadLog", "Environment", "Telemetry", "Simulation"],
    "ReplicaCore": ["Telemetry", "HTTPTransport", "EtcdProtocol", "Registry", "LinuxEnvironment"],
    "Member": ["HTTPTransport", "EtcdProtocol", "Registry", "KeelsonClient"],
    "Jobs": ["HTTPTransport", "EtcdProtocol", "Registry", "KeelsonClient", "Engine", "Raft"],
    "PeerTransport": ["MVCC", "Engine", "WriteAheadLog", "EtcdProtocol", "Registry"],
    "EtcdAPI": ["PeerTransport", "Engine", "WriteAheadLog", "Raft", "Registry", "KeelsonClient"],
    "KeelsonClient": ["MVCC", "Engine", "Raft", "WriteAheadLog", "Telemetry", "SnapshotFile"],
    "Registry": ["HTTPTransport", "MVCC", "Engine", "Raft"],
    "HTTPTransport": ["MVCC", "Engine", "Raft", "EtcdProtocol", "Telemetry"],
    "Simulation": ["CRocksDB"],
  ]

  /// Each C library has one importer.
  static let cImporters: [String: Set<String>] = [
    "CRocksDB": ["Engine"], "CRocksFlush": ["Engine"], "CNGHTTP2": ["HTTPTransport"],
    "CZlib": ["HTTPTransport"],
    "COpenSSL": ["SnapshotFile", "Identity", "Certificates"], "CYAML": ["Registry"],
    "CChecksum": ["Primitives"],
    "CFutex": ["Member"], "CCrypt": ["Identity"], "CResolver": ["ServiceRecords"],
  ]

  /// Modules that must stay free of Foundation.
  static let core = [
    "Primitives", "Descriptors", "Environment", "LinuxEnvironment", "Raft", "WriteAheadLog",
    "Engine", "MVCC",
    "Access", "Certificates", "Identity", "ReplicaCore", "Simulation", "ClientHistory", "Member",
    "Telemetry", "SnapshotFile", "Jobs", "HTTPTransport", "PeerTransport", "EtcdAPI",
    "Registry", "ServiceRecords",
  ]

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Every import of every module under Sources, read from the files, so that transitive ones can't hide.
  static func imports() throws -> [(module: String, file: String, imported: String)] {
    let sources = root.appendingPathComponent("Sources")
    var found: [(String, String, String)] = []
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    for case let file as URL in files! where file.pathExtension == "swift" {
      let path = file.path.dropFirst(sources.path.count + 1)
      let module = String(path.prefix { $0 != "/" })
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
        let words = line.split(separator: " ").map(String.init)
        guard let place = words.firstIndex(of: "import"), place <= 2, words.count > place + 1,
          words[..<place].allSatisfy({
            ["public", "internal", "package", "private", "fileprivate"].contains($0)
              || $0.hasPrefix("@")
          })
        else { continue }
        found.append((module, String(path), words[place + 1]))
      }
    }
    return found
  }

  @Test("dependencies point downwards only")
  func direction() throws {
    let imports = try Self.imports()
    #expect(imports.count > 100)
    let level = Dictionary(
      uniqueKeysWithValues: Self.layers.enumerated().flatMap { level, modules in
        modules.map { ($0, level) }
      })
    for (module, file, imported) in imports {
      guard let below = level[imported] else { continue }
      let own = try #require(level[module], "\(module) stands in no layer")
      #expect(below < own, "\(file) imports \(imported), which does not lie below it")
      #expect(
        Self.forbidden[module]?.contains(imported) != true,
        "\(file) imports \(imported), which its module must not know")
    }
  }

  @Test("each C library has one importer")
  func cLibraries() throws {
    for (module, file, imported) in try Self.imports() {
      if let importers = Self.cImporters[imported] {
        #expect(importers.contains(module), "\(file) imports \(imported)")
      }
    }
  }

  @Test("the core does without Foundation")
  func foundation() throws {
    for (module, file, imported) in try Self.imports() where Self.core.contains(module) {
      #expect(
        imported != "Foundation" && imported != "FoundationEssentials",
        "\(file) imports \(imported)")
    }
  }
}
