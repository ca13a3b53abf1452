internal import Primitives

/// What RocksDB's messages mean. It reports errors as text alone; the first words are the kind of its status.
enum RocksError {
  static let closed = EngineError.failed(detail: "the engine is closed")

  /// An error of a read, a write, a flush or a compaction.
  static func during(_ message: String, _ directory: String) -> EngineError {
    let detail = "\(directory): \(message)"
    if message.hasPrefix("Corruption") || message.hasPrefix("Checksum") {
      return .corrupt(detail: detail)
    }
    if message.contains("No space left on device") || message.contains("Disk quota exceeded")
      || message.hasPrefix("IO error: No space") || message.contains("Out of space")
    {
      return .noSpace(detail: detail)
    }
    return .failed(detail: detail)
  }

  /// An error of opening. In a directory that held a database, a missing file and an unknown format are damage.
  static func opening(_ message: String, _ directory: String, existed: Bool) -> EngineError {
    // Where a table is missing RocksDB looks for its name in LevelDB, and complains of that.
    let detail = "\(directory): \(message.replacing(".ldb:", with: ".sst:"))"
    if message.contains("/LOCK:") || message.contains("lock hold by current process") {
      return .locked(detail: detail)
    }
    let isDamage =
      message.contains("No such file or directory") || message.hasPrefix("Not implemented")
      || message.hasPrefix("Invalid argument") || message.hasPrefix("NotFound")
    if existed && isDamage { return .corrupt(detail: detail) }
    if case .corrupt = during(message, directory) { return .corrupt(detail: detail) }
    return during(message, directory)
  }
}
