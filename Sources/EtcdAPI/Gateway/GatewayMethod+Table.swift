internal import EtcdProtocol

extension GatewayMethod {
  /// Every path of the gateway, as etcd has them.
  static let all = keyValue + watch + lease + cluster + maintenance + auth + election + lock

  private static let keyValue = [
    GatewayMethod(
      "kv/range", "KV/Range", Etcdserverpb_RangeRequest.self, Etcdserverpb_RangeResponse.self),
    GatewayMethod("kv/put", "KV/Put", Etcdserverpb_PutRequest.self, Etcdserverpb_PutResponse.self),
    GatewayMethod(
      "kv/deleterange", "KV/DeleteRange", Etcdserverpb_DeleteRangeRequest.self,
      Etcdserverpb_DeleteRangeResponse.self),
    GatewayMethod("kv/txn", "KV/Txn", Etcdserverpb_TxnRequest.self, Etcdserverpb_TxnResponse.self),
    GatewayMethod(
      "kv/compaction", "KV/Compact", Etcdserverpb_CompactionRequest.self,
      Etcdserverpb_CompactionResponse.self),
  ]

  private static let watch = [
    GatewayMethod(
      "watch", "Watch/Watch", Etcdserverpb_WatchRequest.self, Etcdserverpb_WatchResponse.self,
      .bidirectional)
  ]

  private static let lease = [
    GatewayMethod(
      "lease/grant", "Lease/LeaseGrant", Etcdserverpb_LeaseGrantRequest.self,
      Etcdserverpb_LeaseGrantResponse.self),
    GatewayMethod(
      "lease/revoke", "Lease/LeaseRevoke", Etcdserverpb_LeaseRevokeRequest.self,
      Etcdserverpb_LeaseRevokeResponse.self),
    GatewayMethod(
      "kv/lease/revoke", "Lease/LeaseRevoke", Etcdserverpb_LeaseRevokeRequest.self,
      Etcdserverpb_LeaseRevokeResponse.self),
    GatewayMethod(
      "lease/keepalive", "Lease/LeaseKeepAlive", Etcdserverpb_LeaseKeepAliveRequest.self,
      Etcdserverpb_LeaseKeepAliveResponse.self, .bidirectional),
    GatewayMethod(
      "lease/timetolive", "Lease/LeaseTimeToLive", Etcdserverpb_LeaseTimeToLiveRequest.self,
      Etcdserverpb_LeaseTimeToLiveResponse.self),
    GatewayMethod(
      "kv/lease/timetolive", "Lease/LeaseTimeToLive", Etcdserverpb_LeaseTimeToLiveRequest.self,
      Etcdserverpb_LeaseTimeToLiveResponse.self),
    GatewayMethod(
      "lease/leases", "Lease/LeaseLeases", Etcdserverpb_LeaseLeasesRequest.self,
      Etcdserverpb_LeaseLeasesResponse.self),
    GatewayMethod(
      "kv/lease/leases", "Lease/LeaseLeases", Etcdserverpb_LeaseLeasesRequest.self,
      Etcdserverpb_LeaseLeasesResponse.self),
  ]

  private static let cluster = [
    GatewayMethod(
      "cluster/member/add", "Cluster/MemberAdd", Etcdserverpb_MemberAddRequest.self,
      Etcdserverpb_MemberAddResponse.self),
    GatewayMethod(
      "cluster/member/remove", "Cluster/MemberRemove", Etcdserverpb_MemberRemoveRequest.self,
      Etcdserverpb_MemberRemoveResponse.self),
    GatewayMethod(
      "cluster/member/update", "Cluster/MemberUpdate", Etcdserverpb_MemberUpdateRequest.self,
      Etcdserverpb_MemberUpdateResponse.self),
    GatewayMethod(
      "cluster/member/list", "Cluster/MemberList", Etcdserverpb_MemberListRequest.self,
      Etcdserverpb_MemberListResponse.self),
    GatewayMethod(
      "cluster/member/promote", "Cluster/MemberPromote", Etcdserverpb_MemberPromoteRequest.self,
      Etcdserverpb_MemberPromoteResponse.self),
  ]

  private static let maintenance = [
    GatewayMethod(
      "maintenance/alarm", "Maintenance/Alarm", Etcdserverpb_AlarmRequest.self,
      Etcdserverpb_AlarmResponse.self),
    GatewayMethod(
      "maintenance/status", "Maintenance/Status", Etcdserverpb_StatusRequest.self,
      Etcdserverpb_StatusResponse.self),
    GatewayMethod(
      "maintenance/defragment", "Maintenance/Defragment", Etcdserverpb_DefragmentRequest.self,
      Etcdserverpb_DefragmentResponse.self),
    GatewayMethod(
      "maintenance/hash", "Maintenance/Hash", Etcdserverpb_HashRequest.self,
      Etcdserverpb_HashResponse.self),
    GatewayMethod(
      "maintenance/hashkv", "Maintenance/HashKV", Etcdserverpb_HashKVRequest.self,
      Etcdserverpb_HashKVResponse.self),
    GatewayMethod(
      "maintenance/snapshot", "Maintenance/Snapshot", Etcdserverpb_SnapshotRequest.self,
      Etcdserverpb_SnapshotResponse.self, .serverStream),
    GatewayMethod(
      "maintenance/transfer-leadership", "Maintenance/MoveLeader",
      Etcdserverpb_MoveLeaderRequest.self, Etcdserverpb_MoveLeaderResponse.self),
    GatewayMethod(
      "maintenance/downgrade", "Maintenance/Downgrade", Etcdserverpb_DowngradeRequest.self,
      Etcdserverpb_DowngradeResponse.self),
  ]

