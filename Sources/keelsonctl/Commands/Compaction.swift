internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl compaction`
struct Compaction: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Drops the history before a revision.",
    usage: "keelsonctl compaction [options] <revision>",
    discussion: """
      Example:
        keelsonctl compaction 1234
      """)

  @Flag(help: "Wait until the history is gone from the files too.")
  var physical = false

  @Argument(help: ArgumentHelp("The oldest revision that stays readable.", valueName: "revision"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("compaction command needs 1 argument")
    }
    let revision: Int64
    do throws(Failure) {
      revision = try GoSyntax.integer(words[0])
    } catch {
      throw Failure(.error, error.message)
    }
    let session = try Session(global, tables: true)
    try await session.client.compact(
      before: Revision(revision), waitsUntilDone: physical,
      timeout: physical ? .unlimited : .standard)
    Output.write("compacted revision \(revision)\n")
  }
}
