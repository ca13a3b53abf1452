public import Environment
public import Primitives

/// A network that loses, delays, duplicates and reorders, and whose links fail each way by itself: it
/// decides when a message arrives, if it does. The messages themselves stay with the simulation.
public struct SimulatedNetwork {
  /// How bad the network is.
  public struct Weather: Hashable, Sendable {
    /// Of a thousand messages, how many are lost.
    public var lossPerMille: Int
    /// Of a thousand messages, how many arrive twice.
    public var duplicatesPerMille: Int
    /// Of a thousand messages, how many are late by up to `stragglerDelay`.
    public var stragglersPerMille: Int
    /// The least time that a message takes.
    public var delay: Duration
    /// What comes on top, at random: what reorders messages.
    public var jitter: Duration
    /// How late a straggler is at most.
    public var stragglerDelay: Duration

    /// A network that loses nothing.
    public static let calm = Weather(
      lossPerMille: 0, duplicatesPerMille: 0, stragglersPerMille: 0, delay: .microseconds(200),
      jitter: .microseconds(300), stragglerDelay: .zero)

    /// Describes a network.
    public init(
      lossPerMille: Int, duplicatesPerMille: Int, stragglersPerMille: Int, delay: Duration,
      jitter: Duration, stragglerDelay: Duration
    ) {
      self.lossPerMille = lossPerMille
      self.duplicatesPerMille = duplicatesPerMille
      self.stragglersPerMille = stragglersPerMille
      self.delay = delay
      self.jitter = jitter
      self.stragglerDelay = stragglerDelay
    }
  }

  /// A way from one member to another.
  public struct Link: Hashable, Sendable {
    /// Who sends.
    public var from: MemberID
    /// Who receives.
    public var to: MemberID

    /// Names a way.
    public init(from: MemberID, to: MemberID) {
      self.from = from
      self.to = to
    }
  }

  /// How bad the network is at present.
  public var weather = Weather.calm
  /// Messages that were lost, that arrived twice and that were late.
  public private(set) var lost = 0
  public private(set) var duplicated = 0
  public private(set) var late = 0

  private var cut: Set<Link> = []
  private let entropy: any Entropy

  /// A calm network without cuts.
  public init(entropy: any Entropy) { self.entropy = entropy }

  /// Whether a way is open.
  public func isOpen(_ link: Link) -> Bool { !cut.contains(link) }

  /// Closes a way; the other direction stays as it is.
  public mutating func cut(_ link: Link) { cut.insert(link) }

  /// Opens all ways.
  public mutating func heal() { cut = [] }

  /// When a message sent now arrives: not at all, once, or twice.
  public mutating func arrivals(on link: Link, now: MonotonicTime) -> [MonotonicTime] {
    if cut.contains(link) || happens(weather.lossPerMille) {
      lost += 1
      return []
    }
    guard happens(weather.duplicatesPerMille) else { return [arrival(now)] }
    duplicated += 1
    return [arrival(now), arrival(now)]
  }

  private mutating func arrival(_ now: MonotonicTime) -> MonotonicTime {
    var time = now + weather.delay + random(weather.jitter)
    if happens(weather.stragglersPerMille) {
      late += 1
      time = time + random(weather.stragglerDelay)
    }
    return time
  }

  private func happens(_ perMille: Int) -> Bool {
    perMille > 0 && entropy.next(below: 1_000) < UInt64(perMille)
  }

  private func random(_ bound: Duration) -> Duration {
    .nanoseconds(Int64(entropy.next(below: UInt64(max(1, bound.saturatingNanoseconds)))))
  }
}