  private static let auth = [
    GatewayMethod(
      "auth/enable", "Auth/AuthEnable", Etcdserverpb_AuthEnableRequest.self,
      Etcdserverpb_AuthEnableResponse.self),
    GatewayMethod(
      "auth/disable", "Auth/AuthDisable", Etcdserverpb_AuthDisableRequest.self,
      Etcdserverpb_AuthDisableResponse.self),
    GatewayMethod(
      "auth/status", "Auth/AuthStatus", Etcdserverpb_AuthStatusRequest.self,
      Etcdserverpb_AuthStatusResponse.self),
    GatewayMethod(
      "auth/authenticate", "Auth/Authenticate", Etcdserverpb_AuthenticateRequest.self,
      Etcdserverpb_AuthenticateResponse.self),
    GatewayMethod(
      "auth/user/add", "Auth/UserAdd", Etcdserverpb_AuthUserAddRequest.self,
      Etcdserverpb_AuthUserAddResponse.self),
    GatewayMethod(
      "auth/user/get", "Auth/UserGet", Etcdserverpb_AuthUserGetRequest.self,
      Etcdserverpb_AuthUserGetResponse.self),
    GatewayMethod(
      "auth/user/list", "Auth/UserList", Etcdserverpb_AuthUserListRequest.self,
      Etcdserverpb_AuthUserListResponse.self),
    GatewayMethod(
      "auth/user/delete", "Auth/UserDelete", Etcdserverpb_AuthUserDeleteRequest.self,
      Etcdserverpb_AuthUserDeleteResponse.self),
    GatewayMethod(
      "auth/user/changepw", "Auth/UserChangePassword",
      Etcdserverpb_AuthUserChangePasswordRequest.self,
      Etcdserverpb_AuthUserChangePasswordResponse.self),
    GatewayMethod(
      "auth/user/grant", "Auth/UserGrantRole", Etcdserverpb_AuthUserGrantRoleRequest.self,
      Etcdserverpb_AuthUserGrantRoleResponse.self),
    GatewayMethod(
      "auth/user/revoke", "Auth/UserRevokeRole", Etcdserverpb_AuthUserRevokeRoleRequest.self,
      Etcdserverpb_AuthUserRevokeRoleResponse.self),
    GatewayMethod(
      "auth/role/add", "Auth/RoleAdd", Etcdserverpb_AuthRoleAddRequest.self,
      Etcdserverpb_AuthRoleAddResponse.self),
    GatewayMethod(
      "auth/role/get", "Auth/RoleGet", Etcdserverpb_AuthRoleGetRequest.self,
      Etcdserverpb_AuthRoleGetResponse.self),
    GatewayMethod(
      "auth/role/list", "Auth/RoleList", Etcdserverpb_AuthRoleListRequest.self,
      Etcdserverpb_AuthRoleListResponse.self),
    GatewayMethod(
      "auth/role/delete", "Auth/RoleDelete", Etcdserverpb_AuthRoleDeleteRequest.self,
      Etcdserverpb_AuthRoleDeleteResponse.self),
    GatewayMethod(
      "auth/role/grant", "Auth/RoleGrantPermission",
      Etcdserverpb_AuthRoleGrantPermissionRequest.self,
      Etcdserverpb_AuthRoleGrantPermissionResponse.self),
    GatewayMethod(
      "auth/role/revoke", "Auth/RoleRevokePermission",
      Etcdserverpb_AuthRoleRevokePermissionRequest.self,
      Etcdserverpb_AuthRoleRevokePermissionResponse.self),
  ]

  private static let election = [
    GatewayMethod(
      "election/campaign", "v3electionpb.Election/Campaign", V3electionpb_CampaignRequest.self,
      V3electionpb_CampaignResponse.self),
    GatewayMethod(
      "election/proclaim", "v3electionpb.Election/Proclaim", V3electionpb_ProclaimRequest.self,
      V3electionpb_ProclaimResponse.self),
    GatewayMethod(
      "election/leader", "v3electionpb.Election/Leader", V3electionpb_LeaderRequest.self,
      V3electionpb_LeaderResponse.self),
    GatewayMethod(
      "election/observe", "v3electionpb.Election/Observe", V3electionpb_LeaderRequest.self,
      V3electionpb_LeaderResponse.self, .serverStream),
    GatewayMethod(
      "election/resign", "v3electionpb.Election/Resign", V3electionpb_ResignRequest.self,
      V3electionpb_ResignResponse.self),
  ]

  private static let lock = [
    GatewayMethod(
      "lock/lock", "v3lockpb.Lock/Lock", V3lockpb_LockRequest.self, V3lockpb_LockResponse.self),
    GatewayMethod(
      "lock/unlock", "v3lockpb.Lock/Unlock", V3lockpb_UnlockRequest.self,
      V3lockpb_UnlockResponse.self),
  ]
}
