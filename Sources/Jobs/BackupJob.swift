internal import Glibc
public import Member
internal import Primitives
internal import Synchronization

/// Writes a member's full snapshots on a schedule: one after another, on a thread of its own, of low priority, while
/// the member serves.
///
/// Each member writes its own. A failure is logged and counted and never ends anything else; it is tried again.
public final class BackupJob: Sendable {
  /// What is known of the backups.
  public let record: BackupRecord
  private let settings: BackupSettings?
  private let member: Member
  private let log: @Sendable (MemberNotice) -> Void
  private let wake = WakeWord()
  private let isStopping = Atomic<Bool>(false)
  private let thread = Mutex<MemberThread?>(nil)

  /// The backups of `member`; without settings there are none, only their metrics.
  public init(
    _ settings: BackupSettings?, of member: Member, log: @escaping @Sendable (MemberNotice) -> Void
  ) {
    self.settings = settings
    self.member = member
    self.log = log
    record = BackupRecord(intervalSeconds: settings?.intervalSeconds ?? 0)
  }

  /// Begins; once.
  public func start() throws(MemberError) {
    guard let settings else { return }
    let started = try MemberThread("keelson-backup") { [self] in run(settings) }
    thread.withLock { $0 = started }
  }

  /// Gives up a backup that is being written, and waits for the thread. To be called before the member stops.
  public func stop() {
    isStopping.store(true, ordering: .releasing)
    wake.signal()
    thread.withLock { $0.take() }?.join()
  }

  private func run(_ settings: BackupSettings) {
    // On Linux this is of the thread alone. Requests go first.
    _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
    let folder = BackupFolder(settings: settings)
    var schedule = BackupSchedule(
      interval: settings.intervalSeconds, last: noteNewest(in: folder)?.time)
    while !isStopping.load(ordering: .acquiring) {
      let wait = schedule.secondsUntilDue(now: Self.now())
      if wait > 0 {
        // Looked at again every minute: a clock that was set is noticed.
        wake.wait(timeoutNanoseconds: min(wait, 60) * 1_000_000_000)
        continue
      }
      let begin = Self.now()
      do throws(BackupFailure) {
        try BackupRun(folder: folder, member: member, isStopping: isStopped, log: log)
          .carryOut(at: begin, noting: record)
        schedule.noteSuccess(at: begin)
      } catch {
        if isStopping.load(ordering: .acquiring) { return }
        record.update { $0.failures += 1 }
        schedule.noteFailure(at: Self.now())
        log(
          MemberNotice(
            .error, "a backup failed; it is tried again",
            [.init("folder", settings.folder), .init("error", "\(error)")]))
      }
    }
  }

  private func isStopped() -> Bool { isStopping.load(ordering: .acquiring) }

  /// What an earlier process left counts: neither a restart nor a crash makes a backup too many.
  private func noteNewest(in folder: BackupFolder) -> BackupName? {
    guard let newest = try? folder.backups().last else { return nil }
    var status = stat()
    let path = folder.path + "/" + newest.file(of: folder.settings.memberName)
    guard unsafe stat(path, &status) == 0 else { return nil }
    let bytes = Int64(status.st_size)
    record.update {
      $0.lastTime = newest.time
      $0.lastRevision = newest.revision.rawValue
      $0.lastBytes = bytes
    }
    return newest
  }

  static func now() -> Int64 { Int64(time(nil)) }
}
