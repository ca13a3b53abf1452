internal import ArgumentParser
internal import Primitives

/// `keelsonctl version`
struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Prints the versions of the program and of the API.",
    usage: "keelsonctl version",
    discussion: """
      Example:
        keelsonctl version
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() {
    let api = Version.etcdAPI.split(separator: ".").prefix(2).joined(separator: ".")
    Output.write("keelsonctl version: \(Version.keelson)\nAPI version: \(api)\n")
  }
}
