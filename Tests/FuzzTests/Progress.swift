import Glibc
import Testing

/// The number of the input under way, in a file that outlives the process.
struct Progress {
  private let descriptor: CInt

  /// Opens the file in the process that may die, whose last words go to a second one.
  init(_ path: String) {
    descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { fatalError("\(path) cannot be opened: error \(errno)") }
    let words = open(Self.wordsPath(path), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
    if words >= 0 { dup2(words, STDERR_FILENO) }
  }

  /// Notes that this input comes next.
  func note(_ number: Int) {
    var value = Int64(number).littleEndian
    guard pwrite(descriptor, &value, 8, 0) == 8 else { fatalError("error \(errno)") }
  }

  static func makeFile(_ name: String) throws -> String {
    let path = "/tmp/keelson-fuzz-\(name)-\(getpid())"
    let descriptor = open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0, "\(path) cannot be created: error \(errno)")
    close(descriptor)
    return path
  }

  /// Prints how far a run came and removes its files; after a failure also what its process said.
  static func report(_ path: String, test: String, hasFailed: Bool) {
    let seed = FuzzSettings.seed
    let number = contents(path, last: 8).reversed().reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    let words = String(decoding: contents(wordsPath(path), last: 4_000), as: UTF8.self)
    unlink(path)
    unlink(wordsPath(path))
    print("fuzz: \(path): seed \(seed), last input \(number)")
    guard hasFailed else { return }
    Issue.record(
      """
      Input \(number) of seed \(seed) ended the process. Again:
      KEELSON_FUZZ_SEED=\(seed) KEELSON_FUZZ_INPUT=\(number) swift test --filter \(test)
      \(words)
      """)
  }

  private static func wordsPath(_ path: String) -> String { path + ".words" }

  /// The last bytes of a file; none if it cannot be read.
  private static func contents(_ path: String, last count: Int) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, max(0, size - count)))
    }
  }
}
