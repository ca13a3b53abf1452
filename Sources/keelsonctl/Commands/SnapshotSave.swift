internal import ArgumentParser
internal import Glibc
internal import KeelsonClient

/// `keelsonctl snapshot save`
struct SnapshotSave: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "save",
    abstract: "Saves the store of one endpoint to a file.",
    usage: "keelsonctl snapshot save <filename>",
    discussion: """
      The file is written as <filename>.part and renamed when it is complete and durable. There is no \
      time limit unless --command-timeout is given.

      Example:
        keelsonctl snapshot save backup.db
      """)

  @Argument(help: ArgumentHelp("The file.", valueName: "filename"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments("snapshot save expects one argument")
    }
    let session = try Session(global, tables: true)
    guard session.settings.endpoints.count == 1 else {
      throw Failure.badArguments(
        "snapshot must be requested to one selected node, not multiple "
          + "[\(session.settings.endpoints.joined(separator: " "))]")
    }
    let meter = ProgressMeter()
    let path = words[0]
    let version: String
    do throws(KeelsonError) {
      version = try await session.client.saveSnapshot(
        to: path,
        timeout: global.connection.commandTimeout == nil
          ? .unlimited : .after(session.settings.commandTimeout)
      ) { meter.show($0) }
    } catch {
      meter.clear()
      throw Failure(error.code == .file ? .inputOutput : .interrupted, error.message)
    }
    meter.clear()
    Output.write("Snapshot saved at \(path)\n")
    if !version.isEmpty { Output.write("Server version \(version)\n") }
  }
}

/// Shows on a terminal how far a snapshot is; elsewhere nothing.
private final class ProgressMeter {
  private let isOnTerminal = isatty(STDERR_FILENO) == 1
  private var nextUpdate = ContinuousClock.now + .milliseconds(500)
  private var isShown = false

  func show(_ progress: SnapshotProgress) {
    guard isOnTerminal, ContinuousClock.now >= nextUpdate else { return }
    nextUpdate = .now + .milliseconds(200)
    isShown = true
    let written = ByteCount.text(Int64(clamping: progress.writtenBytes))
    let total = ByteCount.text(
      Int64(
        clamping: progress.writtenBytes.addingReportingOverflow(progress.remainingBytes)
          .partialValue))
    Output.writeError("\r\u{1B}[K\(written) of about \(total)")
  }

  func clear() {
    if isShown { Output.writeError("\r\u{1B}[K") }
  }
}
