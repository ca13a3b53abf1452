internal import Primitives

/// etcd's log, as far as it goes beyond an index: scanned once for what counts, then read entry by entry.
///
/// Memory: 40 bytes for each entry beyond the index.
struct EtcdLog {
  private struct Location {
    var file: Int
    var place: EtcdLogFile.Place
    var isMembership: Bool
  }

  /// The entries that count begin behind it.
  let base: LogIndex
  /// What the last hard state says is committed.
  private(set) var commit = LogIndex.zero
  /// Why the log ends before its last record, if it does: that record was being written when etcd ended.
  private(set) var tornTail: String?
  private let files: [EtcdLogFile]
  private var locations: [Location] = []

  /// The last entry.
  var lastIndex: LogIndex { LogIndex(base.rawValue + UInt64(locations.count)) }

  /// Scans the files for entries behind `base`; checks every checksum on the way.
  ///
  /// - Parameter files: all files of the log, in order.
  /// - Throws: `.corrupt` with the file and the offset for damage anywhere but at the log's very end, and if files
  ///   or entries are missing.
  init(_ files: [EtcdLogFile], after base: LogIndex) throws(SnapshotError) {
    self.base = base
    guard let first = files.lastIndex(where: { $0.firstIndex <= base }) else {
      throw .corrupt(
        detail: files.first.map {
          "the database has applied the log up to entry \(base), and the log begins at entry "
            + "\($0.firstIndex) (\($0.name)): files of the log are missing, or the database is an older copy"
        } ?? "there is no file of the log")
    }
    self.files = Array(files[first...])
    for (left, right) in zip(self.files, self.files.dropFirst())
    where right.sequence != left.sequence + 1 {
      throw .corrupt(detail: "the log's file between \(left.name) and \(right.name) is missing")
    }
    var checksum: UInt32 = 0
    for file in self.files.indices { try scan(file, &checksum) }
  }

  private mutating func scan(_ number: Int, _ checksum: inout UInt32) throws(SnapshotError) {
    let file = files[number]
    let isLast = number == files.count - 1
    var offset: Int64 = 0
    while true {
      switch try file.step(at: offset) {
      case .end: return
      case .cutOff(let reason):
        return try stop(file, at: offset, reason, mayBeTorn: isLast)
      case .unreadable(let reason):
        return try stop(
          file, at: offset, reason, mayBeTorn: isLast ? file.isTorn(at: offset) : false)
      case .record(let record, let next):
        guard isSound(record, &checksum) else {
          return try stop(
            file, at: offset, "a record's bytes do not have its checksum",
            mayBeTorn: isLast ? file.isTorn(at: offset) : false)
        }
        try take(record, number, file.name)
        offset = next
      }
    }
  }

  /// Ends the scan where the log was being written when etcd ended; anything else is damage.
  private mutating func stop(
    _ file: EtcdLogFile, at offset: Int64, _ reason: String, mayBeTorn: Bool
  ) throws(SnapshotError) {
    let place = "\(file.name): offset \(offset): \(reason)"
    guard mayBeTorn else { throw .corrupt(detail: place) }
    tornTail = place
  }

  /// Whether a record has the checksum that runs through all of them.
  private func isSound(_ record: EtcdLogFile.Record, _ checksum: inout UInt32) -> Bool {
    if record.kind == EtcdLogFile.Kind.checksum.rawValue {
      guard checksum == 0 || checksum == record.checksum else { return false }
      checksum = record.checksum
      return true
    }
    let running = CRC32C.checksum(record.data, continuing: checksum)
    guard running == record.checksum else { return false }
    checksum = running
    return true
  }

  private mutating func take(
    _ record: EtcdLogFile.Record, _ file: Int, _ name: String
  ) throws(SnapshotError) {
    switch EtcdLogFile.Kind(rawValue: record.kind) {
    case .entry:
      guard let entry = EtcdLogEntry(encoded: record.data) else {
        throw .corrupt(
          detail: "\(name): offset \(record.place.offset): an entry that cannot be read")
      }
      guard entry.index > base else { return }
      let position = entry.index.rawValue - base.rawValue - 1
      guard position <= UInt64(locations.count) else {
        throw .corrupt(
          detail: "\(name): offset \(record.place.offset): entry \(entry.index) follows entry "
            + "\(lastIndex)")
      }
      // A later leader's entries take the place of what an earlier one could not commit.
      locations.removeSubrange(Int(position)...)
      locations.append(
        Location(file: file, place: record.place, isMembership: entry.kind != .request))
    case .hardState:
      var fields = MessageFields(record.data)
      while let (field, content) = (try? fields.next()).flatMap({ $0 }) {
        if case (3, .number(let index)) = (field, content) { commit = LogIndex(index) }
      }
    case .metadata, .checksum, .snapshot: break
    case nil:
      throw .unsupported(
        detail:
          "\(name): offset \(record.place.offset): a record of the unknown kind \(record.kind)")
    }
  }

  /// Reads an entry between `base` and `lastIndex`.
  func entry(_ index: LogIndex) throws(SnapshotError) -> EtcdLogEntry {
    let location = locations[Int(index.rawValue - base.rawValue - 1)]
    let record = try files[location.file].record(at: location.place)
    guard let entry = EtcdLogEntry(encoded: record.data), entry.index == index else {
      throw .corrupt(
        detail: "\(files[location.file].name): offset \(location.place.offset): entry \(index) "
          + "is not what it was")
    }
    return entry
  }

  /// Who votes after everything up to `last`, if `voters` did after `from`.
  func voters(
    _ voters: EtcdVoters, after from: LogIndex, through last: LogIndex
  ) throws(SnapshotError) -> EtcdVoters {
    var voters = voters
    for (number, location) in locations.enumerated() where location.isMembership {
      let index = LogIndex(base.rawValue + 1 + UInt64(number))
      guard index > from, index <= last else { continue }
      guard voters.follow(try entry(index)) else {
        throw .corrupt(detail: "entry \(index): a change of membership that cannot be read")
      }
    }
    return voters
  }
}
