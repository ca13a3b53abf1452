// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is built with: the Swift 6 language mode, the upcoming features that make
/// dependencies and isolation explicit, and no tolerated warning.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// Shipped code also marks each use of an unsafe construct.
let shipped = strict + [.strictMemorySafety()]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [])
  -> Target
{
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: shipped)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [])
  -> Target
{
  .testTarget(
    name: name + "Tests", dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
  name: "keelson",
  products: [
    .library(name: "KeelsonClient", targets: ["KeelsonClient"]),
    .executable(name: "keelson", targets: ["keelson"]),
    .executable(name: "keelsonctl", targets: ["keelsonctl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
  ],
  targets: [
    // Base.
    .target(name: "CChecksum"),
    module("Primitives", ["CChecksum"]),
    module("Descriptors", ["Primitives"]),
    module("Environment", ["Primitives"]),
    module("LinuxEnvironment", ["Environment", "Primitives"]),

    // Mechanisms.
    .systemLibrary(name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
    module("Raft", ["Primitives"]),
    module("WriteAheadLog", ["Primitives", "Environment"]),
    .target(name: "CRocksFlush", dependencies: ["CRocksDB"]),
    module("Engine", ["Primitives", "CRocksDB", "CRocksFlush"]),
    module("MVCC", ["Primitives", "Engine"]),
    module("Access", ["Primitives"]),

    // Deterministic.
    module(
      "ReplicaCore",
      ["Primitives", "Environment", "Raft", "WriteAheadLog", "MVCC", "Engine", "Access"]),
    module("Simulation", ["Primitives", "Environment"]),
    module("ClientHistory", ["Primitives"]),

    // Runtime.
    .target(name: "CFutex"),
    module(
      "Telemetry", ["Primitives", "Descriptors", .product(name: "Logging", package: "swift-log")]),
    module(
      "Member",
      [
        "Primitives", "Environment", "LinuxEnvironment", "Engine", "MVCC", "Raft", "ReplicaCore",
        "Access", "WriteAheadLog", "Telemetry", "SnapshotFile", "CFutex",
      ]),

    // Services.
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    module("SnapshotFile", ["Primitives", "COpenSSL"]),
    module(
      "EtcdReplay",
      [
        "Primitives", "Environment", "LinuxEnvironment", "Access", "MVCC", "ReplicaCore", "Member",
        "SnapshotFile", "Identity", "EtcdProtocol",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
    module("Certificates", ["Primitives", "Descriptors", "COpenSSL"]),
    module(
      "Identity",
      ["Primitives", "Environment", "LinuxEnvironment", "Access", "CCrypt", "COpenSSL"]),
    .systemLibrary(name: "CResolver", providers: [.apt(["libc6-dev"])]),
    module("ServiceRecords", ["CResolver"]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    module("Registry", ["Primitives", "CYAML"]),

    module("Jobs", ["Primitives", "Descriptors", "MVCC", "Member", "SnapshotFile", "Telemetry"]),

    // Wire.
    .systemLibrary(
      name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    module(
      "HTTPTransport",
      nio + [
        "Primitives", "Certificates", "CNGHTTP2", "CZlib",
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]),
    module(
      "PeerTransport",
      nio + ["Primitives", "Raft", "ReplicaCore", "Member", "HTTPTransport", "Telemetry"]),
    .target(
      name: "EtcdProtocol",
      dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["proto"]),

    // Edges.
    module(
      "EtcdAPI",
      nio + [
        "Primitives", "MVCC", "ReplicaCore", "Member", "HTTPTransport", "EtcdProtocol",
        "SnapshotFile", "Telemetry", "Access", "Identity",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    module(
      "KeelsonClient",
      nio + [
        "Primitives", "Descriptors", "HTTPTransport", "EtcdProtocol",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),

    // Programs.
    .executableTarget(
      name: "keelson",
      dependencies: nio + [
        "Primitives", "MVCC", "Member", "EtcdAPI", "HTTPTransport", "PeerTransport", "Telemetry",
        "Jobs", "Registry", "Identity", "Certificates", "ServiceRecords",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: shipped),
    .executableTarget(
      name: "keelsonctl",
      dependencies: [
        "Primitives", "KeelsonClient", "EtcdProtocol", "Registry", "SnapshotFile", "Member",
        "Certificates", "EtcdReplay", "ServiceRecords", "Descriptors",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: shipped),
    .executableTarget(
      name: "keelson-bench",
      dependencies: nio + [
        "Primitives", "HTTPTransport", "EtcdProtocol", "Certificates",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: shipped),
    .executableTarget(
      name: "ClientExample", dependencies: ["KeelsonClient"], path: "examples/clients/swift",
      swiftSettings: shipped),

    .executableTarget(
      name: "keelson-simulator",
      dependencies: [
        "Primitives", "Environment", "Simulation", "ClientHistory", "Raft", "WriteAheadLog",
        "Engine", "MVCC", "ReplicaCore",
      ],
      swiftSettings: shipped),

    // Tests.
    tests("House"),
    tests("KeelsonSimulator", ["keelson-simulator", "ReplicaCore", "Primitives"]),
    tests("ClientHistory", ["ClientHistory", "Primitives"]),
    tests("Access", ["Access", "Primitives"]),
    tests("Identity", ["Identity", "Access", "Environment", "Primitives", "Simulation"]),
    tests(
      "Raft", ["Raft", "Primitives", "Simulation", "Environment"], exclude: ["Scenarios"]),
    tests(
      "ReplicaCore",
      [
        "ReplicaCore", "WriteAheadLog", "MVCC", "Engine", "Simulation", "Environment", "Primitives",
        "Access", "Raft",
      ]),
    tests(
      "Member",
      [
        "Member", "ReplicaCore", "Raft", "MVCC", "Engine", "Primitives", "SnapshotFile",
        "Environment",
      ]),
    tests("Jobs", ["Jobs", "Member", "MVCC", "ReplicaCore", "SnapshotFile", "Primitives"]),
    tests("HTTPTransport", nio + ["HTTPTransport", "Primitives"]),
    tests(
      "PeerTransport",
      [
        "PeerTransport", "Member", "Raft", "ReplicaCore", "HTTPTransport", "Primitives",
        "Telemetry", "TestPeers",
      ]),
    tests("Primitives", ["Primitives"]),
    tests("Descriptors", ["Descriptors", "Primitives"]),
    tests("Environment", ["Environment", "LinuxEnvironment", "Simulation"]),
    tests("Simulation", ["Simulation", "Environment"]),
    tests(
      "WriteAheadLog",
      ["WriteAheadLog", "Environment", "LinuxEnvironment", "Primitives", "Simulation"]),
    tests("Engine", ["Engine", "Primitives", "CRocksDB"]),
    tests("MVCC", ["MVCC", "Engine", "Primitives"]),
    tests("Certificates", ["Certificates", "Primitives"]),
    tests("SnapshotFile", ["SnapshotFile", "Primitives", "TestPeers"]),
    tests(
      "EtcdReplay",
      [
        "EtcdReplay", "EtcdProtocol", "ReplicaCore", "Access", "MVCC", "Primitives",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    tests(
      "EtcdAPI",
      [
        "EtcdAPI", "EtcdProtocol", "HTTPTransport", "MVCC", "Primitives", "Member", "Identity",
        "Access", "Telemetry", "Simulation",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    tests("ServiceRecords", ["ServiceRecords"]),
    tests(
      "Keelson", ["keelson", "Member", "HTTPTransport", "Telemetry", "Jobs", "ServiceRecords"]),
    tests("Registry", ["Registry", "Primitives"], exclude: ["Broken"]),
    .target(name: "TestPeers", path: "Tests/TestPeers", swiftSettings: strict),
    tests(
      "KeelsonClient",
      nio + [
        "KeelsonClient", "TestPeers", "ProcessHarness", "HTTPTransport", "EtcdProtocol",
        "Primitives",
      ]),
    tests(
      "keelsonctl",
      [
        "keelsonctl", "KeelsonClient", "TestPeers", "EtcdProtocol", "Primitives", "ServiceRecords",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], exclude: ["Tables"]),
    tests(
      "keelson-bench",
      [
        "keelson-bench", "EtcdProtocol", "Primitives", "Registry",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ]),
    .target(
      name: "FuzzEntries",
      dependencies: [
        "EtcdAPI", "EtcdProtocol", "Environment", "HTTPTransport", "MVCC", "PeerTransport",
        "Primitives",
        "Raft", "Registry", "ReplicaCore", "Simulation", "SnapshotFile", "WriteAheadLog",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Fuzzing/FuzzEntries", swiftSettings: strict),
    tests("Fuzz", ["FuzzEntries", "Primitives", "keelsonctl"]),
    .target(
      name: "ProcessHarness",
      dependencies: nio + [
        "HTTPTransport", "EtcdProtocol", "Primitives",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Tests/ProcessHarness", swiftSettings: strict),
    tests(
      "Interop",
      ["ProcessHarness", "HTTPTransport", "EtcdProtocol", "Primitives"] + [
        .product(name: "SwiftProtobuf", package: "swift-protobuf")
      ]),
    tests(
      "Security",
      nio + ["ProcessHarness", "HTTPTransport", "EtcdProtocol", "Primitives"] + [
        .product(name: "SwiftProtobuf", package: "swift-protobuf")
      ], exclude: ["Golden"]),
    tests(
      "Cluster",
      [
        "ClientHistory", "ProcessHarness", "TestPeers", "HTTPTransport", "EtcdProtocol",
        "Primitives",
      ] + [
        .product(name: "SwiftProtobuf", package: "swift-protobuf")
      ]),
    tests("Deploy", ["ProcessHarness", "TestPeers", "HTTPTransport"]),
    tests("Example", ["ProcessHarness"]),
    tests(
      "Crash",
      ["ProcessHarness", "HTTPTransport", "EtcdProtocol", "Primitives"] + [
        .product(name: "SwiftProtobuf", package: "swift-protobuf")
      ]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

// libFuzzer brings its own main function, so this program exists for `scripts/fuzz` alone.
if Context.environment["KEELSON_FUZZING"] != nil {
  package.targets.append(
    .executableTarget(
      name: "keelson-fuzz", dependencies: ["FuzzEntries"], path: "Fuzzing/keelson-fuzz",
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
