internal import ArgumentParser

/// Writes the manifests that the group import measures with: for those who look at one import by itself.
struct ManifestsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manifests",
    abstract: "Writes a file of made-up manifests, 1 KiB each on average; the same in every run.")

  @Option(help: "How many.")
  var count = 50_000

  @Argument(help: "The file to write.")
  var file: String

  func validate() throws {
    guard (1...10_000_000).contains(count) else { throw ValidationError("--count: 1 or more") }
  }

  func run() throws {
    let manifests = ManifestSet(count: count)
    let bytes = try manifests.write(to: file)
    print("\(manifests.count) manifests, \(bytes / manifests.count) bytes on average")
  }
}
