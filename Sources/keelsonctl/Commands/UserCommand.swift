internal import ArgumentParser
internal import KeelsonClient

/// `keelsonctl user`
struct UserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "user",
    abstract: "Adds, changes and shows users.",
    discussion: """
      Example:
        keelsonctl user add ann
        keelsonctl user grant-role ann reader
      """,
    subcommands: [
      UserAdd.self, UserDelete.self, UserGet.self, UserList.self, UserPassword.self,
      UserGrantRole.self, UserRevokeRole.self,
    ])
}

/// `keelsonctl user add`
struct UserAdd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Adds a user.",
    usage: "keelsonctl user add <user>[:<password>] [options]",
    discussion: """
      Example:
        keelsonctl user add ann
      """)

  @Flag(
    inversion: .prefixedNo, help: "Ask for the password; without, read it from standard input.")
  var interactive = true

  @Flag(help: "Add a user who is known by certificate alone.")
  var noPassword = false

  @Option(parsing: .unconditional, help: ArgumentHelp("The password.", valueName: "password"))
  var newUserPassword: String?

  @Argument(help: ArgumentHelp("The user.", valueName: "user>[:<password>]"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments(
        "user add command requires user name as its argument")
    }
    let session = try Session(global)
    let (name, password) = try nameAndPassword(words[0])
    let answer = try await session.client.addUser(name, password: password)
    try session.print(.authChange(answer.message, "User \(name) created"))
  }

  /// A password on the command line can be seen by others on the machine; the prompt cannot.
  private func nameAndPassword(_ word: String) throws(Failure) -> (String, String?) {
    if noPassword { return (word, nil) }
    if let newUserPassword, !newUserPassword.isEmpty { return (word, newUserPassword) }
    guard let colon = word.firstIndex(of: ":") else {
      return (word, try PasswordPrompt.newPassword(for: word, interactive: interactive))
    }
    let name = String(word[..<colon])
    if name.isEmpty { throw .badArguments("empty user name is not allowed") }
    return (name, String(word[word.index(after: colon)...]))
  }
}

/// `keelsonctl user delete`
struct UserDelete: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Deletes a user.",
    usage: "keelsonctl user delete <user>",
    discussion: """
      Example:
        keelsonctl user delete ann
      """)

  @Argument(help: ArgumentHelp("The user.", valueName: "user"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments(
        "user delete command requires user name as its argument")
    }
    let session = try Session(global)
    let answer = try await session.client.deleteUser(words[0])
    try session.print(.authChange(answer.message, "User \(words[0]) deleted"))
  }
}

/// `keelsonctl user get`
struct UserGet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Shows the roles of a user.",
    usage: "keelsonctl user get <user> [options]",
    discussion: """
      Example:
        keelsonctl user get ann --detail
      """)

  @Flag(help: "Show what the roles allow.")
  var detail = false

  @Argument(help: ArgumentHelp("The user.", valueName: "user"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments(
        "user get command requires user name as its argument")
    }
    let session = try Session(global, fields: false)
    let user = try await session.client.user(words[0])
    guard detail else { return try session.print(.user(user.message, name: words[0])) }
    Output.write("User: \(words[0])\n")
    for role in user.roles {
      Output.write("\n")
      try session.print(.role(try await session.client.role(role).message, name: role))
    }
  }
}

/// `keelsonctl user list`
struct UserList: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the users.",
    usage: "keelsonctl user list",
    discussion: """
      Example:
        keelsonctl user list
      """)

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments(
        "user list command requires no arguments")
    }
    let session = try Session(global, fields: false)
    try session.print(.users(try await session.client.users().message))
  }
}

/// `keelsonctl user passwd`
struct UserPassword: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passwd",
    abstract: "Gives a user another password.",
    usage: "keelsonctl user passwd <user> [options]",
    discussion: """
      Example:
        keelsonctl user passwd ann
      """)

  @Flag(
    inversion: .prefixedNo, help: "Ask for the password; without, read it from standard input.")
  var interactive = true

  @Argument(help: ArgumentHelp("The user.", valueName: "user"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else {
      throw Failure.badArguments(
        "user passwd command requires user name as its argument")
    }
    let session = try Session(global)
    let password = try PasswordPrompt.newPassword(for: words[0], interactive: interactive)
    let answer = try await session.client.changePassword(of: words[0], to: password)
    try session.print(.authChange(answer.message, "Password updated"))
  }
}

/// `keelsonctl user grant-role`
struct UserGrantRole: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant-role",
    abstract: "Gives a user a role.",
    usage: "keelsonctl user grant-role <user> <role>",
    discussion: """
      Example:
        keelsonctl user grant-role ann reader
      """)

  @Argument(help: ArgumentHelp("The user and the role.", valueName: "user> <role"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 2 else {
      throw Failure.badArguments(
        "user grant command requires user name and role name as its argument")
    }
    let session = try Session(global)
    let answer = try await session.client.grantRole(words[1], to: words[0])
    try session.print(
      .authChange(answer.message, "Role \(words[1]) is granted to user \(words[0])"))
  }
}

/// `keelsonctl user revoke-role`
struct UserRevokeRole: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke-role",
    abstract: "Takes a role from a user.",
    usage: "keelsonctl user revoke-role <user> <role>",
    discussion: """
      Example:
        keelsonctl user revoke-role ann reader
      """)

  @Argument(help: ArgumentHelp("The user and the role.", valueName: "user> <role"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 2 else {
      throw Failure.badArguments(
        "user revoke-role requires user name and role name as its argument")
    }
    let session = try Session(global)
    let answer = try await session.client.revokeRole(words[1], from: words[0])
    try session.print(
      .authChange(answer.message, "Role \(words[1]) is revoked from user \(words[0])"))
  }
}
