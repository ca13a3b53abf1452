internal import ArgumentParser
internal import Descriptors
internal import Glibc
internal import Primitives

/// The program: arguments to a command, the command's outcome to an exit status.
@main
enum Program {
  static func main() async {
    let arguments = CommandLine.arguments.indices.dropFirst().map { index in
      // The raw argument: `CommandLine.arguments` has replaced bytes that are not valid UTF-8.
      guard let raw = unsafe CommandLine.unsafeArgv[index] else { return "" }
      return ArgumentText.text(
        unsafe Bytes(UnsafeRawBufferPointer(start: raw, count: strlen(raw))))
    }
    exit(await run(arguments))
  }

  /// Carries out one command line; returns the exit status.
  static func run(_ arguments: [String]) async -> Int32 {
    var parsed: (any ParsableCommand)?
    var arguments = arguments
    do {
      arguments = CommandTree.parsable(try ArgumentNormalizer.normalized(arguments))
      if let stranger = CommandTree.stranger(in: arguments) {
        return report(ParseFailure.lines(for: stranger), ExitStatus.error.rawValue)
      }
      var command = try Keelsonctl.parseAsRoot(arguments)
      parsed = command
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch let failure as Failure {
      return report(failure.message.isEmpty ? [] : [failure.message], failure.status.rawValue)
    } catch let failure as ChildFailure {
      return report([failure.reason], failure.status)
    } catch  where Keelsonctl.exitCode(for: error) == .success {
      // Help and version come this way.
      Output.write(Keelsonctl.fullMessage(for: error) + "\n")
      return 0
    } catch  where parsed == nil {
      return report(
        ParseFailure.lines(for: Keelsonctl.message(for: error), arguments: arguments),
        ExitStatus.error.rawValue)
    } catch {
      let failure = Failure(error)
      return report([failure.message], failure.status.rawValue)
    }
  }

  private static func report(_ lines: [String], _ status: Int32) -> Int32 {
    if !lines.isEmpty { Output.writeError("Error: " + lines.joined(separator: "\n") + "\n") }
    return status
  }
}

/// Standard output and standard error, written at once and without buffers.
enum Output {
  /// Writes to standard output; ends the program quietly when nobody reads any more.
  static func write(_ bytes: Bytes) {
    if !Descriptor.write(bytes, to: STDOUT_FILENO) { exit(ExitStatus.error.rawValue) }
  }

  /// Writes to standard output; ends the program quietly when nobody reads any more.
  static func write(_ text: String) { write(Bytes(text.utf8)) }

  /// Writes to standard error.
  static func writeError(_ text: String) {
    _ = Descriptor.write(Bytes(text.utf8), to: STDERR_FILENO)
  }
}

/// Standard input, in bytes.
enum Input {
  /// What a value on standard input may have. Beyond: an error; no server takes a longer request.
  private static let bytesMax = 512 * 1024 * 1024

  /// Everything up to the end.
  static func readAll() throws(Failure) -> Bytes {
    var all: Bytes = []
    while let part = try readSome() {
      all += part
      guard all.count <= bytesMax else {
        throw Failure(.invalidInput, "standard input is longer than \(bytesMax) bytes")
      }
    }
    return all
  }

  private static func readSome() throws(Failure) -> Bytes? {
    var buffer = Bytes(repeating: 0, count: 65_536)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe read(STDIN_FILENO, $0.baseAddress, $0.count)
      }
      if count > 0 { return Bytes(buffer[..<count]) }
      if count == 0 { return nil }
      guard errno == EINTR else {
        throw Failure(.inputOutput, "standard input cannot be read")
      }
    }
  }

  /// Takes lines off standard input, one by one.
  struct Lines {
    private var pending: Bytes = []
    private var isAtEnd = false

    /// The next line without its end; nil at the end. A last line without an end counts.
    mutating func next() throws(Failure) -> Bytes? {
      while true {
        if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
          let line = Bytes(pending[..<end])
          pending.removeFirst(end + 1)
          return line
        }
        if isAtEnd {
          defer { pending = [] }
          return pending.isEmpty ? nil : pending
        }
        if let part = try Input.readSome() {
          pending += part
          guard pending.count <= bytesMax else {
            throw Failure(.invalidInput, "a line is longer than \(bytesMax) bytes")
          }
        } else {
          isAtEnd = true
        }
      }
    }
  }
}
