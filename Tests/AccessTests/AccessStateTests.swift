import Access
import Primitives
import Testing

@Suite("Users, roles and what follows from them")
struct AccessStateTests {
  /// A state with root, and with authentication on.
  static func enabled(_ changes: [AccessChange] = []) throws -> AccessState {
    var state = AccessState()
    _ = try state.apply(.addUser(.root, passwordHash: [1]))
    _ = try state.apply(.grantRole(.root, to: .root))
    for change in changes { _ = try state.apply(change) }
    _ = try state.apply(.enable)
    return state
  }

  static func range(_ key: String, _ end: String? = nil) -> KeyRange {
    KeyRange(Bytes(key.utf8), end: end.map { Bytes($0.utf8) } ?? [])
  }

  static func permission(
    _ kind: KeyPermission.Kind, _ key: String, _ end: String? = nil
  ) -> KeyPermission {
    KeyPermission(kind, range(key, end))
  }

  @Test("every change is refused for the reason that etcd gives, in its order")
  func refusals() throws {
    var state = AccessState()
    let refused: [(AccessChange, AccessError)] = [
      (.enable, .noRootUser), (.addUser("", passwordHash: nil), .userEmpty),
      (.deleteUser("x"), .userNotFound), (.changePassword("x", passwordHash: []), .userNotFound),
      (.grantRole("r", to: "x"), .userNotFound), (.revokeRole("r", from: "x"), .userNotFound),
      (.addRole(""), .roleEmpty), (.deleteRole("r"), .roleNotFound),
      (.grantPermission(Self.permission(.read, "a"), to: "r"), .roleNotFound),
      (.grantPermission(Self.permission(.read, ""), to: "r"), .invalidManagement),
      (.grantPermission(Self.permission(.read, "b", "a"), to: "r"), .invalidManagement),
      (.revokePermission(Self.range("a"), from: "r"), .roleNotFound),
    ]
    for (change, reason) in refused {
      #expect(throws: reason, "\(change)") { _ = try state.apply(change) }
    }
    #expect(state.revision == .first)
    _ = try state.apply(.addUser("u", passwordHash: [1]))
    _ = try state.apply(.addRole("r"))
    #expect(throws: AccessError.userExists) {
      _ = try state.apply(.addUser("u", passwordHash: nil))
    }
    #expect(throws: AccessError.roleExists) { _ = try state.apply(.addRole("r")) }
    #expect(throws: AccessError.roleNotFound) { _ = try state.apply(.grantRole("s", to: "u")) }
    #expect(throws: AccessError.roleNotGranted) { _ = try state.apply(.revokeRole("r", from: "u")) }
    #expect(throws: AccessError.permissionNotGranted) {
      _ = try state.apply(.revokePermission(Self.range("a"), from: "r"))
    }
    _ = try state.apply(.addUser(.root, passwordHash: [1]))
    #expect(throws: AccessError.noRootRole) { _ = try state.apply(.enable) }
  }

  @Test("the revision rises with each change, and not with one that changes nothing")
  func revisions() throws {
    var state = AccessState()
    let changes: [(AccessChange, UInt64)] = [
      (.addUser(.root, passwordHash: [1]), 2), (.addRole("r"), 3),
      (.grantPermission(Self.permission(.read, "a"), to: "r"), 4),
      (.addUser("u", passwordHash: [1]), 5), (.grantRole("r", to: "u"), 6),
      (.grantRole("r", to: "u"), 6), (.grantRole(.root, to: .root), 7), (.enable, 7), (.enable, 7),
      (.changePassword("u", passwordHash: [2]), 8), (.revokeRole("r", from: "u"), 9),
      (.revokePermission(Self.range("a"), from: "r"), 10), (.deleteRole("r"), 11),
      (.deleteUser("u"), 12), (.disable, 13), (.disable, 13),
    ]
    for (change, revision) in changes {
      _ = try state.apply(change)
      #expect(state.revision == AuthRevision(revision), "\(change)")
    }
  }

  @Test("while authentication is on, root stays root")
  func rootStays() throws {
    var state = try Self.enabled([.addRole(.root)])
    for change in [
      AccessChange.deleteUser(.root), .revokeRole(.root, from: .root), .deleteRole(.root),
    ] {
      #expect(throws: AccessError.invalidManagement) { _ = try state.apply(change) }
    }
    _ = try state.apply(.disable)
    _ = try state.apply(.deleteRole(.root))
    #expect(state.user(.root)?.isRoot == false)
    _ = try state.apply(.deleteUser(.root))
    #expect(state.userNames.isEmpty)
  }

  @Test("a permission for the same keys is replaced, and others keep the order of their keys")
  func permissionOrder() throws {
    var state = AccessState()
    _ = try state.apply(.addRole("r"))
    for permission in [
      Self.permission(.read, "k", "m"), Self.permission(.write, "a", "c"),
      Self.permission(.read, "a"), Self.permission(.readWrite, "k", "m"),
      Self.permission(.write, "k"),
    ] {
      _ = try state.apply(.grantPermission(permission, to: "r"))
    }
    #expect(
      state.role("r")?.permissions == [
        Self.permission(.read, "a"), Self.permission(.write, "a", "c"),
        Self.permission(.write, "k"), Self.permission(.readWrite, "k", "m"),
      ])
  }

  @Test("what a change voids: a user's tokens with the user or the password, all with the switch")
  func voidTokens() throws {
    var state = try Self.enabled([.addUser("u", passwordHash: [1]), .addRole("r")])
    #expect(try state.apply(.grantRole("r", to: "u")).voidTokens == .none)
    #expect(try state.apply(.changePassword("u", passwordHash: [2])).voidTokens == .of("u"))
    #expect(try state.apply(.deleteUser("u")).voidTokens == .of("u"))
    #expect(try state.apply(.disable).voidTokens == .all)
  }

  @Test("a user without password gets none by a change of password")
  func noPassword() throws {
    var state = AccessState()
    _ = try state.apply(.addUser("cn", passwordHash: nil))
    _ = try state.apply(.changePassword("cn", passwordHash: [1]))
    #expect(state.user("cn")?.passwordHash == nil)
  }

  @Test("deleting a role touches those who have it, and no one else")
  func deletedRole() throws {
    var state = AccessState()
    for name in ["a", "b", "c"] as [AccessName] {
      _ = try state.apply(.addUser(name, passwordHash: nil))
    }
    _ = try state.apply(.addRole("r"))
    _ = try state.apply(.grantRole("r", to: "c"))
    _ = try state.apply(.grantRole("r", to: "a"))
    let others = state.grants("b")
    let outcome = try state.apply(.deleteRole("r"))
    #expect(outcome.users == ["a", "c"] && outcome.roles == ["r"])
    #expect(state.user("a")?.roles == [])
    #expect(state.grants("b") === others)
  }

  @Test("a changed role changes the grants of its users and leaves those of others as they are")
  func incremental() throws {
    var state = try Self.enabled([
      .addUser("u", passwordHash: nil), .addUser("v", passwordHash: nil), .addRole("r"),
      .addRole("s"), .grantRole("r", to: "u"), .grantRole("s", to: "v"),
    ])
    let (before, other) = (state.grants("u"), state.grants("v"))
    _ = try state.apply(.grantPermission(Self.permission(.read, "a"), to: "r"))
    #expect(state.grants("u") !== before && state.grants("v") === other)
    #expect(state.grants("u")?.readable.contains(Bytes("a".utf8)) == true)
  }

  @Test("a state that was stored and read back decides as before")
  func stored() throws {
    let state = try Self.enabled([
      .addUser("u", passwordHash: [1]), .addRole("r"),
      .grantPermission(Self.permission(.read, "a", "c"), to: "r"), .grantRole("r", to: "u"),
    ])
    let copy = AccessState(
      isEnabled: state.isEnabled, revision: state.revision,
      users: state.userNames.compactMap { state.user($0) },
      roles: state.roleNames.compactMap { state.role($0) })
    let caller = Caller(user: "u", revision: copy.revision)
    #expect(throws: Never.self) { try copy.check(.read(Self.range("a", "c")), by: caller) }
    #expect(throws: AccessError.permissionDenied) {
      try copy.check(.write(Self.range("a")), by: caller)
    }
  }

  @Test("names that look alike are different users")
  func lookAlikes() throws {
    let (composed, decomposed) = ("jos\u{e9}", "jose\u{301}")
    #expect(composed == decomposed)
    let state = try Self.enabled([
      .addUser(AccessName(composed), passwordHash: nil),
      .grantRole(.root, to: AccessName(composed)),
      .addUser(AccessName(decomposed), passwordHash: nil),
    ])
    #expect(state.grants(AccessName(composed))?.isRoot == true)
    #expect(state.grants(AccessName(decomposed))?.isRoot == false)
  }
}
