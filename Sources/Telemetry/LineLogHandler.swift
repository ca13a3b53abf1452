internal import Descriptors
internal import Glibc
public import Logging

/// How log lines look.
public enum LogFormat: String, Sendable {
  /// One JSON object a line: `level`, `ts`, `caller`, `msg`, and the metadata beside them.
  case json
  /// Columns for people: time, level, caller, message, metadata.
  case console
}

/// Writes log lines to a file descriptor, one `write` a line, so that lines of several threads never mix.
public struct LineLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level
  private enum Output {
    case descriptor(Int32)
    case file(LogFile)
  }

  private let output: Output
  private let format: LogFormat

  /// Logs to a file descriptor, which the caller keeps open.
  public init(descriptor: Int32 = 2, format: LogFormat = .json, level: Logger.Level = .info) {
    output = .descriptor(descriptor)
    self.format = format
    logLevel = level
  }

  /// Logs to a file, which may be put aside when it is full.
  public init(file: LogFile, format: LogFormat = .json, level: Logger.Level = .info) {
    output = .file(file)
    self.format = format
    logLevel = level
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let caller =
      "\(event.file.split(separator: "/").suffix(2).joined(separator: "/")):\(event.line)"
    var fields = metadata
    for (key, value) in event.metadata ?? [:] { fields[key] = value }
    let ordered = fields.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    var line =
      format == .json
      ? json(event.level, caller, "\(event.message)", ordered)
      : console(event.level, caller, "\(event.message)", ordered)
    line += "\n"
    switch output {
    case .descriptor(let descriptor): _ = Descriptor.write(Array(line.utf8), to: descriptor)
    case .file(let file): file.write(Array(line.utf8))
    }
  }

  private func json(
    _ level: Logger.Level, _ caller: String, _ message: String, _ fields: [(String, String)]
  ) -> String {
    var line = "{\"level\":\"\(name(level))\",\"ts\":\"\(Timestamp.now())\",\"caller\":"
    line += JSONText.quoted(caller) + ",\"msg\":" + JSONText.quoted(message)
    for (key, value) in fields {
      line += "," + JSONText.quoted(key) + ":"
      line += JSONText.isNumber(value) ? value : JSONText.quoted(value)
    }
    return line + "}"
  }

  private func console(
    _ level: Logger.Level, _ caller: String, _ message: String, _ fields: [(String, String)]
  ) -> String {
    let extra = fields.map { " \($0.0)=\($0.1)" }.joined()
    return "\(Timestamp.now())\t\(name(level))\t\(caller)\t\(message)\(extra)"
  }

  private func name(_ level: Logger.Level) -> String {
    switch level {
    case .trace, .debug: "debug"
    case .info, .notice: "info"
    case .warning: "warn"
    case .error: "error"
    case .critical: "fatal"
    }
  }
}

/// Times as logs carry them.
public enum Timestamp {
  /// The present time in UTC, to the microsecond: `2026-01-02T15:04:05.123456Z`.
  public static func now() -> String {
    var moment = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &moment)
    var parts = unsafe tm()
    unsafe gmtime_r(&moment.tv_sec, &parts)
    let date =
      unsafe "\(parts.tm_year + 1900)-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
    let time =
      unsafe "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
    return "\(date)T\(time).\(padded(moment.tv_nsec / 1_000, 6))Z"
  }

  /// The present time to the millisecond, without what file names had better not have:
  /// `2026-01-02T15-04-05.123`.
  static func forFileName(usesLocalTime: Bool) -> String {
    var moment = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &moment)
    var parts = unsafe tm()
    if usesLocalTime {
      unsafe localtime_r(&moment.tv_sec, &parts)
    } else {
      unsafe gmtime_r(&moment.tv_sec, &parts)
    }
    let numbers = unsafe [
      parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
      parts.tm_sec,
    ].map { padded(Int($0), 2) }
    return numbers[..<3].joined(separator: "-") + "T" + numbers[3...].joined(separator: "-")
      + "." + padded(moment.tv_nsec / 1_000_000, 3)
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
