import ArgumentParser
import KeelsonClient
import Primitives
import Testing

@testable import keelsonctl

@Suite("arguments")
struct ArgumentTests {
  @Test(
    "flags of all commands may stand anywhere, in every spelling",
    arguments: [
      (["--endpoints", "h:1", "put", "a", "b"], ["put", "a", "b", "--endpoints=h:1"]),
      (["put", "a", "b", "--endpoints=h:1"], ["put", "a", "b", "--endpoints=h:1"]),
      (["-w", "json", "get", "a"], ["get", "a", "--write-out=json"]),
      (["get", "-wjson", "a"], ["get", "a", "--write-out=json"]),
      (["get", "-w=json", "a"], ["get", "a", "--write-out=json"]),
      (["--hex", "get", "a"], ["get", "a", "--hex"]),
      (["--hex=false", "get", "a"], ["get", "a", "--no-hex"]),
      (["get", "a", "--prefix=true", "--keys-only=false"], ["get", "a", "--prefix"]),
      (["get", "--rev", "-1", "a"], ["get", "--rev=-1", "a"]),
      (["put", "--", "-w", "json"], ["put", "--", "-w", "json"]),
      (
        ["-w", "json", "put", "k", "--", "--hex"], ["put", "k", "--write-out=json", "--", "--hex"]
      ),
      (["watch", "a", "--", "echo", "-w"], ["watch", "a", "--", "echo", "-w"]),
      (["kube", "get", "pods", "-w"], ["kube", "get", "pods", "--watch"]),
      (
        ["-w", "json", "kube", "get", "-Aw"],
        ["kube", "get", "--all-namespaces", "--watch", "--write-out=json"]
      ),
      (
        ["kube", "get", "-lapp=web", "-w=false", "-Lx"],
        ["kube", "get", "--selector=app=web", "--label-columns=x"]
      ),
      (
        ["kube", "get", "-wA", "-owide"],
        ["kube", "get", "--watch", "--all-namespaces", "--output=wide"]
      ),
      (["put", "", "-"], ["put", "", "-"]),
      (["get", "a", "--nosuch=1"], ["get", "a", "--nosuch=1"]),
    ])
  func normalization(given: [String], expected: [String]) throws {
    #expect(try ArgumentNormalizer.normalized(given) == expected)
  }

  @Test(
    "flags of all commands are left out where no command is named that runs",
    arguments: [
      (["--endpoints", "a:1", "lease"], ["lease"]),
      (["--endpoints", "a:1", "lease", "nosuch"], ["lease", "nosuch"]),
      (["-w", "json", "nosuch", "--hex=false"], ["nosuch"]),
      (["--debug"], []),
      (["lease", "list", "--debug"], ["lease", "list", "--debug"]),
      (["put", "lease", "x", "--endpoints=a:1"], ["put", "lease", "x", "--endpoints=a:1"]),
      (["lease", "--nosuch"], ["lease", "--nosuch"]),
    ])
  func groups(given: [String], expected: [String]) throws {
    #expect(CommandTree.parsable(try ArgumentNormalizer.normalized(given)) == expected)
  }

  @Test("a watch with a separator and no command behind it is refused, as by etcdctl")
  func emptyCommand() {
    let failure = Failure.badArguments(
      "bad number of arguments (found separator --, but no commands)")
    #expect(throws: failure) { try ArgumentNormalizer.normalized(["watch", "a", "--"]) }
  }

