internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl check`
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Loads a cluster for a while, and tells whether it is good enough.",
    discussion: """
      Example:
        keelsonctl check perf --load m
      """,
    subcommands: [CheckPerf.self, CheckDatascale.self])
}

/// What is to be tidied up behind a check.
struct CheckCleaning: ParsableArguments {
  @Flag(help: "Drop the history that the check has made.")
  var autoCompact = false

  @Flag(help: "Give the space in files back to the file system.")
  var autoDefrag = false

  /// - Throws: `invalidInput` if there are keys below the prefix, which the check would delete.
  func requireNothing(below prefix: Bytes, _ client: StoreClient) async throws {
    var request = RangeRequest(.prefix(prefix))
    request.limit = 1
    request.keysOnly = true
    if try await client.range(request).records.isEmpty { return }
    let text = String(decoding: prefix, as: UTF8.self)
    throw Failure(
      .invalidInput,
      "prefix \(GoSyntax.quoted(prefix)) has keys. Delete with 'keelsonctl del --prefix \(text)' first"
    )
  }

  /// Deletes what the check has written, and does what else was asked for.
  func cleanUp(_ prefix: Bytes, _ session: Session) async throws {
    let deleted = try await session.client.delete(.prefix(prefix), timeout: .unlimited)
    if autoCompact {
      let revision = deleted.header.revision
      Output.write("Compacting with revision \(revision)\n")
      try await session.client.compact(before: revision, timeout: .unlimited)
      Output.write("Compacted with revision \(revision)\n")
    }
    guard autoDefrag else { return }
    for endpoint in session.settings.endpoints {
      Output.write("Defragmenting \"\(endpoint)\"\n")
      try await session.settings.client(of: [endpoint]).defragment(timeout: .unlimited)
      Output.write("Defragmented \"\(endpoint)\"\n")
    }
  }
}
