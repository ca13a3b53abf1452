internal import ArgumentParser
internal import KeelsonClient
internal import Primitives
internal import Synchronization

/// Watches that are begun by lines of standard input.
struct InteractiveWatch {
  let session: Session

  /// Ends when standard input does, as a failure: watches do not end by themselves.
  func run() async throws {
    let watches = Mutex<[KeelsonClient.Watch]>([])
    await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      for await line in Self.lines() {
        let words: [String]
        do throws(Failure) {
          words = try QuotedText.words(line.get()).map(ArgumentText.text)
        } catch {
          Output.writeError(error.message + "\n")
          continue
        }
        switch words.first {
        case nil: continue
        case "progress":
          for watch in watches.withLock({ $0 }) { await watch.requestProgress() }
        case "watch":
          guard let (watch, printer) = begin(Array(words.dropFirst())) else { continue }
          watches.withLock { $0.append(watch) }
          group.addTask { try await printer.follow(watch) }
        case let other?:
          Output.writeError("Invalid command \(other) (only support watch)\n")
        }
      }
    }
    throw Failure(.invalidInput, "error reading watch request line: EOF")
  }

  /// Standard input line by line, read on a thread of its own so that watches go on meanwhile.
  private static func lines() -> AsyncStream<Result<Bytes, Failure>> {
    AsyncStream { continuation in
      detachThread {
        var lines = Input.Lines()
        while true {
          do throws(Failure) {
            guard let line = try lines.next() else { break }
            continuation.yield(.success(line))
          } catch {
            continuation.yield(.failure(error))
            break
          }
        }
        continuation.finish()
      }
    }
  }

  private static func reason(_ message: String) -> String {
    // No word of such a line names a command.
    if message.contains("nexpected argument") { return WatchArguments.usage }
    return ParseFailure.lines(for: message, arguments: []).joined(separator: " ")
  }

  private func begin(_ words: [String]) -> (KeelsonClient.Watch, WatchPrinter)? {
    do {
      let arguments = try WatchArguments.parse(ArgumentNormalizer.normalized(words))
      guard arguments.key != nil else {
        Output.writeError("Invalid command watch (command type or key is not provided)\n")
        return nil
      }
      return (
        session.client.watch(try arguments.request()),
        WatchPrinter(session: session, command: arguments.command)
      )
    } catch {
      let reason = (error as? Failure)?.message ?? Self.reason(WatchArguments.message(for: error))
      Output.writeError("Invalid command watch (\(reason))\n")
      return nil
    }
  }
}
