public import Access
public import Environment
public import Primitives
internal import Synchronization

/// Random tokens that this member remembers for a while: each use gives one its whole time again.
public final class SimpleTokens: Sendable {
  private struct Entry {
    var user: AccessName
    var end: MonotonicTime
  }

  private let entries = Mutex<[Bytes: Entry]>([:])
  private let lifetime: Duration
  private let clock: any Clock
  private let maxCount: Int

  /// - Parameter lifetime: from a token's last use to its end (`--auth-token-ttl`).
  public init(
    lifetime: Duration, clock: any Clock, maxCount: Int = Limits.simpleTokens
  ) {
    self.lifetime = lifetime
    self.clock = clock
    self.maxCount = maxCount
  }

  /// The number of tokens, those included that have ended and were not asked for since.
  public var count: Int { entries.withLock { $0.count } }

  /// Lets a token stand for a user. At the bound those that have ended go, and then the one that would end first.
  public func assign(_ token: Bytes, to user: AccessName) {
    let now = clock.now()
    entries.withLock { entries in
      if entries.count >= maxCount {
        entries = entries.filter { $0.value.end > now }
        if entries.count >= maxCount, let first = entries.min(by: { $0.value.end < $1.value.end }) {
          entries[first.key] = nil
        }
      }
      entries[token] = Entry(user: user, end: now + lifetime)
    }
  }

  /// Whom a token stands for; nil if it is unknown or has ended. Cost: a lock and a lookup.
  public func user(of token: Bytes) -> AccessName? {
    let now = clock.now()
    return entries.withLock { entries in
      guard let place = entries.index(forKey: token) else { return nil }
      guard entries.values[place].end > now else {
        entries.remove(at: place)
        return nil
      }
      entries.values[place].end = now + lifetime
      return entries.values[place].user
    }
  }

  /// Forgets the tokens of a user.
  public func void(_ user: AccessName) {
    entries.withLock { $0 = $0.filter { $0.value.user != user } }
  }

  /// Forgets all tokens.
  public func voidAll() { entries.withLock { $0.removeAll() } }
}
