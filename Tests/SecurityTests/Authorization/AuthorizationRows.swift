import EtcdProtocol
import Foundation
import SwiftProtobuf

/// Every call of the API, about every kind of range that decides.
enum AuthorizationRows {
  static let all: [AuthorizationRow] =
    ranges + puts + transactions + leases + recipes + cluster + users + roles + switches

  private static let watchOfKey =
    "GHSA-xg4h-6gfc-h4m8: etcd 3.5.1 takes a watch's open end for one key,"
    + " and gives no other reason than permission to a watch that it refuses"
  private static let unguarded = "CVE-2026-33413: etcd 3.5.1 asks for no permission"
  private static let nested = "CVE-2026-33343: etcd 3.5.1 does not look into nested transactions"
  private static let insidePut =
    "CVE-2026-44283: etcd 3.5.1 ignores prev_kv and lease of a Put in a Txn"
  private static let granted = "Keelson lets root grant it on a reserved key"

  private static let ranges: [AuthorizationRow] = NamedRange.all.flatMap { range in
    [
      AuthorizationRow("KV/Range", range.name) { _, _ in
        Etcdserverpb_RangeRequest.with {
          $0.key = range.key
          $0.rangeEnd = range.end
        }
      },
      AuthorizationRow("KV/RangeStream", range.name, shape: .stream, isKnownToEtcd: false) { _, _ in
        Etcdserverpb_RangeRequest.with {
          $0.key = range.key
          $0.rangeEnd = range.end
        }
      },
      AuthorizationRow("KV/DeleteRange", range.name, repair: .keys) { _, _ in
        Etcdserverpb_DeleteRangeRequest.with {
          $0.key = range.key
          $0.rangeEnd = range.end
        }
      },
      AuthorizationRow("KV/DeleteRange", range.name + " prev_kv", repair: .keys) { _, _ in
        Etcdserverpb_DeleteRangeRequest.with {
          $0.key = range.key
          $0.rangeEnd = range.end
          $0.prevKv = true
        }
      },
      AuthorizationRow("Watch/Watch", range.name, shape: .watch, difference: watchOfKey) { _, _ in
        Etcdserverpb_WatchRequest.with {
          $0.createRequest = .with {
            $0.key = range.key
            $0.rangeEnd = range.end
          }
        }
      },
    ]
  }

  static func put(
    _ key: String, previous: Bool = false, lease: Int64 = 0
  ) -> Etcdserverpb_PutRequest {
    .with {
      $0.key = Data(key.utf8)
      $0.value = Data("v".utf8)
      $0.prevKv = previous
      $0.lease = lease
    }
  }

  private static let puts: [AuthorizationRow] =
    ["k", "kk", "z", "/p/a"].flatMap { key in
      [
        AuthorizationRow("KV/Put", key, repair: .keys) { _, _ in put(key) },
        AuthorizationRow("KV/Put", key + " prev_kv", repair: .keys) { _, _ in
          put(key, previous: true)
        },
      ]
    } + [
      AuthorizationRow("KV/Put", "k, lease of k", repair: .keys) { _, _ in put("k", lease: 5) },
      AuthorizationRow("KV/Put", "k, lease of z", repair: .keys) { _, _ in put("k", lease: 6) },
    ]

  // MARK: Transactions

  static func operation(_ put: Etcdserverpb_PutRequest) -> Etcdserverpb_RequestOp {
    .with { $0.requestPut = put }
  }
  static func operation(range key: String, _ end: String = "") -> Etcdserverpb_RequestOp {
    .with {
      $0.requestRange = .with {
        $0.key = Data(key.utf8)
        $0.rangeEnd = Data(end.utf8)
      }
    }
  }
  static func operation(delete key: String, previous: Bool = false) -> Etcdserverpb_RequestOp {
    .with {
      $0.requestDeleteRange = .with {
        $0.key = Data(key.utf8)
        $0.prevKv = previous
      }
    }
  }
  static func transaction(
    if keys: [String] = [], then: [Etcdserverpb_RequestOp] = [],
    else otherwise: [Etcdserverpb_RequestOp] = []
  ) -> Etcdserverpb_TxnRequest {
    .with {
      $0.compare = keys.map { key in
        .with {
          $0.key = Data(key.utf8)
          $0.target = .version
          $0.result = .greater
          $0.version = -1
        }
      }
      $0.success = then
      $0.failure = otherwise
    }
  }
  static func nested(_ inner: Etcdserverpb_TxnRequest) -> Etcdserverpb_TxnRequest {
    transaction(then: [.with { $0.requestTxn = inner }])
  }

