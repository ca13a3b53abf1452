internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl role`
struct RoleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "role",
    abstract: "Adds, changes and shows roles.",
    discussion: """
      Example:
        keelsonctl role add reader
        keelsonctl role grant-permission reader read /config/ --prefix
      """,
    subcommands: [
      RoleAdd.self, RoleDelete.self, RoleGet.self, RoleList.self, RoleGrantPermission.self,
      RoleRevokePermission.self,
    ])
}

/// `keelsonctl role add`
struct RoleAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Adds a role that allows nothing yet.",
    usage: "keelsonctl role add <role>",
    discussion: """
      Example:
        keelsonctl role add reader
      """)

  @Argument(help: ArgumentHelp("The role.", valueName: "role"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments(
        "role add command requires role name as its argument")
    }
    let session = try Session(global)
    let answer = try await session.client.addRole(words[0])
    try session.print(.authChange(answer.message, "Role \(words[0]) created"))
  }
}

/// `keelsonctl role delete`
struct RoleDelete: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Deletes a role, and takes it from all users.",
    usage: "keelsonctl role delete <role>",
    discussion: """
      Example:
        keelsonctl role delete reader
      """)

  @Argument(help: ArgumentHelp("The role.", valueName: "role"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments(
        "role delete command requires role name as its argument")
    }
    let session = try Session(global)
    let answer = try await session.client.deleteRole(words[0])
    try session.print(.authChange(answer.message, "Role \(words[0]) deleted"))
  }
}

/// `keelsonctl role get`
struct RoleGet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Shows what a role allows.",
    usage: "keelsonctl role get <role>",
    discussion: """
      Example:
        keelsonctl role get reader
      """)

  @Argument(help: ArgumentHelp("The role.", valueName: "role"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments(
        "role get command requires role name as its argument")
    }
    let session = try Session(global)
    try session.print(.role(try await session.client.role(words[0]).message, name: words[0]))
  }
}

/// `keelsonctl role list`
struct RoleList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the roles.",
    usage: "keelsonctl role list",
    discussion: """
      Example:
        keelsonctl role list
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments(
        "role list command requires no arguments")
    }
    let session = try Session(global)
    try session.print(.roles(try await session.client.roles().message))
  }
}

/// `keelsonctl role grant-permission`
struct RoleGrantPermission: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant-permission",
    abstract: "Allows a role to read or write keys.",
    usage:
      "keelsonctl role grant-permission [options] <role> <read|write|readwrite> <key> [endkey]",
    discussion: """
      The keys keelson.dev/maintenance/alarm, compact, defragment, hash and snapshot stand for what they are
      called, which root can allow other roles.

      Example:
        keelsonctl role grant-permission reader read /config/ --prefix
        keelsonctl role grant-permission operator write keelson.dev/maintenance/compact
      """)

  @OptionGroup var range: PermissionRange

  @Argument(
    help: ArgumentHelp(
      "The role, what is allowed, and the keys.",
      valueName: "role> <read|write|readwrite> <key> [<endkey]"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count >= 3 else {
      throw Failure.badArguments(
        "role grant command requires role name, permission type, and key [endkey] as its argument")
    }
    let kind: Permission.Kind
    switch words[1].lowercased() {
    case "read": kind = .read
    case "write": kind = .write
    case "readwrite": kind = .readWrite
    default: throw Failure.badArguments("invalid permission type: \(words[1])")
    }
    let keys = try range.selection(words.dropFirst(2))
    let session = try Session(global)
    let answer = try await session.client.grant(Permission(kind, keys), to: words[0])
    try session.print(.authChange(answer.message, "Role \(words[0]) updated"))
  }
}

/// `keelsonctl role revoke-permission`
struct RoleRevokePermission: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke-permission",
    abstract: "Takes back what a role is allowed with some keys.",
    usage: "keelsonctl role revoke-permission [options] <role> <key> [endkey]",
    discussion: """
      Example:
        keelsonctl role revoke-permission reader /config/ --prefix
      """)

  @OptionGroup var range: PermissionRange

  @Argument(help: ArgumentHelp("The role and the keys.", valueName: "role> <key> [<endkey]"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count >= 2 else {
      throw Failure.badArguments(
        "role revoke-permission command requires role name and key [endkey] as its argument")
    }
    let keys = try range.selection(words.dropFirst())
    let session = try Session(global)
    let answer = try await session.client.revokePermission(on: keys, from: words[0])
    let key = String(decoding: keys.key, as: UTF8.self)
    let text =
      switch keys.rangeEnd {
      case []: "key \(key)"
      case [0]: "range [\(key), <open ended>"
      default: "range [\(key), \(String(decoding: keys.rangeEnd, as: UTF8.self)))"
      }
    try session.print(
      .authChange(answer.message, "Permission of \(text) is revoked from role \(words[0])"))
  }
}

/// The keys of a permission: etcdctl's own rules, which differ from those of get and del.
struct PermissionRange: ParsableArguments {
  @Flag(help: "All keys that begin with the key.")
  var prefix = false

  @Flag(help: "All keys from the key on.")
  var fromKey = false

  func selection(_ words: ArraySlice<String>) throws(Failure) -> KeySelection {
    let words = words.map(ArgumentText.bytes)
    if prefix, fromKey {
      throw .badArguments("--from-key and --prefix flags are mutually exclusive")
    }
    if words[0].isEmpty {
      // There is no key before this one.
      return prefix || fromKey ? .all : KeySelection(key: [0], rangeEnd: [])
    }
    guard words.count > 1 else {
      return prefix ? .prefix(words[0]) : fromKey ? .from(words[0]) : .key(words[0])
    }
    if prefix { throw .badArguments("unexpected endkey argument with --prefix flag") }
    if fromKey { throw .badArguments("unexpected endkey argument with --from-key flag") }
    return KeySelection(key: words[0], rangeEnd: words[1])
  }
}
