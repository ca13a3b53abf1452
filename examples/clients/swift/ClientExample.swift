import KeelsonClient

/// Keeps settings of a shop in the store: `swift run ClientExample [URL]`.
@main
struct ClientExample {
  static let prefix = "/example/swift/"

  static func main() async throws {
    let endpoint = CommandLine.arguments.dropFirst().first ?? "http://127.0.0.1:2379"
    let store = try StoreClient(Configuration(endpoints: [endpoint]))
    try await store.delete(.prefix(prefix))

    // Write two keys, and read what lies under their prefix.
    try await store.put(prefix + "currency", "EUR")
    let second = try await store.put(prefix + "items-per-page", "24")
    for record in try await store.range(RangeRequest(.prefix(prefix))).records {
      print(record.keyText, "=", record.valueText)
    }

    // Change one of them only if nobody else has.
    let answer = try await store.commit(
      Transaction()
        .when(.value(prefix + "currency", .equal, "EUR"))
        .then(.put(PutRequest(prefix + "currency", "CHF")))
        .otherwise(.range(RangeRequest(.key(prefix + "currency")))))
    print(answer.succeeded ? "changed" : "somebody else was faster")

    // Watch from a revision on: what happened meanwhile comes first. The sequence resumes by itself after a
    // lost connection, and ends with the loop.
    var changes = WatchRequest(
      .prefix(prefix), startRevision: Revision(second.header.revision.rawValue + 1))
    changes.returnsPrevious = true
    watching: for try await response in store.watch(changes) {
      for event in response.events {
        print(
          "watched", event.record.keyText, event.previous?.valueText ?? "nothing", "->",
          event.record.valueText)
        break watching
      }
    }

    // A key that goes when its lease does; a task renews the lease until it is revoked.
    let lease = try await store.grantLease(seconds: 60).lease
    let renewals = Task { for try await _ in store.keepAlive(lease) {} }
    try await store.put(prefix + "visitor", "17", lease: lease)
    print("visitor before", try await store.get(prefix + "visitor")?.valueText ?? "none")
    renewals.cancel()
    try await store.revokeLease(lease)
    print("visitor after", try await store.get(prefix + "visitor")?.valueText ?? "none")

    // An error has a code for the program and a message for the person.
    do {
      _ = try await store.range(RangeRequest(.key("a"), revision: Revision(1 << 40)))
    } catch {
      print("refused", error.code, "-", error.message)
    }
    await store.shutdown()
  }
}
