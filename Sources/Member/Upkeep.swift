internal import Environment
internal import Primitives
internal import ReplicaCore
internal import Synchronization

/// What a member sees to about twice a second, whoever asks.
///
/// Each task looks at how things are and brings them to how they should be, so that one that failed is simply tried
/// again.
final class Upkeep: Sendable {
  private let shared: MemberState
  private let clock: any Clock
  private let histories: HistoryCheck
  private let doubt: HistoryDoubt
  private let isPublishing = Atomic<Bool>(false)

  init(shared: MemberState, clock: any Clock) {
    self.shared = shared
    self.clock = clock
    histories = HistoryCheck(shared: shared, clock: clock)
    doubt = HistoryDoubt(shared: shared, clock: clock)
  }

  func look(_ now: MonotonicTime) {
    publishAttributes(now)
    histories.look(now)
    doubt.look(now)
  }

  /// Tells the cluster under which name and URLs this member is reached, if that has changed.
  private func publishAttributes(_ now: MonotonicTime) {
    guard shared.needsPublication.load(ordering: .relaxed) else { return }
    let begins = isPublishing.compareExchange(
      expected: false, desired: true, ordering: .acquiringAndReleasing)
    guard begins.exchanged else { return }
    let configuration = shared.configuration
    let command = Command.memberAttributes(
      shared.id, name: configuration.name, clientURLs: configuration.clientURLs,
      level: .newest)
    Member.submit(
      command, by: .member, at: now, within: configuration.requestTimeout, to: shared
    ) { [self] _, _ in isPublishing.store(false, ordering: .releasing) }
  }
}
