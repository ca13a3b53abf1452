import Foundation
import ProcessHarness
import Testing

/// Containers cannot be built where these tests run; what a build relies on is checked piece by
/// piece.
@Suite("the Dockerfile")
struct DockerfileTests {
  private static let root = Programs.packageRoot

  /// The instructions in order, continued lines joined and comments gone.
  private static func instructions() throws -> [(name: String, rest: String)] {
    let text = try String(contentsOfFile: root + "/deploy/Dockerfile", encoding: .utf8)
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
    return lines.joined(separator: "\n").replacingOccurrences(of: "\\\n", with: " ")
      .split(separator: "\n").map { line in
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        return (parts[0], parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
      }
  }

  /// The packages of the image's last stage.
  private static func packages() throws -> [String] {
    let run = try #require(try instructions().last { $0.name == "RUN" }).rest
    let list = try #require(run.firstMatch(of: /--no-install-recommends\s+([^&]+?)\s*&&/)).1
    return list.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  @Test(
    "hadolint finds nothing",
    .enabled(if: Programs.hasPeers, Comment(rawValue: Programs.peersReason)))
  func lint() async throws {
    let answer = try await run(
      try Programs.peer("bin/hadolint"), ["--no-color", Self.root + "/deploy/Dockerfile"])
    #expect(answer.code == 0, "\(answer.output)\(answer.errors)")
  }

  @Test("copies what exists, what is not ignored, and every folder that the manifest names")
  func context() throws {
    let ignore = try String(contentsOfFile: Self.root + "/.dockerignore", encoding: .utf8)
    let kept = ignore.split(separator: "\n").filter { $0.hasPrefix("!") }.map { $0.dropFirst() }
    var copied: [String] = []
    for (name, rest) in try Self.instructions() where name == "COPY" && !rest.hasPrefix("--from") {
      copied += rest.split(separator: " ").map(String.init).dropLast()
    }
    for path in copied {
      #expect(FileManager.default.fileExists(atPath: Self.root + "/" + path), "\(path)")
      #expect(kept.contains { path == $0 }, "\(path) is not among what .dockerignore keeps")
    }
    for path in kept { #expect(copied.contains(String(path)), "\(path) is kept for nothing") }
    let manifest = try String(contentsOfFile: Self.root + "/Package.swift", encoding: .utf8)
    let paths = manifest.matches(of: /path: "([^"]+)"/).map { String($0.1) }
    #expect(paths.count > 3)
    for path in paths + ["Sources/keelson", "Tests/HouseTests"] {
      #expect(copied.contains { path.hasPrefix($0 + "/") }, "\(path) is not copied")
    }
  }

  @Test("the last stage installs the libraries that the programs load, and no others")
  func libraries() async throws {
    // Debian 12 is the image's system; other systems have other names for the same libraries.
    let system = try String(contentsOfFile: "/etc/os-release", encoding: .utf8)
    guard system.contains("VERSION_CODENAME=bookworm") else { return }
    let packages = try Self.packages()
    #expect(packages == packages.sorted())
    var direct: Set<String> = []
    var all: Set<String> = []
    for program in ["keelson", "keelsonctl"] {
      let path = try Programs.ours(program)
      let names = try await run("/usr/bin/readelf", ["-d", path]).output
        .matches(of: /Shared library: \[([^\]]+)\]/).map { String($0.1) }
      for line in try await run("/usr/bin/ldd", [path]).output.split(separator: "\n") {
        guard let match = line.firstMatch(of: /^\s*(\S+) => (\/\S+)/) else { continue }
        let file = String(match.2)
        // Swift's own libraries are inside the image's programs.
        if file.contains("/swift/") { continue }
        let owner = try await Self.owner(of: file)
        all.insert(owner)
        if names.contains(String(match.1)) { direct.insert(owner) }
      }
    }
    // In every image of Debian, and so not to be named.
    let essential: Set = ["libc6", "libgcc-s1"]
    #expect(Set(packages) == direct.subtracting(essential))
    var installed = essential.union(packages)
    for package in packages {
      let answer = try await run(
        "/usr/bin/apt-cache",
        [
          "depends", "--recurse", "--installed", "--no-recommends", "--no-suggests",
          "--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances", package,
        ])
      #expect(answer.code == 0, "apt does not know \(package)")
      installed.formUnion(answer.output.split(separator: "\n").map { Self.plain(String($0)) })
    }
    #expect(all.subtracting(installed) == [])
  }

  /// The package that a file belongs to.
  private static func owner(of file: String) async throws -> String {
    // dpkg knows files by the path that they were installed under, before /usr was merged.
    let real = URL(filePath: file).resolvingSymlinksInPath().path
    for path in [real, String(real.trimmingPrefix("/usr")), "/usr" + real, file] {
      let answer = try await run("/usr/bin/dpkg", ["-S", path])
      if answer.code == 0, let name = answer.output.split(separator: ":").first {
        return String(name)
      }
    }
    throw HarnessError("no package owns \(file)")
  }

  private static func plain(_ name: String) -> String {
    String(name.trimmingCharacters(in: .whitespaces).prefix { $0 != ":" })
  }

  @Test("the image serves as a plain user, and its health check and settings work")
  func settings() async throws {
    let instructions = try Self.instructions()
    let last = try #require(instructions.lastIndex { $0.name == "FROM" })
    let image = instructions[last...]
    #expect(image.first { $0.name == "USER" }?.rest == "10001:10001")
    #expect(image.first { $0.name == "ENTRYPOINT" }?.rest == #"["keelson"]"#)
    let variables = try #require(image.first { $0.name == "ENV" }).rest
    var environment: [String: String] = [:]
    for pair in variables.split(whereSeparator: \.isWhitespace) {
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      environment[sides[0]] = sides[1]
    }
    let exposed = try #require(image.first { $0.name == "EXPOSE" }).rest.split(separator: " ")
    for (name, port) in zip(["CLIENT", "METRICS"], exposed) {
      #expect(environment["KEELSON_LISTEN_\(name)_URLS"] == "http://0.0.0.0:\(port)")
    }
    let check = try #require(image.first { $0.name == "HEALTHCHECK" }).rest
    let words = try JSONDecoder().decode(
      [String].self, from: Data(try #require(check.firstMatch(of: /CMD (.+)$/)).1.utf8))

    let folder = try TemporaryDirectory()
    let ports = [LoopbackPorts.next(), LoopbackPorts.next()]
    environment["KEELSON_DATA_DIR"] = folder.path + "/data"
    environment["KEELSON_LISTEN_CLIENT_URLS"] = "http://0.0.0.0:\(ports[0])"
    environment["KEELSON_LISTEN_METRICS_URLS"] = "http://0.0.0.0:\(ports[1])"
    let child = try ChildProcess(
      try Programs.ours("keelson"), [], environment: environment, in: folder.path)
    defer { child.kill() }
    let isReady = try await child.wait(seconds: 30) {
      $0.errors.contains("ready to serve client requests")
    }
    #expect(isReady, "\(child.errors)")
    for name in environment.keys {
      #expect(!child.errors.contains("\"variable\":\"\(name)\""), "\(name) is no flag's")
    }
    let control = try Programs.ours(words[0])
    let endpoint = ["KEELSONCTL_ENDPOINTS": "127.0.0.1:\(ports[0])"]
    let health = try await run(control, Array(words.dropFirst()), environment: endpoint)
    #expect(health.code == 0, "\(health.errors)")
    child.kill()
    let gone = try await run(control, Array(words.dropFirst()), environment: endpoint)
    #expect(gone.code != 0)
  }
}
