internal import Environment
public import ReplicaCore

/// When a write passed the stages of its way through this member.
///
/// Moments are nanoseconds of the machine's monotonic clock, the same for all threads. They cost a write three copies;
/// the clock is read for each batch.
public struct WriteSteps: Sendable {
  /// What was asked for.
  public var command: Command { proposal.command }
  /// Who asked.
  public var author: Author { proposal.author }
  /// The member was asked.
  public var asked: UInt64 { marks.asked.nanoseconds }
  /// The replica took it from the queue.
  public var taken: UInt64 { marks.taken.nanoseconds }
  /// This member's log held it durably; where another member leads, as `taken`.
  public var logged: UInt64 { marks.logged.nanoseconds }
  /// A majority had it: as `logged` where one member is that.
  public let agreed: UInt64
  /// It was carried out, and with it all that was agreed on at the same time.
  public let applied: UInt64

  private let proposal: Proposal
  private let marks: Submission.Marks

  init(
    _ proposal: Proposal, _ marks: Submission.Marks,
    _ times: (agreed: MonotonicTime, applied: MonotonicTime)
  ) {
    self.proposal = proposal
    self.marks = marks
    agreed = times.agreed.nanoseconds
    applied = times.applied.nanoseconds
  }
}

/// When the replica's present turn passed its stages.
struct TurnMarks {
  /// What had queued was taken, and other members' messages read.
  var taken = MonotonicTime(nanoseconds: 0)
  /// The first answer was given, after everything was applied; nil before.
  var applied: MonotonicTime?
}
