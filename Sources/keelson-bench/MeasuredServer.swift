internal import ArgumentParser
internal import Glibc
internal import HTTPTransport

/// A server under measurement, as the command line names it: `NAME,HOST:PORT,PID`.
struct MeasuredServer: ExpressibleByArgument, Sendable {
  /// What the tables call it.
  var name: String
  /// Where it serves clients.
  var endpoint: Endpoint
  /// The process whose CPU is counted.
  var process: ProcessClock

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, let colon = parts[1].lastIndex(of: ":"),
      let port = UInt16(parts[1][parts[1].index(after: colon)...]),
      let pid = pid_t(parts[2]), let process = ProcessClock(pid: pid)
    else { return nil }
    name = String(parts[0])
    endpoint = .tcp(host: String(parts[1][..<colon]), port: Int(port))
    self.process = process
  }
}
