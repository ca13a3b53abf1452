internal import ArgumentParser
internal import KeelsonClient
internal import Primitives
internal import Synchronization

/// `keelsonctl make-mirror`
struct MakeMirror: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "make-mirror",
    abstract: "Copies keys to another store, and every change of them from then on.",
    usage: "keelsonctl make-mirror [options] <destination>",
    discussion: """
      The keys are copied at one revision; the changes after it follow, each revision in one transaction, until the \
      command is interrupted. Every 30 seconds the number of keys written so far is printed. Leases are not copied. \
      After an interruption, --rev goes on with the changes of a revision.

      Example:
        keelsonctl make-mirror --prefix /config/ --dest-prefix /copy/ 10.0.0.9:2379
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Only keys that begin so (default: all).", valueName: "prefix"))
  var prefix = ""

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What stands there for the prefix.", valueName: "prefix"))
  var destPrefix = ""

  @Flag(help: "Leave the prefix out there.")
  var noDestPrefix = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Copy nothing, and begin with the changes of this revision.", valueName: "revision"))
  var rev: Int64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Changes in one transaction.", valueName: "count"))
  var maxTxnOps = 128

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Authorities that the destination's certificate must come from.", valueName: "file"))
  var destCacert: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The client's certificate there.", valueName: "file"))
  var destCert: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("That certificate's private key.", valueName: "file"))
  var destKey: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The user there, or user:password.", valueName: "name"))
  var destUser: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("That user's password.", valueName: "password"))
  var destPassword: String?

  @Flag(help: "Use no TLS there; this is the default without certificates.")
  var destInsecureTransport = false

  @Argument(help: ArgumentHelp("The other store.", valueName: "destination"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("make-mirror takes one destination argument")
    }
    if noDestPrefix && !destPrefix.isEmpty {
      throw Failure.badArguments(
        "`--dest-prefix` and `--no-dest-prefix` cannot be set at the same time, choose one")
    }
    guard maxTxnOps > 0 else { throw Failure.badArguments("--max-txn-ops must be at least 1") }
    let session = try Session(global)
    var there = global
    there.connection.endpoints = words[0]
    there.connection.insecureTransport = destInsecureTransport ? true : nil
    (there.connection.cacert, there.connection.cert, there.connection.key) = (
      destCacert, destCert, destKey
    )
    (there.connection.user, there.connection.password) = (destUser, destPassword)
    // What the environment says is about the source.
    let destination = try Settings(there, environment: [:]).client()
    let source = ArgumentText.bytes(prefix)
    let target =
      noDestPrefix ? [] : destPrefix.isEmpty ? source : ArgumentText.bytes(destPrefix)
    let mirror = Mirror(
      source: session.client, destination: destination, prefix: source, newPrefix: target,
      operationsMax: maxTxnOps)
    let reporter = Task {
      while (try? await Task.sleep(for: .seconds(30))) != nil {
        Output.write("\(mirror.written.load(ordering: .relaxed))\n")
      }
    }
    defer { reporter.cancel() }
    let revision = rev > 0 ? Revision(rev - 1) : try await mirror.copyAll()
    try await mirror.follow(after: revision)
  }
}

/// Copies from one store to another.
private final class Mirror: Sendable {
  let source: StoreClient
  let destination: StoreClient
  let prefix: Bytes
  let newPrefix: Bytes
  let operationsMax: Int
  /// Keys that were put there.
  let written = Atomic<Int>(0)
  /// Keys that are read at once.
  private static let page: Int64 = 1_000

  init(
    source: StoreClient, destination: StoreClient, prefix: Bytes, newPrefix: Bytes,
    operationsMax: Int
  ) {
    self.source = source
    self.destination = destination
    self.prefix = prefix
    self.newPrefix = newPrefix
    self.operationsMax = operationsMax
  }

  /// Copies what there is; returns the revision that it was copied at.
  func copyAll() async throws(KeelsonError) -> Revision {
    let all = KeySelection.prefix(prefix)
    var request = RangeRequest(all)
    request.limit = Self.page
    while true {
      let answer = try await source.range(request)
      if request.revision == .zero { request.revision = answer.header.revision }
      let records = answer.records
      for record in records {
        try await destination.put(renamed(record.key), record.value)
        written.add(1, ordering: .relaxed)
      }
      guard answer.hasMore, let last = records.last else { return request.revision }
      request.keys = KeySelection(key: last.key + [0], rangeEnd: all.rangeEnd)
    }
  }

  /// Writes there what changes here, for as long as the watch goes on.
  func follow(after revision: Revision) async throws(KeelsonError) {
    var request = WatchRequest(
      .prefix(prefix), startRevision: Revision(revision.rawValue + 1))
    request.notifiesProgress = true
    var responses = source.watch(request).makeAsyncIterator()
    while let response = try await responses.next() {
      var transaction = Transaction()
      var last = Revision.zero
      for event in response.events {
        let next = event.record.modRevision
        if !transaction.success.isEmpty,
          next != last || transaction.success.count == operationsMax
        {
          try await destination.commit(transaction)
          transaction = Transaction()
        }
        last = next
        let key = renamed(event.record.key)
        if event.kind == .delete {
          transaction.success.append(.delete(DeleteRequest(.key(key))))
        } else {
          transaction.success.append(.put(PutRequest(key, event.record.value)))
          written.add(1, ordering: .relaxed)
        }
      }
      if !transaction.success.isEmpty { try await destination.commit(transaction) }
    }
  }

  private func renamed(_ key: Bytes) -> Bytes { newPrefix + key.dropFirst(prefix.count) }
}
