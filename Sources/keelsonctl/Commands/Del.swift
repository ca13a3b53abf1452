internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// The flags of a deletion, on the command line and in transactions.
struct DelArguments: ParsableArguments {
  @Flag(help: "All keys that begin with <key>.")
  var prefix = false

  @Flag(help: "All keys from <key> on.")
  var fromKey = false

  @Flag(help: "Print the records that were there before.")
  var prevKv = false

  @Flag(help: "Delete a range without a warning.")
  var range = false

  @Argument(
    help: ArgumentHelp(
      "The key, or the first key and the first that is not meant.", valueName: "key> <range_end"))
  var words: [String] = []

  func request() throws(Failure) -> DeleteRequest {
    DeleteRequest(
      try KeyArguments.selection(words, prefix: prefix, fromKey: fromKey, command: "del"),
      returnsPrevious: prevKv)
  }
}

/// `keelsonctl del`
struct Del: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Deletes a key, or the keys of a range.",
    usage: "keelsonctl del [options] <key> [range_end]",
    discussion: """
      A range that is given by two keys is deleted after a pause of two seconds, unless --range says that \
      it is meant.

      Example:
        keelsonctl del /config/mode
        keelsonctl del --prefix /config/ --prev-kv
      """)

  @OptionGroup var arguments: DelArguments
  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let request = try arguments.request()
    let session = try Session(global)
    if arguments.words.count == 2, !arguments.range {
      let ends = [request.keys.key, request.keys.rangeEnd].map(GoSyntax.quoted)
      Output.writeError(
        "Warning: Keys between \(ends[0]) and \(ends[1]) will be deleted. Please interrupt the "
          + "command within next 2 seconds to cancel. You can provide `--range` flag to avoid the "
          + "warning.\n")
      try await Task.sleep(for: .seconds(2))
    }
    try session.print(.delete(try await session.client.delete(request).message))
  }
}
