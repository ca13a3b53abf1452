import Access
import Primitives
import Testing

/// The matrix of subject × demand, as a person reads it.
@Suite("Decisions")
struct DecisionTests {
  /// Roles as `kind key[-end]`; an end that is missing after the dash is open.
  static let roles: [(name: AccessName, permissions: [String])] = [
    ("reader", ["r k-m"]), ("writer", ["w k-m"]), ("both", ["rw k-m"]), ("point", ["rw k"]),
    ("open", ["rw k-"]), ("prefix", ["rw /a/-/a0"]), ("pieces", ["r k-l", "r l-m", "w k-kk"]),
    ("everything", ["rw \0-"]), ("compactor", ["w keelson.dev/maintenance/compact"]),
    ("compactReader", ["r keelson.dev/maintenance/compact"]),
    ("backup", ["r keelson.dev/maintenance/snapshot"]),
    ("reserved", ["rw keelson.dev/maintenance/-keelson.dev/maintenance0"]),
  ]

  static func range(_ text: Substring) -> KeyRange {
    guard let dash = text.lastIndex(of: "-") else { return KeyRange(Bytes(text.utf8)) }
    let end = Bytes(text[text.index(after: dash)...].utf8)
    return KeyRange(Bytes(text[..<dash].utf8), end: end.isEmpty ? [0] : end)
  }

  /// `r k-m`, `w k`, `login`, `root`, `compact`, `user NAME`, `role NAME`.
  static func demand(_ text: String) -> Demand {
    let words = text.split(separator: " ", maxSplits: 1)
    switch words[0] {
    case "r": return .read(range(words[1]))
    case "w": return .write(range(words[1]))
    case "user": return .seeUser(AccessName(String(words[1])))
    case "role": return .seeRole(AccessName(String(words[1])))
    case "login": return .login
    case "compact": return .maintenance(.compact)
    case "snapshot": return .maintenance(.snapshot)
    case "defragment": return .maintenance(.defragment)
    case "alarm": return .maintenance(.alarm)
    case "hash": return .maintenance(.hash)
    default: return .root
    }
  }

  /// One user for each role, called as it is, and one without.
  static func state() throws -> AccessState {
    var changes: [AccessChange] = [.addUser("nobody", passwordHash: nil)]
    for (name, permissions) in roles {
      changes += [.addRole(name), .addUser(name, passwordHash: nil)]
      changes.append(.grantRole(name, to: name))
      for text in permissions {
        let words = text.split(separator: " ", maxSplits: 1)
        let kind: KeyPermission.Kind =
          words[0] == "r" ? .read : words[0] == "w" ? .write : .readWrite
        changes.append(.grantPermission(KeyPermission(kind, range(words[1])), to: name))
      }
    }
    return try AccessStateTests.enabled(changes)
  }

  /// What is allowed to whom; everything else that any line demands is denied.
  static let allowed: [(demand: String, subjects: Set<String>)] = [
    ("login", Set(roles.map { $0.name.description } + ["nobody"])),
    ("r k", ["reader", "both", "point", "open", "pieces", "everything"]),
    ("r k-m", ["reader", "both", "open", "pieces", "everything"]),
    ("r kx-lx", ["reader", "both", "open", "pieces", "everything"]),
    ("r k-mm", ["open", "everything"]), ("r j-m", ["everything"]),
    ("r k-", ["open", "everything"]), ("r \0-", ["everything"]),
    ("r k\0", ["reader", "both", "open", "pieces", "everything"]), ("r m", ["open", "everything"]),
    ("w k", ["writer", "both", "point", "open", "pieces", "everything"]),
    ("w l", ["writer", "both", "open", "everything"]),
    ("w k-m", ["writer", "both", "open", "everything"]), ("w k-", ["open", "everything"]),
    ("r /a/-/a0", ["prefix", "everything"]), ("r /a/b", ["prefix", "everything"]),
    ("r /a", ["everything"]), ("r /a0", ["everything"]), ("r /a-/a0", ["everything"]),
    ("root", []), ("compact", ["compactor"]), ("snapshot", ["backup"]), ("defragment", []),
    ("alarm", []), ("hash", []), ("user reader", ["reader"]), ("user root", []),
    ("role reader", ["reader"]), ("role root", []),
  ]

  @Test("who may do what", arguments: allowed.indices)
  func matrix(row: Int) throws {
    let state = try Self.state()
    let (text, subjects) = Self.allowed[row]
    for subject in Self.roles.map(\.name) + ["nobody"] {
      let caller = Caller(user: subject, revision: state.revision)
      let isAllowed = (try? state.check(Self.demand(text), by: caller)) != nil
      #expect(isAllowed == subjects.contains(subject.description), "\(subject): \(text)")
    }
    let root = Caller(user: .root, revision: state.revision)
    #expect(throws: Never.self) { try state.check(Self.demand(text), by: root) }
    let gone = Caller(user: "gone", revision: state.revision)
    #expect(throws: AccessError.permissionDenied) { try state.check(Self.demand(text), by: gone) }
    #expect(throws: AccessError.userEmpty) { try state.check(Self.demand(text), by: nil) }
  }

  @Test("a caller who was checked before the last change may touch no key, root neither")
  func oldRevision() throws {
    let state = try Self.state()
    for user in ["open", .root] as [AccessName] {
      let caller = Caller(user: user, revision: AuthRevision(state.revision.rawValue - 1))
      #expect(throws: AccessError.revisionOld) { try state.check(Self.demand("r k"), by: caller) }
      #expect(throws: AccessError.revisionOld) { try state.check(Self.demand("w k"), by: caller) }
      #expect(throws: Never.self) { try state.check(.login, by: caller) }
    }
  }

  @Test("with authentication off everybody may do everything")
  func disabled() throws {
    var state = try Self.state()
    _ = try state.apply(.disable)
    for (text, _) in Self.allowed {
      #expect(throws: Never.self) { try state.check(Self.demand(text), by: nil) }
    }
  }

  @Test("a permission on all keys gives no right beside keys")
  func noRightByInterval() throws {
    let state = try Self.state()
    for name in ["everything", "reserved"] as [AccessName] {
      #expect(state.grants(name)?.maintenance == [])
    }
  }
}
