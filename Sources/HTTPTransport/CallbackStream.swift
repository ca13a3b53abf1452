public import Primitives

/// A streaming call that hands each message to a closure as it comes, on the connection's event
/// loop.
///
/// For those who follow very many streams and want no task for each. The closure is never held
/// back: what comes is handed on at once. The call ends when the server ends it, or by `cancel`.
public final class CallbackStream: @unchecked Sendable {
  private let connection: ClientConnection
  /// Only on the loop.
  private var call: ClientCall?

  init(
    _ connection: ClientConnection, _ path: String, _ headers: Headers,
    onSent: (@Sendable (Int) -> Void)?, onMessage: @escaping @Sendable (Bytes) -> Void,
    onEnd: @escaping @Sendable (CallStatus) -> Void
  ) {
    self.connection = connection
    connection.onLoop {
      let call = ClientCall(
        path: path, headers: headers, deadline: nil, maxMessageBytes: connection.maxMessageBytes,
        onSent: onSent, onMessage: onMessage, onEnd: onEnd)
      self.call = call
      connection.handler.session.start(call)
    }
  }

  /// Sends a message; any thread. What the server does not take yet is kept without a bound.
  public func send(_ message: Bytes) {
    connection.onLoop {
      if let call = self.call { self.connection.handler.session.send(message, on: call) }
    }
  }

  /// Ends the call; any thread.
  public func cancel() {
    connection.onLoop {
      guard let call = self.call else { return }
      self.call = nil
      self.connection.handler.session.cancel(call, CallStatus(.cancelled, "context canceled"))
    }
  }
}

extension ClientConnection {
  /// Opens a stream in both directions whose messages go to `onMessage`, on the event loop.
  /// - Parameters:
  ///   - onSent: told how many bytes of the messages, each with a prefix of five bytes, went on their way; must
  ///     not send from within.
  ///   - onEnd: called once, with the status with which the call ended.
  public func openStream(
    _ path: String, headers: Headers = [], onSent: (@Sendable (Int) -> Void)? = nil,
    onMessage: @escaping @Sendable (Bytes) -> Void,
    onEnd: @escaping @Sendable (CallStatus) -> Void
  ) -> CallbackStream {
    CallbackStream(
      self, path, headers, onSent: onSent, onMessage: onMessage, onEnd: onEnd)
  }
}
