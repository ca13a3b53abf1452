public import Access
public import Engine
internal import Primitives

/// Where users and roles lie in the engine's meta table: each under its name, as etcd's messages `authpb.User` and
/// `authpb.Role`, so that a change writes what it touches and snapshots copy bytes.
public enum AccessTable {
  /// A version byte, whether authentication is on, and the auth revision as a varint.
  static let stateKey = Bytes("access/state".utf8)
  static let userPrefix = Bytes("access/user/".utf8)
  static let rolePrefix = Bytes("access/role/".utf8)
  private static let codecVersion: UInt8 = 1

  /// Adds all of a state: what a restored member's engine must hold before its first start.
  public static func bootstrap(_ state: AccessState, into batch: inout EngineBatch) {
    putState(state, into: &batch)
    for name in state.userNames { put(user: name, state, into: &batch) }
    for name in state.roleNames { put(role: name, state, into: &batch) }
  }

  /// Adds what a change has touched.
  static func put(_ outcome: AccessOutcome, of state: AccessState, into batch: inout EngineBatch) {
    if outcome.hasNewRevision { putState(state, into: &batch) }
    for name in outcome.users { put(user: name, state, into: &batch) }
    for name in outcome.roles { put(role: name, state, into: &batch) }
  }

  private static func putState(_ state: AccessState, into batch: inout EngineBatch) {
    var writer = ByteWriter(capacity: 12)
    writer.append(codecVersion)
    writer.append(state.isEnabled ? 1 as UInt8 : 0)
    writer.appendVarint(state.revision.rawValue)
    batch.put(.meta, key: stateKey, value: writer.bytes)
  }

  private static func put(
    user name: AccessName, _ state: AccessState, into batch: inout EngineBatch
  ) {
    let key = userPrefix + name.bytes
    if let user = state.user(name) {
      batch.put(.meta, key: key, value: AccessCodec.encode(user))
    } else {
      batch.delete(.meta, key: key)
    }
  }

  private static func put(
    role name: AccessName, _ state: AccessState, into batch: inout EngineBatch
  ) {
    let key = rolePrefix + name.bytes
    if let role = state.role(name) {
      batch.put(.meta, key: key, value: AccessCodec.encode(role))
    } else {
      batch.delete(.meta, key: key)
    }
  }

  /// Reads an engine's users and roles; those of a new store where it holds none.
  public static func load(_ engine: any Engine) throws(ReplicaError) -> AccessState {
    try load(
      value: { (key) throws(EngineError) in try engine.value(.meta, key) },
      scan: { (from, to, body) throws(EngineError) in
        try engine.scan(.meta, from: from, to: to, body)
      })
  }

  /// Reads a pinned engine's users and roles.
  public static func load(_ engine: any EngineSnapshot) throws(ReplicaError) -> AccessState {
    try load(
      value: { (key) throws(EngineError) in try engine.value(.meta, key) },
      scan: { (from, to, body) throws(EngineError) in
        try engine.scan(.meta, from: from, to: to, body)
      })
  }

  private static func load(
    value: (Bytes) throws(EngineError) -> Bytes?,
    scan: (Bytes, Bytes?, (Bytes, Bytes) -> Bool) throws(EngineError) -> Void
  ) throws(ReplicaError) -> AccessState {
    var (users, roles): ([Bytes], [Bytes]) = ([], [])
    var state: Bytes?
    do throws(EngineError) {
      state = try value(stateKey)
      let userRange = KeyRange.prefix(userPrefix)
      try scan(userRange.key, userRange.upperBound) { _, encoded in
        users.append(encoded)
        return true
      }
      let roleRange = KeyRange.prefix(rolePrefix)
      try scan(roleRange.key, roleRange.upperBound) { _, encoded in
        roles.append(encoded)
        return true
      }
    } catch {
      throw .engine("\(error)")
    }
    guard let state else { return AccessState() }
    do throws(DecodingError) {
      var reader = ByteReader(state)
      guard try reader.readByte() == codecVersion else { throw .malformed }
      let isEnabled = try reader.readFlags(allowed: 1) != 0
      let revision = AuthRevision(try reader.readVarint())
      var state: (users: [User], roles: [Role]) = ([], [])
      for encoded in users { state.users.append(try AccessCodec.user(encoded)) }
      for encoded in roles { state.roles.append(try AccessCodec.role(encoded)) }
      return AccessState(
        isEnabled: isEnabled, revision: revision, users: state.users, roles: state.roles)
    } catch {
      throw .unreadableAccessState
    }
  }
}
