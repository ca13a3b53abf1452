/// Faults that a test build can be told to have, so that it is proven that the tests would find them.
///
/// Builds without `DEBUG` or `PLANTED_BUGS`, shipped ones among them, do not contain the code that could
/// turn one on.
public enum PlantedBug: String, CaseIterable, Hashable, Sendable {
  /// A sync of the log is skipped, and reported as done.
  case skippedSync = "skipped-sync"
  /// An entry of an earlier term is committed by counting.
  case oldTermCommit = "old-term-commit"
  /// A member that restarts forgets whom it voted for.
  case forgottenVote = "forgotten-vote"
  /// A leader serves a read without asking a majority.
  case unconfirmedRead = "unconfirmed-read"
  /// A leader counts its own log before it is durable.
  case earlyOwnCount = "early-own-count"
  /// A follower takes entries without comparing what lies before them.
  case uncheckedAppend = "unchecked-append"
  /// The log is cut before the engine's flush completed.
  case earlyCut = "early-cut"
  /// The applied index reaches the engine in a batch of its own, behind what was applied.
  case splitAppliedIndex = "split-applied-index"
  /// Now and then a watch is not told of an event.
  case droppedWatchEvent = "dropped-watch-event"
  /// A leader that leads again goes by the lease times of its earlier term.
  case oldLeaseClock = "old-lease-clock"
  /// A member that has forgotten what it promised votes as if nothing had happened.
  case forgetfulVoter = "forgetful-voter"

  /// A follower says of what it had a deposed leader propose that it was not done.
  case deniedForward = "denied-forward"

  /// Whether this build can have any.
  public static var isPossible: Bool {
    #if DEBUG || PLANTED_BUGS
      true
    #else
      false
    #endif
  }
}
