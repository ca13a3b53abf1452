internal import EtcdProtocol
internal import FoundationEssentials
internal import KeelsonClient
internal import Primitives

/// Answers about users and roles, for people.
enum AuthText {
  static func lines(_ answer: Answer) -> [String] {
    switch answer {
    case .authChange(_, let text): [text]
    case .authStatus(let status):
      ["Authentication Status: \(status.enabled)", "AuthRevision: \(status.authRevision)"]
    case .user(let user, name: let name):
      ["User: \(name)", "Roles:" + user.roles.map { " " + $0 }.joined()]
    case .users(let users): users.users
    case .roles(let roles): roles.roles
    case .role(let role, name: let name):
      ["Role \(name)", "KV Read:"]
        + role.perm.filter { $0.permType != .write }.map(range) + ["KV Write:"]
        + role.perm.filter { $0.permType != .read }.map(range)
    default: []
    }
  }

  private static func range(_ permission: Authpb_Permission) -> String {
    let key = String(decoding: permission.key, as: UTF8.self)
    if permission.rangeEnd.isEmpty { return "\t\(key)" }
    var text =
      permission.rangeEnd == Data([0])
      ? "\t[\(key), <open ended>"
      : "\t[\(key), \(String(decoding: permission.rangeEnd, as: UTF8.self)))"
    if !key.isEmpty,
      KeySelection.prefix(Bytes(permission.key)).rangeEnd == Bytes(permission.rangeEnd)
    {
      text += " (prefix \(key))"
    }
    return text
  }

  /// What a permission is called in etcd's messages.
  static func name(_ kind: Authpb_Permission.TypeEnum) -> String {
    switch kind {
    case .read: "READ"
    case .write: "WRITE"
    case .readwrite: "READWRITE"
    case .UNRECOGNIZED(let number): String(number)
    }
  }
}

extension JSONPrinter {
  /// Answers about users and roles.
  static func authText(_ answer: Answer) -> String {
    var json = JSONObject()
    switch answer {
    case .authChange(let change, _): json.raw("header", object(change.header).text)
    case .authStatus(let status):
      json.raw("header", object(status.header).text)
      json.flag("enabled", status.enabled)
      json.number("authRevision", status.authRevision)
    case .user(let user, name: _):
      json.raw("header", object(user.header).text)
      json.list("roles", user.roles.map(JSONObject.quoted))
    case .users(let users):
      json.raw("header", object(users.header).text)
      json.list("users", users.users.map(JSONObject.quoted))
    case .role(let role, name: _):
      json.raw("header", object(role.header).text)
      json.list(
        "perm",
        role.perm.map { permission in
          var one = JSONObject()
          one.number("permType", permission.permType.rawValue)
          one.bytes("key", permission.key)
          one.bytes("range_end", permission.rangeEnd)
          return one.text
        })
    case .roles(let roles):
      json.raw("header", object(roles.header).text)
      json.list("roles", roles.roles.map(JSONObject.quoted))
    default: break
    }
    return json.text
  }
}