  private static let transactions: [AuthorizationRow] = {
    let plain: [(String, Etcdserverpb_TxnRequest)] = [
      ("if k", transaction(if: ["k"])), ("if z", transaction(if: ["z"])),
      ("then get k", transaction(then: [operation(range: "k")])),
      ("then get z", transaction(then: [operation(range: "z")])),
      ("then get [k,m)", transaction(then: [operation(range: "k", "m")])),
      ("then get [k,n)", transaction(then: [operation(range: "k", "n")])),
      ("then put k", transaction(then: [operation(put("k"))])),
      ("then put z", transaction(then: [operation(put("z"))])),
      ("then delete k", transaction(then: [operation(delete: "k")])),
      ("then delete z", transaction(then: [operation(delete: "z")])),
      ("then delete k prev_kv", transaction(then: [operation(delete: "k", previous: true)])),
      ("else get z", transaction(else: [operation(range: "z")])),
      ("else put z", transaction(else: [operation(put("z"))])),
      ("if k then put k", transaction(if: ["k"], then: [operation(put("k"))])),
    ]
    let holes: [(String, Etcdserverpb_TxnRequest)] = [
      ("then put k prev_kv", transaction(then: [operation(put("k", previous: true))])),
      ("then put k, lease of z", transaction(then: [operation(put("k", lease: 6))])),
      ("else put k prev_kv", transaction(else: [operation(put("k", previous: true))])),
    ]
    let inner =
      (plain + holes).map { ("nested " + $0.0, nested($0.1)) }
      + [("twice nested then get z", nested(nested(transaction(then: [operation(range: "z")]))))]
    func rows(
      _ list: [(String, Etcdserverpb_TxnRequest)], _ difference: String?
    ) -> [AuthorizationRow] {
      list.map { about, request in
        AuthorizationRow("KV/Txn", about, repair: .keys, difference: difference) { _, _ in request }
      }
    }
    return rows(plain, nil) + rows(holes, insidePut) + rows(inner, Self.nested)
  }()

  // MARK: Leases, locks, elections

  private static let leases: [AuthorizationRow] =
    [
      AuthorizationRow("Lease/LeaseGrant", "", difference: unguarded) { _, _ in
        Etcdserverpb_LeaseGrantRequest.with { $0.ttl = 600 }
      },
      AuthorizationRow("Lease/LeaseLeases", "", difference: unguarded) { _, _ in
        Etcdserverpb_LeaseLeasesRequest()
      },
    ]
    + [("of k", 5), ("of z", 6), ("without keys", 4)].flatMap { (about, lease) in
      [
        AuthorizationRow("Lease/LeaseRevoke", about, repair: .keys, difference: unguarded) { _, _ in
          Etcdserverpb_LeaseRevokeRequest.with { $0.id = lease }
        },
        AuthorizationRow(
          "Lease/LeaseKeepAlive", about, shape: .conversation, difference: unguarded
        ) { _, _ in
          Etcdserverpb_LeaseKeepAliveRequest.with { $0.id = lease }
        },
        AuthorizationRow("Lease/LeaseTimeToLive", about, difference: unguarded) { _, _ in
          Etcdserverpb_LeaseTimeToLiveRequest.with { $0.id = lease }
        },
        AuthorizationRow("Lease/LeaseTimeToLive", about + ", keys", difference: unguarded) { _, _ in
          Etcdserverpb_LeaseTimeToLiveRequest.with {
            $0.id = lease
            $0.keys = true
          }
        },
      ]
    }

