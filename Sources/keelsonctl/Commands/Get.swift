internal import ArgumentParser
internal import EtcdProtocol
internal import KeelsonClient
internal import Primitives
internal import SwiftProtobuf

/// The flags of a read, on the command line and in transactions.
struct GetArguments: ParsableArguments {
  @Flag(help: "All keys that begin with <key>.")
  var prefix = false

  @Flag(help: "All keys from <key> on.")
  var fromKey = false

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Records at most; 0 means all.", valueName: "count")
  )
  var limit: Int64 = 0

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Read at this revision.", valueName: "revision"))
  var rev: Int64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("ASCEND or DESCEND (default: ASCEND).", valueName: "order"))
  var order = ""

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("CREATE, KEY, MODIFY, VALUE or VERSION.", valueName: "target"))
  var sortBy = ""

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("l: linearizable, s: serializable.", valueName: "l|s"))
  var consistency = "l"

  @Flag(help: "Leave the values out.")
  var keysOnly = false

  @Flag(help: "Only the number of keys; with --write-out fields, json or protobuf.")
  var countOnly = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Changed last at or after it.", valueName: "revision"))
  var minModRev: Int64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Changed last at or before it.", valueName: "revision"))
  var maxModRev: Int64 = 0

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Created at or after it.", valueName: "revision"))
  var minCreateRev: Int64 = 0

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Created at or before it.", valueName: "revision"))
  var maxCreateRev: Int64 = 0

  @Argument(
    help: ArgumentHelp(
      "The key, or the first key and the first that is not meant.", valueName: "key> <range_end"))
  var words: [String] = []

  func request() throws(Failure) -> RangeRequest {
    let keys = try KeyArguments.selection(
      words, prefix: prefix, fromKey: fromKey, command: "get")
    if keysOnly, countOnly {
      throw .badArguments(
        "`--keys-only` and `--count-only` cannot be set at the same time, choose one")
    }
    var request = RangeRequest(keys, revision: Revision(max(0, rev)))
    switch consistency {
    case "l": break
    case "s": request.isSerializable = true
    default:
      throw Failure(
        .badFeature, "unknown consistency flag " + GoSyntax.quoted(Bytes(consistency.utf8)))
    }
    request.limit = limit
    switch order.uppercased() {
    case "": break
    case "ASCEND": request.sortOrder = .ascending
    case "DESCEND": request.sortOrder = .descending
    default: throw Failure(.badFeature, "bad sort order \(order)")
    }
    switch sortBy.uppercased() {
    case "", "KEY": break
    case "CREATE": request.sortTarget = .created
    case "MODIFY": request.sortTarget = .modified
    case "VALUE": request.sortTarget = .value
    case "VERSION": request.sortTarget = .version
    default: throw Failure(.badFeature, "bad sort target \(sortBy)")
    }
    request.keysOnly = keysOnly
    request.countOnly = countOnly
    request.minModRevision = Revision(minModRev)
    request.maxModRevision = Revision(maxModRev)
    request.minCreateRevision = Revision(minCreateRev)
    request.maxCreateRevision = Revision(maxCreateRev)
    return request
  }
}

/// `keelsonctl get`
struct Get: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads a key, or the keys of a range.",
    usage: "keelsonctl get [options] <key> [range_end]",
    discussion: """
      Example:
        keelsonctl get /config/mode
        keelsonctl get --prefix /config/ --keys-only
        keelsonctl get --prefix /config/ --rev 17 -w json
      """)

  @OptionGroup var arguments: GetArguments

  @Flag(help: "Only the values; with --write-out simple.")
  var printValueOnly = false

  @Flag(help: "Take the answer in chunks; needs a server of version 3.7.")
  var stream = false

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let request = try arguments.request()
    let session = try Session(global)
    let format = session.settings.format
    if arguments.countOnly, format == .simple {
      throw Failure.badArguments("--count-only is only for `--write-out=fields`")
    }
    if printValueOnly, format != .simple {
      throw Failure.badArguments("print-value-only is only for `--write-out=simple`")
    }
    let style: Answer.RangeStyle = printValueOnly ? .valuesOnly : .keysAndValues
    guard stream else {
      try session.print(.range(try await session.client.range(request).message, style))
      return
    }
    // Records one under the other can be printed as they come; every other format is one document.
    // Chunks are made so that protobuf's merging puts them together.
    var whole = Etcdserverpb_RangeResponse()
    for try await chunk in session.client.rangeStream(request, timeout: .standard) {
      if format == .simple {
        try session.print(.range(chunk.message, style))
      } else {
        try whole.merge(serializedBytes: chunk.message.serializedBytes() as Bytes)
      }
    }
    if format != .simple { try session.print(.range(whole, style)) }
  }
}

/// Keys and ranges as arguments.
enum KeyArguments {
  /// One word is a key, a prefix or a beginning; two are a range.
  static func selection(
    _ words: [String], prefix: Bool, fromKey: Bool, command: String
  ) throws(Failure) -> KeySelection {
    guard let key = words.first.map(ArgumentText.bytes), words.count <= 2 else {
      throw .badArguments(
        "\(command) command needs one argument as key and an optional argument as range_end")
    }
    if prefix, fromKey {
      throw .badArguments("`--prefix` and `--from-key` cannot be set at the same time, choose one")
    }
    if words.count == 2 {
      if prefix || fromKey {
        throw .badArguments(
          "too many arguments, only accept one argument when `--prefix` or `--from-key` is set")
      }
      return .range(key, upTo: ArgumentText.bytes(words[1]))
    }
    if prefix { return .prefix(key) }
    return fromKey ? .from(key) : .key(key)
  }
}
