internal import MVCC
internal import Member
internal import Primitives
internal import SnapshotFile
internal import Synchronization

/// One backup, from the pinned store to a checked file under its name.
struct BackupRun {
  let folder: BackupFolder
  let member: Member
  /// Asked between pieces of the file.
  let isStopping: () -> Bool
  let log: @Sendable (MemberNotice) -> Void

  /// Attempts at a state that no compaction changes while its hash is taken.
  private static let pinAttempts = 5
  /// Bytes between two looks at whether to stop.
  private static let chunkBytes = 1 << 20

  /// Writes, checks and publishes a file, and then removes old ones.
  func carryOut(at begin: Int64, noting record: BackupRecord) throws(BackupFailure) {
    let clock = ContinuousClock()
    let started = clock.now
    try folder.prepare()
    let isCurrent = catchUp()
    let (pinned, expected) = try pin()
    try folder.checkRoom(for: pinned.writer.byteCount)
    let member = folder.settings.memberName
    let name = BackupName(time: begin, revision: pinned.revision).file(of: member)
    let file = try BackupFile(name, in: folder.path)
    try write(pinned.writer, to: file)
    try BackupCheck.check(file.partPath, against: expected)
    try file.publish(as: name)
    let duration = started.duration(to: clock.now) / .seconds(1)
    record.update {
      $0.lastTime = begin
      $0.lastRevision = pinned.revision.rawValue
      $0.lastBytes = pinned.writer.byteCount
      $0.lastSeconds = duration
      $0.successes += 1
    }
    // Only now: whatever went wrong before has cost no older file.
    let removed = try folder.removeOld(now: begin)
    log(
      MemberNotice(
        isCurrent ? .information : .warning,
        isCurrent
          ? "a backup is complete"
          : "a backup is complete, but no leader could be asked: it may lack the latest writes",
        [
          .init("file", folder.path + "/" + name), .init("revision", "\(pinned.revision)"),
          .init("bytes", "\(pinned.writer.byteCount)"),
          .init("hash", "\(expected.hash)"), .init("removed", "\(removed)"),
        ]))
  }

  /// Waits until the member has every write that was acknowledged so far; false if there is nobody to ask.
  private func catchUp() -> Bool {
    let answer = Answer()
    member.linearizableRead { result in answer.give((try? result.get()) != nil) }
    return answer.wait(for: member.configuration.requestTimeout, unless: isStopping)
  }

  /// Pins the store, and hashes its history at the revision that is pinned.
  private func pin() throws(BackupFailure) -> (PinnedSnapshot, StoreHash) {
    do {
      for _ in 0..<Self.pinAttempts {
        let pinned = try member.pinSnapshot()
        let hash = try member.store.hashKV(at: pinned.revision)
        if max(.zero, hash.compactRevision) == pinned.compacted { return (pinned, hash) }
      }
    } catch {
      throw BackupFailure(description: "the store cannot be read: \(error)")
    }
    throw BackupFailure(description: "the store is compacted again and again")
  }

  private func write(_ writer: SnapshotWriter, to file: BackupFile) throws(BackupFailure) {
    do {
      try writer.write(chunkBytes: Self.chunkBytes) { chunk in
        if isStopping() { throw BackupFailure(description: "the member stops") }
        try file.write(chunk)
      }
    } catch let failure as BackupFailure {
      throw failure
    } catch {
      throw BackupFailure(description: "the snapshot failed: \(error)")
    }
    try file.finish()
  }
}

/// An answer that comes from another thread.
private final class Answer: Sendable {
  private let value = Mutex<Bool?>(nil)
  private let wake = WakeWord()

  func give(_ answer: Bool) {
    value.withLock { $0 = answer }
    wake.signal()
  }

  /// The answer, or false if none comes in time.
  func wait(for limit: Duration, unless isStopping: () -> Bool) -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while clock.now < deadline, !isStopping() {
      if let answer = value.withLock({ $0 }) { return answer }
      wake.wait(timeoutNanoseconds: 100_000_000)
    }
    return value.withLock { $0 } ?? false
  }
}
