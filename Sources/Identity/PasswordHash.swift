internal import CCrypt
public import Primitives

/// bcrypt, as etcd stores passwords: `$2a$`, the cost, the salt and the hash, 60 characters.
///
/// Cost: about 50 ms at cost 10, doubling with each step, on the caller's thread.
public enum PasswordHash {
  /// The costs that bcrypt knows.
  public static let costs = 4...31
  /// etcd's cost.
  public static let standardCost = 10
  /// Bytes of a password that bcrypt looks at. A longer one is refused rather than cut short.
  public static let passwordBytesMax = 72

  private static let byteCount = 60

  /// Whether a password can be hashed: bcrypt ends at a zero byte, and looks at no more than 72.
  public static func accepts(_ password: Bytes) -> Bool {
    password.count <= passwordBytesMax && !password.contains(0)
  }

  /// Hashes a password that `accepts` lets pass, with 16 random bytes as its salt.
  public static func make(_ password: Bytes, cost: Int, random: Bytes) -> Bytes {
    invariant(accepts(password), "a password of \(password.count) bytes cannot be hashed")
    invariant(random.count == 16, "a salt has 16 bytes, not \(random.count)")
    invariant(costs.contains(cost), "\(cost) is no cost of bcrypt")
    var setting = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
    let bytes = random.map { CChar(bitPattern: $0) }
    let isKnown = unsafe keelson_bcrypt_setting(UInt(cost), bytes, &setting)
    invariant(isKnown == 1, "libcrypt has no bcrypt")
    let length = setting.firstIndex(of: 0) ?? setting.count
    let text = Bytes(setting[..<length].map { UInt8(bitPattern: $0) })
    guard let hash = hash(password, setting: text) else { fatalError("libcrypt has no bcrypt") }
    return Bytes("$2a$".utf8) + hash[4...]
  }

  /// Whether a password has a hash. One that is no bcrypt hash matches nothing.
  public static func verify(_ password: Bytes, against stored: Bytes) -> Bool {
    guard stored.count == byteCount, isBcrypt(stored), !password.contains(0) else { return false }
    // `$2a$` has a provision against an old fault of one implementation, which Go's never had; `$2b$` is without.
    guard let hash = hash(password, setting: Bytes("$2b$".utf8) + stored[4...]) else {
      return false
    }
    var difference: UInt8 = 0
    for place in 4..<byteCount { difference |= hash[place] ^ stored[place] }
    return difference == 0
  }

  private static func isBcrypt(_ stored: Bytes) -> Bool {
    ["$2a$", "$2b$", "$2y$"].contains { stored.starts(with: $0.utf8) }
  }

  private static func hash(_ password: Bytes, setting: Bytes) -> Bytes? {
    var output = [CChar](repeating: 0, count: 64)
    let phrase = password.map { CChar(bitPattern: $0) } + [0]
    let settingText = setting.map { CChar(bitPattern: $0) } + [0]
    guard unsafe keelson_bcrypt(phrase, settingText, &output) == 1 else { return nil }
    let length = output.firstIndex(of: 0) ?? output.count
    return length == byteCount ? output[..<length].map { UInt8(bitPattern: $0) } : nil
  }
}
