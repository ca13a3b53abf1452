import ClientHistory
import Environment
import MVCC
import Primitives

/// No lease ends before its time, counted from when the last renewal that was acknowledged was asked for, by the
/// fastest clock that a machine may have.
struct LeaseLives {
  private struct Life {
    var seconds: Int64
    var renewedAt: MonotonicTime
    var mayBeRevoked = false
  }

  /// Leases that are known at once; so many are enough.
  static let most = 12

  private var lives: [LeaseID: Life] = [:]
  private var seen: [MemberID: Set<LeaseID>] = [:]
  private(set) var ended = 0
  /// The leases that clients know of, in order.
  private(set) var known: [LeaseID] = []

  mutating func granted(_ lease: LeaseID, seconds: Int64, askedAt time: MonotonicTime) {
    if lives.updateValue(Life(seconds: seconds, renewedAt: time), forKey: lease) == nil {
      known.append(lease)
    }
  }

  mutating func renewed(_ lease: LeaseID, askedAt time: MonotonicTime) {
    guard let life = lives[lease] else { return }
    lives[lease]?.renewedAt = max(life.renewedAt, time)
  }

  /// A client has asked for its end.
  mutating func revoking(_ lease: LeaseID) { lives[lease]?.mayBeRevoked = true }

  /// A member starts.
  mutating func forget(_ member: MemberID) { seen[member] = nil }

  /// Looks at what leases a member has.
  mutating func look(
    at member: MemberID, _ store: Store, now: MonotonicTime
  ) -> Violation? {
    var violation: Violation?
    for lease in known {
      if store.lease(lease) != nil {
        seen[member, default: []].insert(lease)
      } else if seen[member]?.contains(lease) == true, let life = lives[lease] {
        violation = violation ?? end(lease, life, now)
      }
    }
    if lives.count < known.count { known.removeAll { lives[$0] == nil } }
    return violation
  }

  private mutating func end(
    _ lease: LeaseID, _ life: Life, _ now: MonotonicTime
  ) -> Violation? {
    lives[lease] = nil
    ended += 1
    if life.mayBeRevoked { return nil }
    let lived = (now - life.renewedAt).saturatingNanoseconds
    // The rates of two machines' clocks differ by up to a fortieth.
    guard lived + lived / 40 < life.seconds * 1_000_000_000 else { return nil }
    return Violation(
      .leases, "a lease of \(life.seconds) s ended \(lived / 1_000_000) ms after its renewal")
  }
}
