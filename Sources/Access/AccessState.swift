internal import Primitives

/// Users, roles, and the decisions that follow from them. Pure: the same changes in the same order make the same
/// state on every member.
public struct AccessState: Sendable {
  /// Whether permissions count.
  public private(set) var isEnabled: Bool
  /// Rises with every change of users and roles, and when authentication is switched off.
  public private(set) var revision: AuthRevision
  private var usersByName: [AccessName: User] = [:]
  private var rolesByName: [AccessName: Role] = [:]
  /// What each user may do; kept in step with users and roles.
  private var grantsByUser: [AccessName: Grants] = [:]

  /// A state as it was stored; without arguments that of a new store.
  public init(
    isEnabled: Bool = false, revision: AuthRevision = .first, users: [User] = [],
    roles: [Role] = []
  ) {
    self.isEnabled = isEnabled
    self.revision = revision
    for role in roles { rolesByName[role.name] = role }
    for user in users { put(user) }
  }

  // MARK: What there is

  /// The users' names, in order.
  public var userNames: [AccessName] { usersByName.keys.sorted() }

  /// The roles' names, in order.
  public var roleNames: [AccessName] { rolesByName.keys.sorted() }

  /// A user, or nil.
  public func user(_ name: AccessName) -> User? { usersByName[name] }

  /// A role, or nil.
  public func role(_ name: AccessName) -> Role? { rolesByName[name] }

  /// All that a user may do; nil if there is no such user.
  public func grants(_ user: AccessName) -> Grants? { grantsByUser[user] }

  /// What decides about a caller's requests, as of now. Cost: a lookup by name.
  public func subject(_ caller: Caller?) -> Subject {
    guard isEnabled else { return Subject(caller: caller, grants: nil, revision: nil) }
    return Subject(
      caller: caller, grants: caller.flatMap { grantsByUser[$0.user] }, revision: revision)
  }

  /// Throws unless `caller` may do what is demanded.
  public func check(_ demand: Demand, by caller: Caller?) throws(AccessError) {
    try subject(caller).check(demand)
  }

  // MARK: Changes

  /// Carries out a change.
  ///
  /// Cost: for a change of a role, one pass over its permissions for each user who has it; nothing is made anew
  /// for others.
  /// - Throws: why not; nothing was changed then.
  public mutating func apply(_ change: AccessChange) throws(AccessError) -> AccessOutcome {
    var outcome = AccessOutcome()
    switch change {
    case .enable: try enable(&outcome)
    case .disable:
      guard isEnabled else { return outcome }
      isEnabled = false
      advance(&outcome)
      outcome.voidTokens = .all
    case .addUser(let name, let hash):
      if name.isEmpty { throw .userEmpty }
      if usersByName[name] != nil { throw .userExists }
      commit(User(name: name, passwordHash: hash), &outcome)
    case .deleteUser(let name): try deleteUser(name, &outcome)
    case .changePassword(let name, let hash):
      guard var user = usersByName[name] else { throw .userNotFound }
      if user.passwordHash != nil { user.passwordHash = hash }
      commit(user, &outcome)
      outcome.voidTokens = .of(name)
    case .grantRole(let role, let name):
      guard var user = usersByName[name] else { throw .userNotFound }
      // The role root needs not be made to be granted.
      if role != .root, rolesByName[role] == nil { throw .roleNotFound }
      if user.grant(role) { commit(user, &outcome) }
    case .revokeRole(let role, let name): try revokeRole(role, from: name, &outcome)
    case .addRole(let name):
      if name.isEmpty { throw .roleEmpty }
      if rolesByName[name] != nil { throw .roleExists }
      commit(Role(name: name), &outcome)
    case .deleteRole(let name): try deleteRole(name, &outcome)
    case .grantPermission(let permission, let name):
      guard permission.keys.isGrantable else { throw .invalidManagement }
      guard var role = rolesByName[name] else { throw .roleNotFound }
      role.grant(permission)
      commit(role, &outcome)
    case .revokePermission(let keys, let name):
      guard var role = rolesByName[name] else { throw .roleNotFound }
      guard role.revoke(keys) else { throw .permissionNotGranted }
      commit(role, &outcome)
    }
    return outcome
  }

  private mutating func enable(_ outcome: inout AccessOutcome) throws(AccessError) {
    if isEnabled { return }
    guard let root = usersByName[.root] else { throw .noRootUser }
    guard root.isRoot else { throw .noRootRole }
    isEnabled = true
    // As in etcd, switching on changes no user and no role, so the revision stays.
    outcome.hasNewRevision = true
    outcome.voidTokens = .all
  }

  private mutating func deleteUser(
    _ name: AccessName, _ outcome: inout AccessOutcome
  ) throws(AccessError) {
    if isEnabled, name == .root { throw .invalidManagement }
    guard usersByName.removeValue(forKey: name) != nil else { throw .userNotFound }
    grantsByUser[name] = nil
    outcome.users.append(name)
    outcome.voidTokens = .of(name)
    advance(&outcome)
  }

  private mutating func revokeRole(
    _ role: AccessName, from name: AccessName, _ outcome: inout AccessOutcome
  ) throws(AccessError) {
    if isEnabled, name == .root, role == .root { throw .invalidManagement }
    guard var user = usersByName[name] else { throw .userNotFound }
    guard user.revoke(role) else { throw .roleNotGranted }
    commit(user, &outcome)
  }

  private mutating func deleteRole(
    _ name: AccessName, _ outcome: inout AccessOutcome
  ) throws(AccessError) {
    if isEnabled, name == .root { throw .invalidManagement }
    guard rolesByName.removeValue(forKey: name) != nil else { throw .roleNotFound }
    outcome.roles.append(name)
    for holder in holders(of: name) {
      guard var user = usersByName[holder], user.revoke(name) else { continue }
      put(user)
      outcome.users.append(holder)
    }
    advance(&outcome)
  }

  private mutating func commit(_ user: User, _ outcome: inout AccessOutcome) {
    put(user)
    outcome.users.append(user.name)
    advance(&outcome)
  }

  private mutating func commit(_ role: Role, _ outcome: inout AccessOutcome) {
    rolesByName[role.name] = role
    for holder in holders(of: role.name) {
      if let user = usersByName[holder] { put(user) }
    }
    outcome.roles.append(role.name)
    advance(&outcome)
  }

  private mutating func put(_ user: User) {
    usersByName[user.name] = user
    let roles = rolesByName
    grantsByUser[user.name] = Grants(user) { roles[$0] }
  }

  private func holders(of role: AccessName) -> [AccessName] {
    usersByName.values.filter { $0.has(role) }.map(\.name).sorted()
  }

  private mutating func advance(_ outcome: inout AccessOutcome) {
    revision = revision.next
    outcome.hasNewRevision = true
  }
}

extension KeyRange {
  /// Whether the range can be granted: it names a key, and does not end before it begins.
  fileprivate var isGrantable: Bool {
    if key.isEmpty { return false }
    return isSingleKey || isOpen || isOrdered(key, before: end)
  }
}