  private static let recipes: [AuthorizationRow] =
    [("k", 7), ("z", 9), ("/p/", 8)].flatMap { (place: String, lease: Int64) in
      let seat = V3electionpb_LeaderKey.with {
        $0.name = Data((place + "seat").utf8)
        $0.key = Data((place + "seat/" + String(lease, radix: 16)).utf8)
        // Nobody's: whoever may look is told that it does not lead, and nothing changes.
        $0.rev = 1
        $0.lease = lease
      }
      return [
        AuthorizationRow("/v3lockpb.Lock/Lock", place, difference: unguarded) { _, number in
          V3lockpb_LockRequest.with {
            $0.name = Data((place + "lock\(number)").utf8)
            $0.lease = lease
          }
        },
        AuthorizationRow("/v3lockpb.Lock/Unlock", place, difference: unguarded) { _, _ in
          V3lockpb_UnlockRequest.with { $0.key = Data((place + "no lock").utf8) }
        },
        AuthorizationRow("/v3electionpb.Election/Campaign", place, difference: unguarded) {
          _, number in
          V3electionpb_CampaignRequest.with {
            $0.name = Data((place + "campaign\(number)").utf8)
            $0.lease = lease
            $0.value = Data("v".utf8)
          }
        },
        AuthorizationRow("/v3electionpb.Election/Proclaim", place, difference: unguarded) { _, _ in
          V3electionpb_ProclaimRequest.with { $0.leader = seat }
        },
        AuthorizationRow("/v3electionpb.Election/Leader", place, difference: unguarded) { _, _ in
          V3electionpb_LeaderRequest.with { $0.name = seat.name }
        },
        AuthorizationRow(
          "/v3electionpb.Election/Observe", place, shape: .stream, repair: .seats,
          difference: unguarded
        ) { _, _ in
          V3electionpb_LeaderRequest.with { $0.name = seat.name }
        },
        AuthorizationRow("/v3electionpb.Election/Resign", place, difference: unguarded) { _, _ in
          V3electionpb_ResignRequest.with { $0.leader = seat }
        },
      ]
    }

  // MARK: Cluster and maintenance

  private static let cluster: [AuthorizationRow] = [
    AuthorizationRow("KV/Compact", "", difference: unguarded + "; " + granted) { _, _ in
      Etcdserverpb_CompactionRequest.with { $0.revision = 1 }
    },
    AuthorizationRow("Cluster/MemberList", "", difference: unguarded) { _, _ in
      Etcdserverpb_MemberListRequest()
    },
    AuthorizationRow("Cluster/MemberAdd", "") { _, _ in
      // Taken already, so that none is added.
      Etcdserverpb_MemberAddRequest.with { $0.peerUrls = [AuthorizationServer.peerURL] }
    },
    AuthorizationRow("Cluster/MemberRemove", "") { _, _ in
      Etcdserverpb_MemberRemoveRequest.with { $0.id = 1 }
    },
    AuthorizationRow("Cluster/MemberUpdate", "") { _, _ in
      Etcdserverpb_MemberUpdateRequest.with {
        $0.id = 1
        $0.peerUrls = ["http://127.0.0.1:1"]
      }
    },
    AuthorizationRow("Cluster/MemberPromote", "") { _, _ in
      Etcdserverpb_MemberPromoteRequest.with { $0.id = 1 }
    },
    AuthorizationRow("Maintenance/Status", "", difference: unguarded) { _, _ in
      Etcdserverpb_StatusRequest()
    },
    AuthorizationRow("Maintenance/Alarm", "get", difference: unguarded) { _, _ in
      Etcdserverpb_AlarmRequest.with { $0.action = .get }
    },
    AuthorizationRow(
      "Maintenance/Alarm", "activate", repair: .alarms, difference: unguarded + "; " + granted
    ) { _, _ in
      Etcdserverpb_AlarmRequest.with {
        $0.action = .activate
        $0.alarm = .nospace
        $0.memberID = 1
      }
    },
    AuthorizationRow("Maintenance/Alarm", "deactivate", difference: unguarded + "; " + granted) {
      _, _ in
      Etcdserverpb_AlarmRequest.with {
        $0.action = .deactivate
        $0.alarm = .nospace
        $0.memberID = 1
      }
    },
    AuthorizationRow("Maintenance/Defragment", "", difference: granted) { _, _ in
      Etcdserverpb_DefragmentRequest()
    },
    AuthorizationRow("Maintenance/Hash", "", difference: granted) { _, _ in
      Etcdserverpb_HashRequest()
    },
    AuthorizationRow("Maintenance/HashKV", "", difference: unguarded + "; " + granted) { _, _ in
      Etcdserverpb_HashKVRequest()
    },
    AuthorizationRow("Maintenance/Snapshot", "", shape: .stream, difference: granted) { _, _ in
      Etcdserverpb_SnapshotRequest()
    },
    AuthorizationRow("Maintenance/MoveLeader", "", difference: unguarded) { _, _ in
      Etcdserverpb_MoveLeaderRequest.with { $0.targetID = 1 }
    },
    AuthorizationRow("Maintenance/Downgrade", "", difference: unguarded) { _, _ in
      Etcdserverpb_DowngradeRequest.with {
        $0.action = .validate
        $0.version = "3.5.0"
      }
    },
    AuthorizationRow("/grpc.health.v1.Health/Check", "") { _, _ in
      Grpc_Health_V1_HealthCheckRequest()
    },
    AuthorizationRow("/grpc.health.v1.Health/Watch", "", shape: .stream) { _, _ in
      Grpc_Health_V1_HealthCheckRequest()
    },
  ]

