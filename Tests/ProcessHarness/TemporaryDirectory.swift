import Foundation

/// A directory that disappears with its last owner.
public final class TemporaryDirectory: Sendable {
  /// The absolute path.
  public let path: String

  /// Makes an empty directory.
  public init() throws {
    let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
    var template = Array((parent + "/keelson-test-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw HarnessError("cannot make a temporary directory: errno \(errno)")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
