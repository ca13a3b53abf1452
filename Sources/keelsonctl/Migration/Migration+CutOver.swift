internal import KeelsonClient
internal import Primitives

/// What a comparison of two stores found.
struct MigrationVerdict {
  /// One of the stores, as it was read.
  struct Side {
    var revision = Revision.zero
    var keys = 0
    var hash: UInt32 = 0

    /// Takes a record in: the lengths keep keys and values apart.
    mutating func add(_ record: KeyValue) {
      keys += 1
      var writer = ByteWriter()
      for part in [record.key, record.value] {
        writer.appendVarint(UInt64(part.count))
        writer.append(part)
      }
      writer.appendVarint(UInt64(bitPattern: record.lease.rawValue))
      hash = CRC32C.checksum(writer.bytes, continuing: hash)
    }

    var text: String { "revision \(revision), \(keys) keys, hash \(String(hash, radix: 16))" }
  }

  /// How many differences are named.
  private static let differencesMax = 10

  var source = Side()
  var destination = Side()
  var differences: [String] = []

  var isEqual: Bool {
    source.keys == destination.keys && source.hash == destination.hash && differences.isEmpty
  }

  mutating func note(_ key: Bytes, _ what: String) {
    if differences.count < Self.differencesMax {
      differences.append("\(GoSyntax.quoted(key)): \(what)")
    }
  }

  var text: String {
    var lines = ["source:      \(source.text)", "destination: \(destination.text)"]
    lines += differences.map { "different: \($0)" }
    lines.append(
      isEqual
        ? "equal: all keys, values and leases are the same; clients can be moved"
        : "not equal: do not move clients; run the command again with --overwrite --cut-over")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Migration {
  /// Follows until the source has been quiet for a time, finishes, and compares both.
  func cutOver(quiet: Duration, limit: Duration?, copiesUsers: Bool) async throws
    -> MigrationVerdict
  {
    let begin = ContinuousClock.now
    while true {
      try await waitUntilQuiet(quiet, begin: begin, limit: limit)
      if copiesUsers { try await copyUsers() }
      try await copyLeases()
      let verdict = try await compare()
      // Only what nobody wrote to meanwhile has been compared.
      if try await sourceRevision() == position { return verdict }
      meter.say("the source was written to while it was compared: waiting again")
    }
  }

  private func waitUntilQuiet(
    _ quiet: Duration, begin: ContinuousClock.Instant, limit: Duration?
  ) async throws {
    var last = (revision: Revision.zero, since: ContinuousClock.now)
    var nextLook = ContinuousClock.now
    meter.say("waiting until nobody has written to the source for \(GoSyntax.text(quiet))")
    try await follow { position in
      let now = ContinuousClock.now
      if let limit, now - begin > limit {
        throw Failure(
          .error,
          "the source was still written to after \(GoSyntax.text(limit)): stop what writes to it, and run "
            + "the command again with --overwrite --cut-over")
      }
      guard now >= nextLook else { return false }
      nextLook = now + .milliseconds(200)
      let revision = try await self.sourceRevision()
      if revision != last.revision { last = (revision, now) }
      return position == revision && now - last.since >= quiet
    }
  }

  /// Gives the source's leases to the destination, with the time that they have left now, and hangs their keys on
  /// them. Before this moment none could end there although it was renewed at the source.
  private func copyLeases() async throws {
    var (granted, hung) = (0, 0)
    for lease in try await source.leases().leases {
      let there = try await source.timeToLive(of: lease, includingKeys: true)
      guard there.remainingSeconds > 0 else { continue }
      let here = try await destination.timeToLive(of: lease, includingKeys: true)
      if here.exists {
        // From an earlier round: its time is not the present one. Its keys are taken off it, or they would go too.
        try await hang(here.keys, on: .none)
        try await destination.revokeLease(lease)
      }
      _ = try await destination.grantLease(seconds: there.remainingSeconds, lease: lease)
      granted += 1
      hung += there.keys.count
      try await hang(there.keys, on: lease)
    }
    if granted > 0 { meter.say("granted \(granted) leases, with \(hung) keys on them") }
  }

  private func hang(_ keys: [Bytes], on lease: LeaseID) async throws {
    var changes: [Operation] = []
    var bytes = 0
    for key in keys {
      guard let record = try await source.get(key) else { continue }
      changes.append(.put(PutRequest(key, record.value, lease: lease)))
      bytes += record.value.count
      if bytes > Self.transactionBytes {
        try await write(changes)
        (changes, bytes) = ([], 0)
      }
    }
    try await write(changes)
  }

  /// Reads both stores side by side.
  private func compare() async throws -> MigrationVerdict {
    var verdict = MigrationVerdict()
    var there = RecordIterator(source)
    var here = RecordIterator(destination)
    var (left, right) = (try await there.next(), try await here.next())
    while left != nil || right != nil {
      let order =
        switch (left, right) {
        case (let left?, let right?): Primitives.compare(left.key, right.key)
        case (nil, _): 1
        default: -1
        }
      if order <= 0, let record = left {
        verdict.source.add(record)
        if order < 0 { verdict.note(record.key, "only at the source") }
      }
      if order >= 0, let record = right {
        verdict.destination.add(record)
        if order > 0 { verdict.note(record.key, "only at the destination") }
      }
      if order == 0, let left, let right {
        if left.value != right.value { verdict.note(left.key, "values differ") }
        if left.lease != right.lease { verdict.note(left.key, "leases differ") }
      }
      if order <= 0 { left = try await there.next() }
      if order >= 0 { right = try await here.next() }
    }
    verdict.source.revision = there.revision
    verdict.destination.revision = here.revision
    return verdict
  }
}

/// A store's records one by one, as of one revision.
private struct RecordIterator {
  private var pages: StorePages
  private var records: [KeyValue] = []
  private var place = 0

  var revision: Revision { pages.revision }

  init(_ store: StoreClient) { pages = StorePages(store, bytes: 2 << 20) }

  mutating func next() async throws(KeelsonError) -> KeyValue? {
    while place == records.count {
      guard let page = try await pages.next() else { return nil }
      (records, place) = (page.records, 0)
    }
    defer { place += 1 }
    return records[place]
  }
}
