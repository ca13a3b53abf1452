internal import KeelsonClient

/// How the program ends, by etcdctl's numbers.
enum ExitStatus: Int32 {
  /// A request failed.
  case error = 1
  /// The connection does not work.
  case badConnection = 2
  /// What was read from standard input cannot be used.
  case invalidInput = 3
  /// A flag's value, or the output format, is not supported.
  case badFeature = 4
  /// The server ended what was to go on.
  case interrupted = 5
  /// A file cannot be read or written.
  case inputOutput = 6
  /// The arguments do not fit the command.
  case badArguments = 128
}

/// Why a command ends early: one line for people, and the exit status.
struct Failure: Error, Equatable {
  var status: ExitStatus
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  static func badArguments(_ message: String) -> Failure { Failure(.badArguments, message) }

  /// What is printed for any error that a command throws.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as KeelsonError:
      switch error.code {
      case .invalidConfiguration: self.init(.badArguments, error.message)
      case .file: self.init(.inputOutput, error.message)
      // etcdctl logs in while it connects.
      case .authenticationFailed: self.init(.badConnection, error.message)
      default: self.init(.error, error.message)
      }
    default: self.init(.error, "\(error)")
    }
  }
}
