internal import Glibc
internal import Logging
internal import Telemetry

/// The logger that the flags ask for.
enum LogSetup {
  static func logger(_ values: FlagValues) throws(FlagError) -> Logger {
    let level = try level(values.text("log-level"))
    guard let format = LogFormat(rawValue: values.text("log-format")) else {
      throw FlagError(
        description: "--log-format is \"\(values.text("log-format"))\"; json or console is expected"
      )
    }
    var handlers: [LineLogHandler] = []
    let rotation = try RotationFlags.read(values)
    for output in values.list("log-outputs") {
      handlers.append(try handler(output, rotation, format, level))
    }
    if rotation != nil, !values.list("log-outputs").contains(where: isFile) {
      throw FlagError(
        description: "--enable-log-rotation puts files aside, and --log-outputs names none")
    }
    if handlers.isEmpty { throw FlagError(description: "--log-outputs names no output") }
    let all = handlers
    return Logger(label: "keelson") { _ in
      all.count == 1 ? all[0] as any LogHandler : MultiplexLogHandler(all)
    }
  }

  private static func level(_ name: String) throws(FlagError) -> Logger.Level {
    switch name {
    case "debug": .debug
    case "info": .info
    case "warn": .warning
    case "error": .error
    case "panic", "fatal", "dpanic": .critical
    default:
      throw FlagError(
        description: "--log-level is \"\(name)\"; debug, info, warn, error, panic or fatal is"
          + " expected")
    }
  }

  private static func isFile(_ output: String) -> Bool {
    !["default", "stderr", "systemd/journal", "stdout"].contains(output)
  }

  private static func handler(
    _ output: String, _ rotation: LogRotation?, _ format: LogFormat, _ level: Logger.Level
  ) throws(FlagError) -> LineLogHandler {
    if !isFile(output) {
      return LineLogHandler(descriptor: output == "stdout" ? 1 : 2, format: format, level: level)
    }
    guard let file = LogFile(output, rotation: rotation) else {
      throw FlagError(
        description:
          "--log-outputs: \(output) can't be opened: \(unsafe String(cString: strerror(errno)))")
    }
    return LineLogHandler(file: file, format: format, level: level)
  }
}
