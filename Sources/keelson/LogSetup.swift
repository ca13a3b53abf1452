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
    for output in values.list("log-outputs") {
      handlers.append(
        LineLogHandler(descriptor: try descriptor(output), format: format, level: level))
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

  private static func descriptor(_ output: String) throws(FlagError) -> Int32 {
    switch output {
    case "default", "stderr", "systemd/journal": return 2
    case "stdout": return 1
    default:
      let descriptor = unsafe open(output, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
      if descriptor < 0 {
        throw FlagError(
          description:
            "--log-outputs: \(output) can't be opened: \(unsafe String(cString: strerror(errno)))")
      }
      return descriptor
    }
  }
}
