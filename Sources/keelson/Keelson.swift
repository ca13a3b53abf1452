internal import EtcdAPI
internal import Glibc
internal import HTTPTransport
internal import Logging
internal import Member
internal import Primitives
internal import Telemetry

/// The server program: flags in, a member that serves until it is told to stop.
@main
struct Keelson {
  static func main() {
    // Before any other thread exists, so that all of them leave these signals to the wait below.
    let signals = StopSignals()
    let values: FlagValues
    let settings: ServerSettings
    do throws(FlagError) {
      values = try FlagValues(
        Array(CommandLine.arguments.dropFirst()), environment: Self.environment())
      if values.wantsHelp { return print(HelpText.help, terminator: "") }
      if values.wantsVersion { return print(HelpText.version) }
      settings = try ServerSettings(values)
      // What begins a cluster is ignored where a member lies already.
      if let problem = settings.bootstrapProblem, !hasMember(settings.member.dataDirectory) {
        throw problem
      }
    } catch { fail("keelson: \(error)", code: 2) }
    let logger: Logger
    do throws(FlagError) { logger = try LogSetup.logger(values) } catch {
      fail("keelson: \(error)", code: 2)
    }
    for variable in values.unknownVariables {
      logger.warning(
        "the environment variable is no flag's and has no effect",
        metadata: ["variable": "\(variable)"])
    }
    if !values.overruledFlags.isEmpty {
      logger.warning(
        "a configuration file is given: flags and environment variables have no effect",
        metadata: ["ignored": "\(values.overruledFlags.joined(separator: ","))"])
    }
    for notice in values.notices {
      logger.info(
        "the flag has no effect",
        metadata: ["flag": "\(notice.flag)", "reason": "\(notice.reason)"])
    }
    raiseFileLimit()
    serve(settings, logger, until: signals)
  }

  /// Each connection takes a descriptor, and so does each file of the engine: what may be had is taken.
  private static func raiseFileLimit() {
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(files, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    limit.rlim_cur = limit.rlim_max
    unsafe _ = setrlimit(files, &limit)
  }

  private static func serve(
    _ settings: ServerSettings, _ logger: Logger, until signals: StopSignals
  ) {
    logger.info(
      "starting",
      metadata: [
        "version": "\(Version.keelson)", "etcd-api": "\(Version.etcdAPI)",
        "name": "\(settings.member.name)", "data-dir": "\(settings.member.dataDirectory)",
      ])
    let start = Task {
      do { return try await RunningServer.start(settings, logger) } catch {
        logger.critical("the server can't start", metadata: ["error": "\(error)"])
        exit(1)
      }
    }
    let signal = signals.wait()
    logger.info("stopping", metadata: ["signal": "\(signal)"])
    Task {
      await start.value.stop()
      logger.info("stopped")
      exit(0)
    }
    // A second signal ends a stop that takes too long.
    logger.warning("stopped at once", metadata: ["signal": "\(signals.wait())"])
    exit(1)
  }

  /// Whether a member lies in a data directory.
  static func hasMember(_ dataDirectory: String) -> Bool {
    unsafe access(dataDirectory + "/member/version", F_OK) == 0
  }

  private static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text)
      if let equals = pair.firstIndex(of: "=") {
        variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
      }
      unsafe entry += 1
    }
    return variables
  }
}

/// Prints a line to standard error and ends the process.
func fail(_ message: String, code: Int32) -> Never {
  var line = message + "\n"
  line.withUTF8 { unsafe _ = write(2, $0.baseAddress, $0.count) }
  exit(code)
}

/// The signals that ask a server to stop: held back from every thread, so that one can wait for them.
struct StopSignals {
  init() {
    var set = Self.set
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    // A client that went away is an error of its connection, not of the process.
    _ = signal(SIGPIPE, SIG_IGN)
  }

  private static var set: sigset_t {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, signal) }
    return set
  }

  /// Blocks until one of the signals comes, and names it.
  func wait() -> String {
    var set = Self.set
    var signal: Int32 = 0
    unsafe sigwait(&set, &signal)
    switch signal {
    case SIGTERM: return "SIGTERM"
    case SIGINT: return "SIGINT"
    default: return "SIGHUP"
    }
  }
}
