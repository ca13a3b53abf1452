internal import Glibc
internal import Primitives

/// Asks for passwords on the terminal, without showing them.
enum PasswordPrompt {
  /// Asks once. Where standard input is no terminal the answer is its first line.
  static func ask(_ prompt: String) throws(Failure) -> String {
    Output.writeError(prompt)
    var old = termios()
    let isTerminal = unsafe tcgetattr(STDIN_FILENO, &old) == 0
    if isTerminal {
      var silent = old
      silent.c_lflag &= ~tcflag_t(ECHO)
      unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    }
    defer {
      if isTerminal {
        unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &old)
        Output.writeError("\n")
      }
    }
    return try firstLine()
  }

  /// A new password for a user: asked for twice, or the first line of standard input.
  static func newPassword(for user: String, interactive: Bool) throws(Failure) -> String {
    guard interactive else { return try firstLine() }
    let password = try ask("Password of \(user): ")
    if password.isEmpty { throw .badArguments("empty password") }
    let again = try ask("Type password of \(user) again for confirmation: ")
    guard Bytes(password.utf8) == Bytes(again.utf8) else {
      throw .badArguments("given passwords are different")
    }
    return password
  }

  /// Byte by byte, so that what follows the line stays for the next question.
  private static func firstLine() throws(Failure) -> String {
    var line: Bytes = []
    while line.count <= 4_096 {
      var byte: UInt8 = 0
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1, byte != UInt8(ascii: "\n") else {
        guard let text = String(validating: line, as: UTF8.self) else { break }
        return text
      }
      line.append(byte)
    }
    throw Failure(.invalidInput, "standard input holds no password")
  }
}
