/// A caller with all that decides what the caller may do, taken from the state at one moment: checks need no lock.
public struct Subject: Sendable {
  /// Who asks, if anybody has logged in.
  public let caller: Caller?
  private let grants: Grants?
  /// The auth revision of that moment; nil while authentication is off.
  private let revision: AuthRevision?

  init(caller: Caller?, grants: Grants?, revision: AuthRevision?) {
    self.caller = caller
    self.grants = grants
    self.revision = revision
  }

  /// Whether nothing needs to be checked: authentication is off.
  public var isUnrestricted: Bool { revision == nil }

  /// Throws unless what is demanded is allowed. Cost: a search in sorted intervals, without allocations.
  ///
  /// - Throws: `userEmpty`, `revisionOld` (for keys only, as in etcd: the rest is decided by what is now),
  ///   `permissionDenied`.
  public func check(_ demand: Demand) throws(AccessError) {
    guard let revision else { return }
    guard let caller else { throw .userEmpty }
    switch demand {
    case .read, .write: if caller.revision < revision { throw .revisionOld }
    case .login, .root, .maintenance, .seeUser, .seeRole:
      if caller.user.isEmpty { throw .userEmpty }
    }
    guard let grants else { throw .permissionDenied }
    if !grants.isRoot, !grants.allows(demand, user: caller.user) { throw .permissionDenied }
  }
}

extension Grants {
  fileprivate func allows(_ demand: Demand, user: AccessName) -> Bool {
    switch demand {
    case .login: true
    case .root: false
    case .maintenance(let right): maintenance.isSuperset(of: right)
    case .read(let keys): readable.covers(keys)
    case .write(let keys): writable.covers(keys)
    case .seeUser(let name): name == user
    case .seeRole(let name): roles.contains(name)
    }
  }
}
