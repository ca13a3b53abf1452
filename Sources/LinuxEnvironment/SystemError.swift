internal import Environment
internal import Glibc

/// The typed error for the error number that a system call left.
func fileError(_ attempt: FileAttempt, _ number: Int32) -> FileError {
  switch number {
  case ENOENT: .notFound(attempt)
  case ENOTDIR: .notDirectory(attempt)
  case EEXIST: .alreadyExists(attempt)
  case ENOSPC, EDQUOT: .noSpace(attempt)
  case EROFS: .readOnly(attempt)
  case EACCES, EPERM: .permissionDenied(attempt)
  case EMFILE, ENFILE: .tooManyOpenFiles(attempt)
  default: .inputOutput(attempt, errno: number)
  }
}

/// Repeats a system call as long as a signal interrupts it; throws what else it reports.
@discardableResult
func retrying<Result: SignedInteger>(
  _ attempt: FileAttempt, _ call: () -> Result
) throws(FileError) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let number = errno
    if number != EINTR { throw fileError(attempt, number) }
  }
}
