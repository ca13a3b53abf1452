internal import KeelsonClient
internal import Primitives

extension Migration {
  /// Makes roles with their permissions and users with their roles as the source has them; what the destination
  /// has beyond that stays. Whether permissions count is left to whoever runs it.
  ///
  /// Without the right to see them, or where the source has none, nothing is done.
  func copyUsers() async throws {
    let (roles, users): ([String], [String])
    do throws(KeelsonError) {
      roles = try await source.roles().names
      users = try await source.users().names
    } catch {
      guard [.permissionDenied, .unauthenticated, .authenticationFailed].contains(error.code) else {
        throw error
      }
      meter.say("users and roles stay behind: the source does not show them (\(error.message))")
      return
    }
    if roles.isEmpty, users.isEmpty { return }
    let knownRoles = Set(try await destination.roles().names)
    for role in roles {
      if !knownRoles.contains(role) { try await destination.addRole(role) }
      let wanted = try await source.role(role).permissions
      let present = try await destination.role(role).permissions
      for permission in wanted where !present.contains(permission) {
        try await destination.grant(permission, to: role)
      }
    }
    let knownUsers = Set(try await destination.users().names)
    var added: [String] = []
    for user in users {
      if !knownUsers.contains(user) {
        try await destination.addUser(user, password: Self.unknownPassword())
        added.append(user)
      }
      let present = Set(try await destination.user(user).roles)
      for role in try await source.user(user).roles where !present.contains(role) {
        try await destination.grantRole(role, to: user)
      }
    }
    if added.isEmpty { return }
    meter.say(
      "made \(added.count) users, whose passwords nobody knows: set each with 'keelsonctl user passwd', "
        + "then switch permissions on with 'keelsonctl auth enable'")
  }

  /// 128 random bits: until somebody sets a password, nobody can log in as the user with one.
  private static func unknownPassword() -> String {
    var generator = SystemRandomNumberGenerator()
    return hexadecimal(generator.next()) + hexadecimal(generator.next())
  }
}
