internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// The flags of a watch, on the command line and on lines of an interactive one.
struct WatchArguments: ParsableArguments {
  @Flag(help: "All keys that begin with <key>.")
  var prefix = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Begin with the changes of this revision (default: now).", valueName: "revision"))
  var rev: Int64 = 0

  @Flag(help: "Print the record that was there before, too.")
  var prevKv = false

  @Flag(help: "Print from time to time how far the watch is.")
  var progressNotify = false

  @Argument(help: "The key or prefix.")
  var key: String?

  @Argument(help: "With a key: the first key that is not meant.")
  var rangeEnd: String?

  /// There to be refused: the parser takes no list in front of `command`.
  @Argument(help: .hidden)
  var excess: String?

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("A command, behind '--', that is run for each event.", valueName: "command"))
  var command: [String] = []

  static let usage = "bad number of arguments"

  private var words: [String] { [key, rangeEnd].compactMap { $0 } }

  /// - Parameter environment: where the key may come from if no argument names one.
  func request(environment: [String: String] = [:]) throws(Failure) -> WatchRequest {
    var words = words
    if excess != nil { throw .badArguments(Self.usage) }
    if let key = environment["KEELSONCTL_WATCH_KEY"] ?? environment["ETCDCTL_WATCH_KEY"],
      !key.isEmpty
    {
      guard words.isEmpty else {
        throw .badArguments("bad number of arguments (found conflicting environment key)")
      }
      words = [key]
      let end = environment["KEELSONCTL_WATCH_RANGE_END"] ?? environment["ETCDCTL_WATCH_RANGE_END"]
      if let end, !end.isEmpty { words.append(end) }
    }
    guard let key = words.first.map(ArgumentText.bytes), words.count <= 2 else {
      throw .badArguments(Self.usage)
    }
    let keys: KeySelection
    if words.count == 2 {
      if prefix { throw .badArguments("`range_end` and `--prefix` are mutually exclusive") }
      keys = .range(key, upTo: ArgumentText.bytes(words[1]))
    } else {
      keys = prefix ? .prefix(key) : .key(key)
    }
    var request = WatchRequest(keys, startRevision: Revision(max(0, rev)))
    request.returnsPrevious = prevKv
    request.notifiesProgress = progressNotify
    return request
  }
}

/// `keelsonctl watch`
struct Watch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints changes as they happen.",
    usage:
      "keelsonctl watch [options] [key or prefix] [range_end] [--] [exec-command arg1 arg2 ...]",
    discussion: """
      The watch goes on after a lost connection, from where it was. A command behind '--' is run for each \
      event, with ETCD_WATCH_REVISION, ETCD_WATCH_EVENT_TYPE, ETCD_WATCH_KEY and ETCD_WATCH_VALUE in its \
      environment. The key may come from ETCDCTL_WATCH_KEY and ETCDCTL_WATCH_RANGE_END.

      Interactively, each line is 'watch' with its flags and arguments, or 'progress'.

      Example:
        keelsonctl watch --prefix /config/ --rev 17
        keelsonctl watch /config/mode -- sh -c 'echo "$ETCD_WATCH_VALUE"'
      """)

  @OptionGroup var arguments: WatchArguments

  @Flag(name: .shortAndLong, help: "Read watches from standard input.")
  var interactive = false

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    if interactive {
      let session = try Session(global)
      try await InteractiveWatch(session: session).run()
      return
    }
    let request = try arguments.request(environment: Session.environment)
    let session = try Session(global)
    let printer = WatchPrinter(session: session, command: arguments.command)
    try await printer.follow(session.client.watch(request))
    throw Failure(.interrupted, "watch is canceled by the server")
  }
}

/// Prints the responses of a watch, and runs a command for each event.
struct WatchPrinter: Sendable {
  let session: Session
  let command: [String]

  /// Returns when the server has ended the watch, which it has told on standard error.
  func follow(_ watch: KeelsonClient.Watch) async throws {
    do {
      for try await response in watch {
        if response.isProgress {
          Output.write("progress notify: \(response.header.revision)\n")
        }
        try session.print(.watch(response.message))
        for event in response.events where !command.isEmpty {
          try run(for: event, revision: response.header.revision)
        }
      }
    } catch let error as KeelsonError where error.code != .connectionFailed {
      Output.writeError("watch was canceled (\(error.message))\n")
    }
  }

  private func run(for event: WatchEvent, revision: Revision) throws(Failure) {
    let variables = [
      "ETCD_WATCH_REVISION": revision.description,
      "ETCD_WATCH_EVENT_TYPE": event.kind == .delete ? "\"DELETE\"" : "\"PUT\"",
      "ETCD_WATCH_KEY": GoSyntax.quoted(event.record.key),
      "ETCD_WATCH_VALUE": GoSyntax.quoted(event.record.value),
    ]
    let reason: String
    switch Subprocess.run(command.map(ArgumentText.bytes), adding: variables) {
    case .exited(0): return
    case .exited(let status): reason = "exit status \(status)"
    case .signalled(let signal): reason = "signal \(signal)"
    case .failed(let text): reason = text
    }
    let words = command.map { GoSyntax.quoted(ArgumentText.bytes($0)) }.joined(separator: " ")
    Output.writeError("command [\(words)] error (\(reason))\n")
    throw Failure(.error, "")
  }
}