  // MARK: Users and roles: whoever is permitted is told that there is no such thing, and nothing changes

  private static let users: [AuthorizationRow] = [
    AuthorizationRow("Auth/UserAdd", "") { _, _ in
      Etcdserverpb_AuthUserAddRequest.with {
        $0.name = "root"
        $0.password = "p"
      }
    },
    AuthorizationRow("Auth/UserDelete", "") { _, _ in
      Etcdserverpb_AuthUserDeleteRequest.with { $0.name = "no such user" }
    },
    AuthorizationRow("Auth/UserChangePassword", "another's") { _, _ in
      Etcdserverpb_AuthUserChangePasswordRequest.with {
        $0.name = "no such user"
        $0.password = "p"
      }
    },
    AuthorizationRow("Auth/UserGrantRole", "") { _, _ in
      Etcdserverpb_AuthUserGrantRoleRequest.with {
        $0.user = "no such user"
        $0.role = "root"
      }
    },
    AuthorizationRow("Auth/UserRevokeRole", "") { _, _ in
      Etcdserverpb_AuthUserRevokeRoleRequest.with {
        $0.name = "no such user"
        $0.role = "root"
      }
    },
    AuthorizationRow("Auth/UserGet", "itself") { user, _ in
      Etcdserverpb_AuthUserGetRequest.with { $0.name = user }
    },
    AuthorizationRow("Auth/UserGet", "root") { _, _ in
      Etcdserverpb_AuthUserGetRequest.with { $0.name = "root" }
    },
    AuthorizationRow("Auth/UserList", "") { _, _ in Etcdserverpb_AuthUserListRequest() },
  ]

  private static let roles: [AuthorizationRow] = [
    AuthorizationRow("Auth/RoleAdd", "") { _, _ in
      Etcdserverpb_AuthRoleAddRequest.with { $0.name = "root" }
    },
    AuthorizationRow("Auth/RoleDelete", "") { _, _ in
      Etcdserverpb_AuthRoleDeleteRequest.with { $0.role = "no such role" }
    },
    AuthorizationRow("Auth/RoleGrantPermission", "") { _, _ in
      Etcdserverpb_AuthRoleGrantPermissionRequest.with {
        $0.name = "no such role"
        $0.perm.permType = .readwrite
        $0.perm.key = Data("k".utf8)
      }
    },
    AuthorizationRow("Auth/RoleRevokePermission", "") { _, _ in
      Etcdserverpb_AuthRoleRevokePermissionRequest.with {
        $0.role = "no such role"
        $0.key = Data("k".utf8)
      }
    },
    AuthorizationRow("Auth/RoleGet", "of its own") { user, _ in
      Etcdserverpb_AuthRoleGetRequest.with { $0.role = user }
    },
    AuthorizationRow("Auth/RoleGet", "root") { _, _ in
      Etcdserverpb_AuthRoleGetRequest.with { $0.role = "root" }
    },
    AuthorizationRow("Auth/RoleList", "") { _, _ in Etcdserverpb_AuthRoleListRequest() },
  ]

  private static let switches: [AuthorizationRow] = [
    AuthorizationRow(
      "Auth/AuthStatus", "", difference: "later releases of etcd answer without a login"
    ) { _, _ in
      Etcdserverpb_AuthStatusRequest()
    },
    AuthorizationRow("Auth/Authenticate", "") { _, _ in
      Etcdserverpb_AuthenticateRequest.with {
        $0.name = "reader"
        $0.password = "reader"
      }
    },
    AuthorizationRow("Auth/AuthEnable", "") { _, _ in Etcdserverpb_AuthEnableRequest() },
    AuthorizationRow("Auth/AuthDisable", "", repair: .authentication) { _, _ in
      Etcdserverpb_AuthDisableRequest()
    },
  ]
}
