/// The watches of one client's stream: it is pulled, by one caller at a time.
public final class WatchStream: Sendable {
  init() {}

  /// Starts a watch. The answer must be sent before `next` is called again.
  public func create(_ request: WatchRequest) -> WatchCreation {
    fatalError("declared ahead of its body")
  }

  /// Ends a watch; false if there is none. Nothing of it comes out of `next` any more.
  public func cancel(_ watchID: Int64) -> Bool { fatalError("declared ahead of its body") }

  /// Asks for a report that all watches of the stream have been told everything up to the present revision.
  /// It comes out of `next` as soon as that is so, and there is a watch; several requests may get one answer.
  public func requestProgress() { fatalError("declared ahead of its body") }

  /// The next thing to send, of about `maxBytes` at most: a transaction that is larger comes whole.
  public func next(maxBytes: Int) -> WatchOutput { fatalError("declared ahead of its body") }

  /// Reads events for watches that fell behind, as `.needsHistory` asked for; it may block. When it is done
  /// it makes `onReady` fire.
  public func readHistory() { fatalError("declared ahead of its body") }

  /// Ends all watches and lets go of the stream. Required, or the hub keeps it; a second call does nothing.
  public func close() { fatalError("declared ahead of its body") }
}
