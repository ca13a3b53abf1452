/// Puts arguments as etcdctl takes them into the order and spelling that the argument parser takes.
///
/// Flags that all commands have may stand anywhere, also before the command; switches may have a value
/// (`--hex=false`); one-letter flags may have theirs attached (`-wjson`), and several switches may be joined
/// (`-Aw`). What stands behind `--` is left alone, and so is every flag that is not known: the parser reports it.
enum ArgumentNormalizer {
  static func normalized(_ arguments: [String]) throws(Failure) -> [String] {
    var own: [String] = []
    var globals: [String] = []
    var arguments = arguments
    var position = 0
    while position < arguments.count {
      let argument = arguments[position]
      position += 1
      if argument == "--", position == arguments.count, own.first == "watch" {
        // The parser does not tell this from no separator at all.
        throw .badArguments("bad number of arguments (found separator --, but no commands)")
      }
      if argument == "--" { return own + globals + arguments[(position - 1)...] }
      // The command is the first word: what stands in front of it are flags of all commands.
      guard var flag = Flag(argument, behind: own.first) else {
        own.append(argument)
        continue
      }
      if let letters = flag.joined, FlagTable.isSwitch(flag.name) {
        arguments.insert("-" + letters, at: position)
        flag.value = nil
      }
      if FlagTable.globalSwitches.contains(flag.name) {
        let isOn = try flag.truth()
        globals.append((isOn ? "--" : "--no-") + flag.name)
      } else if FlagTable.invertedSwitches.contains(flag.name) {
        own.append((try flag.truth() ? "--" : "--no-") + flag.name)
      } else if flag.name == "interactive", own.first == "user" {
        // Off by default with other commands, and on with this one's.
        own.append(try flag.truth() ? "--interactive" : "--no-interactive")
      } else if FlagTable.switches.contains(flag.name), !isOption(flag, of: own.first) {
        if try flag.truth() { own.append("--" + flag.name) }
      } else if FlagTable.globalOptions.contains(flag.name) || FlagTable.options.contains(flag.name)
        || isOption(flag, of: own.first)
      {
        guard let value = flag.value ?? (position < arguments.count ? arguments[position] : nil)
        else { throw Failure(.error, "flag needs an argument: \(flag.spelling)") }
        if flag.value == nil { position += 1 }
        let joined = "--\(flag.name)=\(value)"
        if FlagTable.globalOptions.contains(flag.name) {
          globals.append(joined)
        } else {
          own.append(joined)
        }
      } else {
        own.append(argument)
      }
    }
    return own + globals
  }

  private static func isOption(_ flag: Flag, of command: String?) -> Bool {
    command.flatMap { FlagTable.optionsOfCommands[$0] }?.contains(flag.name) ?? false
  }

  /// One flag as it was written.
  private struct Flag {
    /// The long name.
    var name: String
    /// What stands behind `=`, or is attached to a one-letter name.
    var value: String?
    /// How messages name it.
    var spelling: String
    /// What stands behind a letter without `=`: its value, or more letters if it takes none.
    var joined: String?

    init?(_ argument: String, behind command: String?) {
      if argument.hasPrefix("--") {
        let parts = argument.dropFirst(2).split(
          separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        value = parts.count > 1 ? String(parts[1]) : nil
        spelling = "--" + name
      } else if argument.hasPrefix("-"), argument.count > 1 {
        let letter = argument[argument.index(after: argument.startIndex)]
        guard let long = FlagTable.longName(letter, behind: command) else { return nil }
        let rest = argument.dropFirst(2)
        name = long
        value = rest.isEmpty ? nil : String(rest.hasPrefix("=") ? rest.dropFirst() : rest)
        joined = rest.isEmpty || rest.hasPrefix("=") ? nil : String(rest)
        spelling = "'\(letter)' in -\(letter)"
      } else {
        return nil
      }
    }

    func truth() throws(Failure) -> Bool {
      guard let value else { return true }
      guard let truth = GoSyntax.boolean(value) else {
        throw Failure(
          .error,
          "invalid argument \"\(value)\" for \"--\(name)\" flag: "
            + "strconv.ParseBool: parsing \"\(value)\": invalid syntax")
      }
      return truth
    }
  }
}
