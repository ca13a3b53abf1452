public import Primitives

/// Tells watches what happens in one store.
public final class WatchHub: Sendable {
  /// Watches over a store. `publish` must be called for everything that happens from now on.
  public init(source: any WatchSource, progressInterval: Duration = .seconds(600)) {
    fatalError("declared ahead of its body")
  }

  /// Opens a stream. `onReady` is called, from any thread and without a lock held, when `next` has something
  /// to give after it answered `.none` or `.needsHistory`: once, until it answers so again.
  public func openStream(onReady: @escaping @Sendable () -> Void) -> WatchStream {
    fatalError("declared ahead of its body")
  }

  /// Passes on the events of all revisions up to `revision`. For one thread at a time, after the store shows
  /// them to readers, and without a lock of the store's.
  public func publish(through revision: Revision) { fatalError("declared ahead of its body") }

  /// Lets idle watches report progress, every `progressInterval`. `now` counts nanoseconds on a clock that
  /// never goes back; calls may be more frequent.
  public func tick(now: UInt64) { fatalError("declared ahead of its body") }

  /// What the hub and its streams hold at present, and what they have done.
  public var statistics: WatchStatistics { fatalError("declared ahead of its body") }
}
