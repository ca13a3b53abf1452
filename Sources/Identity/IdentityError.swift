/// Why callers cannot be told apart as asked for; the text is for a person.
public enum IdentityError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A key file cannot be read, or holds no key for the method.
  case key(file: String, reason: String)
  /// The options do not fit each other.
  case options(String)
  /// Tokens can be checked here, but there is no key to sign them with.
  case verifyOnly

  public var description: String {
    switch self {
    case .key(let file, let reason): "\(file): \(reason)"
    case .options(let reason): reason
    case .verifyOnly: "auth: token signing attempted with verify-only key"
    }
  }
}