  @Test("a flag without its value, and a switch with a wrong one, are told in one line")
  func wrongFlags() {
    #expect(throws: Failure(.error, "flag needs an argument: --rev")) {
      try ArgumentNormalizer.normalized(["get", "a", "--rev"])
    }
    #expect(throws: Failure(.error, "flag needs an argument: 'w' in -w")) {
      try ArgumentNormalizer.normalized(["get", "a", "-w"])
    }
    #expect(
      throws: Failure(
        .error,
        "invalid argument \"maybe\" for \"--prefix\" flag: strconv.ParseBool: parsing \"maybe\": "
          + "invalid syntax")
    ) {
      try ArgumentNormalizer.normalized(["get", "a", "--prefix=maybe"])
    }
  }

  @Test(
    "what the parser refuses is told in etcdctl's words",
    arguments: [
      (["put", "a", "b", "--nosuch"], ["unknown flag: --nosuch"]),
      (["put", "a", "b", "--nosuch=1"], ["unknown flag: --nosuch"]),
      (["get", "-x", "a"], ["unknown shorthand flag: 'x' in -x"]),
      (
        ["nosuch"],
        ["unknown command \"nosuch\" for \"keelsonctl\"", "Run 'keelsonctl --help' for usage."]
      ),
      (
        ["nosuch", "a", "b"],
        ["unknown command \"nosuch\" for \"keelsonctl\"", "Run 'keelsonctl --help' for usage."]
      ),
      (
        ["lease", "nosuch"],
        [
          "unknown command \"nosuch\" for \"keelsonctl lease\"",
          "Run 'keelsonctl lease --help' for usage.",
        ]
      ),
      (
        ["get", "a", "--rev", "x"],
        [
          "invalid argument \"x\" for \"--rev\" flag: strconv.ParseInt: parsing \"x\": "
            + "invalid syntax"
        ]
      ),
    ])
  func parseErrors(arguments: [String], lines: [String]) throws {
    let normalized = try ArgumentNormalizer.normalized(arguments)
    do {
      _ = try Keelsonctl.parseAsRoot(normalized)
      Issue.record("the arguments were accepted")
    } catch {
      #expect(
        ParseFailure.lines(for: Keelsonctl.message(for: error), arguments: normalized) == lines)
    }
  }

  @Test("the table of flags knows every flag of every command, and whether it takes a value")
  func flagTable() {
    let switches = FlagTable.switches.union(FlagTable.globalSwitches)
      .union(FlagTable.invertedSwitches)
    let options = FlagTable.options.union(FlagTable.globalOptions)
    // Only the root command has it.
    var seen: Set<String> = ["version"]
    for command in leaves(of: Keelsonctl.self) {
      for line in command.helpMessage(includeHidden: true, columns: 500).split(separator: "\n") {
        guard let start = line.firstRange(of: "--"), line.drop(while: { $0 == " " }).first == "-"
        else { continue }
        let name = line[start.upperBound...].prefix { $0.isLetter || $0 == "-" || $0.isNumber }
        let takesValue = line[start.upperBound...].dropFirst(name.count).hasPrefix(" <")
        seen.insert(String(name))
        let words = command.configuration.usage?.split(separator: " ").map(String.init) ?? []
        let own = words.count > 1 ? FlagTable.optionsOfCommands[words[1]] ?? [] : []
        if own.contains(String(name)) {
          #expect(takesValue, "\(command): --\(name)")
          continue
        }
        #expect((takesValue ? options : switches).contains(String(name)), "\(command): --\(name)")
      }
    }
    #expect(seen.isSuperset(of: switches.union(options)))
  }

  private func leaves(of command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    let inner = command.configuration.subcommands
    return inner.isEmpty ? [command] : inner.flatMap(leaves)
  }

  @Test("each command has a help page with an example")
  func help() {
    for command in leaves(of: Keelsonctl.self) {
      #expect(command.helpMessage(columns: 100).contains("Example:"), "\(command)")
    }
  }

  @Test("the command line of a watch keeps what is to be run")
  func watchCommand() throws {
    let words = try ArgumentNormalizer.normalized(
      ["watch", "--rev", "3", "a", "b", "--", "sh", "-c", "echo --hex"])
    let watch = try #require(try Keelsonctl.parseAsRoot(words) as? keelsonctl.Watch)
    #expect(watch.arguments.command == ["sh", "-c", "echo --hex"])
    #expect(try watch.arguments.request().startRevision.rawValue == 3)
  }

  @Test("arguments that are not UTF-8, or look like escapes, keep their bytes")
  func anyBytes() {
    var random = SeededGenerator(seed: 7)
    let fixed: [[UInt8]] = [
      [], [0xff], [0x80, 0x41], Array("\u{10FF80}\u{10FFFF}é".utf8), [0xf4, 0x8f, 0xbe],
      [0xc3], [0xed, 0xa0, 0x80],
    ]
    let made = (0..<500).map { _ in
      (0..<Int.random(in: 0...12, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
    }
    for bytes in fixed + made {
      #expect(ArgumentText.bytes(ArgumentText.text(bytes)) == bytes)
    }
    #expect(ArgumentText.text(Array("plain é".utf8)) == "plain é")
  }
}

/// SplitMix64: equal seeds, equal numbers.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
