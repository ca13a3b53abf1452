internal import Access

/// What each method needs its caller to be allowed, in one table. A method that is missing here is for root.
enum CallPolicy {
  /// Anybody may call it: it tells nothing that needs a login, or is how one logs in.
  case open
  /// The caller must be allowed this, whatever the request says.
  case demand(Demand)
  /// It depends on the request: `AccessGuard.check`, or the proposal of a command, decides.
  case content

  static func of(_ path: String) -> CallPolicy { table[path] ?? .demand(.root) }

  /// Every method that has a policy of its own.
  static let table: [String: CallPolicy] = [
    "/etcdserverpb.KV/Range": .content,
    "/etcdserverpb.KV/RangeStream": .content,
    "/etcdserverpb.KV/Put": .content,
    "/etcdserverpb.KV/DeleteRange": .content,
    "/etcdserverpb.KV/Txn": .content,
    "/etcdserverpb.KV/Compact": .demand(.maintenance(.compact)),
    "/etcdserverpb.Watch/Watch": .content,
    "/etcdserverpb.Lease/LeaseGrant": .demand(.login),
    "/etcdserverpb.Lease/LeaseRevoke": .content,
    "/etcdserverpb.Lease/LeaseKeepAlive": .content,
    "/etcdserverpb.Lease/LeaseTimeToLive": .content,
    "/etcdserverpb.Lease/LeaseLeases": .content,
    "/etcdserverpb.Cluster/MemberList": .demand(.login),
    "/etcdserverpb.Cluster/MemberAdd": .demand(.root),
    "/etcdserverpb.Cluster/MemberRemove": .demand(.root),
    "/etcdserverpb.Cluster/MemberUpdate": .demand(.root),
    "/etcdserverpb.Cluster/MemberPromote": .demand(.root),
    "/etcdserverpb.Maintenance/Status": .demand(.login),
    "/etcdserverpb.Maintenance/Alarm": .content,
    "/etcdserverpb.Maintenance/Defragment": .demand(.maintenance(.defragment)),
    "/etcdserverpb.Maintenance/Hash": .demand(.maintenance(.hash)),
    "/etcdserverpb.Maintenance/HashKV": .demand(.maintenance(.hash)),
    "/etcdserverpb.Maintenance/Snapshot": .demand(.maintenance(.snapshot)),
    "/etcdserverpb.Maintenance/MoveLeader": .demand(.root),
    "/etcdserverpb.Maintenance/Downgrade": .demand(.root),
    "/etcdserverpb.Auth/AuthStatus": .open,
    "/etcdserverpb.Auth/Authenticate": .open,
    "/etcdserverpb.Auth/AuthEnable": .demand(.root),
    "/etcdserverpb.Auth/AuthDisable": .demand(.root),
    "/etcdserverpb.Auth/UserAdd": .demand(.root),
    "/etcdserverpb.Auth/UserDelete": .demand(.root),
    "/etcdserverpb.Auth/UserChangePassword": .demand(.root),
    "/etcdserverpb.Auth/UserGrantRole": .demand(.root),
    "/etcdserverpb.Auth/UserRevokeRole": .demand(.root),
    "/etcdserverpb.Auth/UserList": .demand(.root),
    "/etcdserverpb.Auth/UserGet": .content,
    "/etcdserverpb.Auth/RoleAdd": .demand(.root),
    "/etcdserverpb.Auth/RoleDelete": .demand(.root),
    "/etcdserverpb.Auth/RoleGrantPermission": .demand(.root),
    "/etcdserverpb.Auth/RoleRevokePermission": .demand(.root),
    "/etcdserverpb.Auth/RoleList": .demand(.root),
    "/etcdserverpb.Auth/RoleGet": .content,
    // Made of other methods, which decide about the keys.
    "/v3lockpb.Lock/Lock": .demand(.login),
    "/v3lockpb.Lock/Unlock": .demand(.login),
    "/v3electionpb.Election/Campaign": .demand(.login),
    "/v3electionpb.Election/Proclaim": .demand(.login),
    "/v3electionpb.Election/Leader": .demand(.login),
    "/v3electionpb.Election/Observe": .demand(.login),
    "/v3electionpb.Election/Resign": .demand(.login),
    // What load balancers ask, as /health is.
    "/grpc.health.v1.Health/Check": .open,
    "/grpc.health.v1.Health/Watch": .open,
  ]
}
