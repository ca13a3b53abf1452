internal import Glibc
internal import Registry

/// Tells on standard output what became of each object, and on a terminal how far a long import has come.
final class ApplyReport {
  private let suffix: String
  /// Bytes that will be read; nil if that is not known.
  private let totalBytes: Int?
  private let isOutputTerminal = isatty(STDOUT_FILENO) == 1
  private let showsProgress = isatty(STDERR_FILENO) == 1
  private let start = WallClock.seconds
  private var lastProgress: Int64 = 0
  private var isProgressShown = false
  private var objects = 0
  private var bytesDone = 0
  private var lines: [UInt8] = []

  /// Lines are written together, but for people, who see each at once.
  private static let bufferBytes = 32 * 1024
  /// Seconds after which a terminal shows how far the import has come.
  private static let patience: Int64 = 2

  init(suffix: String, files: [any ManifestFile]) {
    self.suffix = suffix
    var total: Int? = 0
    // Each file is read twice.
    for file in files {
      total = total.flatMap { sum in file.byteCount.map { sum + 2 * $0 } }
    }
    totalBytes = total
  }

  /// Takes in what happened.
  func take(_ event: ManifestImport<KeelsonStore>.Event) {
    switch event {
    case .imported(let manifest, let action, let difference):
      objects += 1
      line("\(TerminalText.printable(manifest.title)) \(action.rawValue)\(suffix)\n")
      if !difference.isEmpty {
        for part in difference.split(separator: "\n") {
          line(TerminalText.printable(String(part)) + "\n")
        }
      }
    case .pruned(let title):
      objects += 1
      line("\(TerminalText.printable(title)) pruned\(suffix)\n")
    case .failed(let error):
      objects += 1
      flush()
      hideProgress()
      Output.writeError("\(error)\n")
    case .warned(let warning):
      flush()
      hideProgress()
      Output.writeError("Warning: \(warning)\n")
    case .progressed(let bytes):
      bytesDone = bytes
      showProgress()
    }
  }

  /// Writes what has been held back.
  func finish() {
    hideProgress()
    flush()
  }

  private func line(_ text: String) {
    if isOutputTerminal { hideProgress() }
    lines += text.utf8
    if isOutputTerminal || lines.count >= Self.bufferBytes { flush() }
  }

  private func flush() {
    if lines.isEmpty { return }
    Output.write(lines)
    lines.removeAll(keepingCapacity: true)
  }

  private func showProgress() {
    let now = WallClock.seconds
    guard showsProgress, now - start >= Self.patience, now != lastProgress else { return }
    lastProgress = now
    isProgressShown = true
    let rate = objects / Int(max(1, now - start))
    var text = "\(objects) objects, \(rate) a second"
    if let totalBytes, totalBytes > 0 {
      let share = min(100, bytesDone * 100 / totalBytes)
      let filled = share * 30 / 100
      text =
        "[" + String(repeating: "=", count: filled) + String(repeating: " ", count: 30 - filled)
        + "] \(share) %  " + text
    }
    Output.writeError("\r\u{1b}[K\(text)")
  }

  private func hideProgress() {
    guard isProgressShown else { return }
    isProgressShown = false
    Output.writeError("\r\u{1b}[K")
  }
}
