internal import Glibc

/// Where and of what figures were taken.
struct Machine: Sendable, CustomStringConvertible {
  private let processor: String
  private let processors: Int
  private let memory: String
  private let kernel: String
  private let loadBefore: String
  private let versions: String
  private let disk: String
  private let date: String

  /// Looks at the machine, and asks the programs for their versions.
  static func look(keelson: String, etcd: String, folder: String) async throws -> Machine {
    let ours = try await firstLine(of: keelson, folder)
    let theirs = try await firstLine(of: etcd, folder)
    return Machine(versions: "\(ours), a release build; \(theirs)", folder: folder)
  }

  private init(versions: String, folder: String) {
    self.versions = versions
    processor =
      Self.value(of: "model name", in: SystemFile.read("/proc/cpuinfo")) ?? "unknown processor"
    processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let kibibytes =
      Self.value(of: "MemTotal", in: SystemFile.read("/proc/meminfo"))?
      .split(separator: " ").first.flatMap { Double($0) } ?? 0
    memory = "\((kibibytes / 1_048_576).rounded(to: 0)) GiB"
    kernel = SystemFile.read("/proc/sys/kernel/osrelease").split(separator: "\n").joined()
    loadBefore = Self.load
    let mounts = SystemFile.read("/proc/self/mounts").split(separator: "\n")
      .map { $0.split(separator: " ") }.filter { $0.count > 2 }
    let place = mounts.filter { folder.hasPrefix($0[1]) }.max { $0[1].count < $1[1].count }
    disk = place.map { "\($0[2]) on \($0[0])" } ?? "an unknown disk"
    var now = time(nil)
    var parts = unsafe tm()
    unsafe gmtime_r(&now, &parts)
    let (year, month, day) = unsafe (1900 + parts.tm_year, parts.tm_mon + 1, parts.tm_mday)
    date = "\(year)-\(Self.two(month))-\(Self.two(day))"
  }

  /// The list in the document; the load average is the one after the run too.
  var description: String {
    """
    - Machine: \(processors) × \(processor), \(memory), Linux \(kernel), \(disk); load average \(loadBefore) \
    before the run and \(Self.load) after it (the load generator and the servers included).
    - \(versions).
    - \(date).
    """
  }

  private static var load: String {
    SystemFile.read("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")
  }

  private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func value(of name: String, in text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { return String(parts[1].drop { $0 == " " || $0 == "\t" }) }
    }
    return nil
  }

  private static func firstLine(of program: String, _ folder: String) async throws -> String {
    let log = "\(folder)/version"
    SystemFile.write("", to: log)
    let pid = try ChildProcesses.start(program, ["--version"], log: log)
    for _ in 0..<2_000 {
      if ChildProcesses.ending(of: pid) != nil {
        let line = SystemFile.read(log).split(separator: "\n").first
        return line.map { String($0) } ?? program
      }
      try await Task.sleep(for: .milliseconds(5))
    }
    kill(pid, SIGKILL)
    throw BenchError("\(program) --version does not end")
  }
}
