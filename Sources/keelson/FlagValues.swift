internal import Primitives

/// Why the command line was refused, for a person.
struct FlagError: Error, CustomStringConvertible {
  let description: String
}

/// What the command line and the environment say: the last flag wins over earlier ones, any flag over the
/// environment, and `KEELSON_*` over `ETCD_*`. Where they name a configuration file, it alone counts, as with etcd.
struct FlagValues: Sendable {
  private var given: [String: String] = [:]
  /// Whether `--help` was asked for.
  private(set) var wantsHelp = false
  /// Whether `--version` was asked for.
  private(set) var wantsVersion = false
  /// Variables that look like a flag's and are none's, in order: perhaps misspelt.
  private(set) var unknownVariables: [String] = []
  /// Flags that were given, here or in the environment, and do not count, because a configuration file does.
  private(set) var overruledFlags: [String] = []
  private var fileNotices: [(flag: String, reason: String)] = []

  /// Reads a command line, without the program's name.
  init(_ arguments: [String], environment: [String: String]) throws(FlagError) {
    for flag in FlagDefinition.all {
      if let value = flag.variables.lazy.compactMap({ environment[$0] }).first, !value.isEmpty {
        given[flag.name] = value
      }
    }
    let known = Set(FlagDefinition.all.flatMap(\.variables))
    unknownVariables = environment.keys.sorted().filter { name in
      (name.hasPrefix("ETCD_") || name.hasPrefix("KEELSON_")) && !known.contains(name)
    }
    var rest = arguments[...]
    while let argument = rest.popFirst() { try read(argument, &rest) }
    if let path = given["config-file"], !path.isEmpty, !wantsHelp, !wantsVersion {
      let file = try ConfigurationFile(path: path)
      overruledFlags = given.keys.filter { $0 != "config-file" }.sorted()
      given = ["config-file": path]
      for (flag, value) in file.values { given[flag] = value }
      fileNotices = file.notices
    }
    for flag in FlagDefinition.all {
      if let value = given[flag.name] { try Self.check(value, of: flag) }
    }
  }

  private mutating func read(
    _ argument: String, _ rest: inout ArraySlice<String>
  ) throws(FlagError) {
    guard argument.hasPrefix("-"), argument != "-", argument != "--" else {
      throw FlagError(description: "unexpected argument \"\(argument)\": flags begin with --")
    }
    let body = argument.drop { $0 == "-" }
    let parts = body.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    var name = String(parts[0])
    if name == "help" || name == "h" {
      wantsHelp = true
      return
    }
    if name == "version" {
      wantsVersion = true
      return
    }
    guard let flag = FlagDefinition.named(name) else {
      let nearest = Self.nearest(to: name, among: FlagDefinition.all.map(\.name))
      throw FlagError(description: "unknown flag --\(name); did you mean --\(nearest)?")
    }
    name = flag.name
    if parts.count == 2 {
      given[name] = String(parts[1])
    } else if case .boolean = flag.kind {
      given[name] = "true"
    } else if let value = rest.popFirst() {
      given[name] = value
    } else {
      throw FlagError(description: "flag --\(name) needs a value")
    }
  }

  /// Refuses a value that the flag does not take.
  static func check(_ value: String, of flag: FlagDefinition) throws(FlagError) {
    let isValid: Bool
    switch flag.kind {
    case .text, .list: isValid = true
    // Only the quota has a meaning below zero.
    case .number:
      isValid = Int64(value).map { $0 >= 0 || flag.name == "quota-backend-bytes" } ?? false
    case .boolean: isValid = boolean(value) != nil
    case .duration: isValid = GoDuration.nanoseconds(value) != nil
    }
    if !isValid {
      throw FlagError(
        description: "invalid value \"\(value)\" for --\(flag.name): \(expectation(flag.kind))")
    }
    if case .refused(let reason) = flag.effect, !isDefault(value, of: flag) {
      throw FlagError(description: "--\(flag.name) is not supported: \(reason)")
    }
  }

  private static func isDefault(_ value: String, of flag: FlagDefinition) -> Bool {
    if case .boolean = flag.kind { return boolean(value) == boolean(flag.fallback) }
    return value == flag.fallback
  }

  private static func expectation(_ kind: FlagDefinition.Kind) -> String {
    switch kind {
    case .text, .list: "any text"
    case .number: "a number is expected, whole and not negative"
    case .boolean: "true or false is expected"
    case .duration: "a duration such as 300ms, 5s or 1h30m is expected"
    }
  }

  /// Whichever of some names takes the fewest changes to become `name`.
  static func nearest(to name: String, among names: [String]) -> String {
    names.min { EditDistance.between($0, name) < EditDistance.between($1, name) } ?? "help"
  }

  private static func boolean(_ value: String) -> Bool? {
    switch value.lowercased() {
    case "true", "1", "t": true
    case "false", "0", "f": false
    default: nil
    }
  }

  /// Whether a flag was given, in the environment or on the command line.
  func isGiven(_ name: String) -> Bool { given[name] != nil }

  /// A flag's value, or its default.
  func text(_ name: String) -> String {
    if let value = given[name] { return value }
    guard let flag = FlagDefinition.all.first(where: { $0.name == name }) else {
      fatalError("no flag --\(name) is defined")
    }
    return flag.fallback
  }

  /// A flag's value as a list, without spaces around its items and without empty ones.
  func list(_ name: String) -> [String] {
    text(name).split(separator: ",").compactMap { item in
      let begun = item.drop { $0 == " " }
      let end = begun.lastIndex { $0 != " " }
      return end.map { String(begun[...$0]) }
    }
  }

  /// A flag's value as a whole number.
  func number(_ name: String) -> Int64 { Int64(text(name)) ?? 0 }

  /// A flag's value as a truth value.
  func flag(_ name: String) -> Bool { Self.boolean(text(name)) ?? false }

  /// A flag's value as a time.
  func nanoseconds(_ name: String) -> Int64 { GoDuration.nanoseconds(text(name)) ?? 0 }

  /// What the log should say of flags that were given and change nothing.
  var notices: [(flag: String, reason: String)] {
    fileNotices
      + FlagDefinition.all.compactMap { flag in
        guard case .noted(let reason) = flag.effect, let value = given[flag.name],
          !Self.isDefault(value, of: flag)
        else { return nil }
        return ("--\(flag.name)", reason)
      }
  }
}
