/// One invocation of a peer's command line, as both servers get it.
///
/// In the words, `$DIR` stands for a folder of each server's own, `$CLIENT` for its endpoint, `$MEMBER` for its
/// identifier, `$NEXT` for its next revision, and `$L1` and so on for lease IDs that earlier steps captured.
struct Step: Sendable {
  /// Program and arguments: `etcdctl` unless the first word says otherwise.
  var words: [String]
  /// What it reads from standard input.
  var input = ""
  /// For commands that do not end: how many lines it prints before it is interrupted.
  var lines: Int?
  /// What else happens while it runs.
  var meanwhile: [Step] = []
  /// The variable that gets the ID of the lease that it prints.
  var captures: String?

  var text: String { words.joined(separator: " ") }

  /// - Parameter text: words between spaces; single quotes hold spaces together.
  init(
    _ text: String, input: String = "", lines: Int? = nil, meanwhile: [Step] = [],
    captures: String? = nil
  ) {
    words = Self.split(text)
    self.input = input
    self.lines = lines
    self.meanwhile = meanwhile
    self.captures = captures
  }

  private static func split(_ text: String) -> [String] {
    var words: [String] = []
    for (index, part) in text.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
      if index % 2 == 1 {
        words.append(String(part))
      } else {
        words += part.split(separator: " ").map(String.init)
      }
    }
    return words
  }

  /// The command in each of the output formats.
  static func formats(_ text: String, input: String = "") -> [Step] {
    ["simple", "json", "fields", "table"].map { Step("\(text) -w \($0)", input: input) }
  }
}

/// Every command of etcdctl that concerns one member, with its flags and its errors.
enum CommandTable {
  /// What happens before any lease exists, so that both servers hold the same bytes.
  static let keys: [Step] =
    [
      Step("put foo bar"),
      Step("put foo bar2 --prev-kv"),
      Step("put foo1 'a value with spaces'"),
      Step("put foo2", input: "from standard input"),
      Step("put fox x -w json"), Step("put fox y -w fields"), Step("put fox z -w table"),
      Step("put new x --prev-kv -w json"), Step("put new y --prev-kv -w fields"),
      Step("put foo --ignore-value"), Step("put foo --ignore-value --prev-kv -w json"),
      Step("put absent --ignore-value"), Step("put absent v --ignore-lease"),
      Step("put foo v --ignore-value"),
      Step("put foo v --lease 0"), Step("put foo v --lease ffff"), Step("put foo v --lease zz"),
      Step("put '' v"), Step("put"), Step("put a b --nosuch"),
      Step("put \u{fc}ml\u{e4}ut \u{2603}"),
      Step("put empty ''"), Step("get empty -w json"), Step("get \u{fc}ml\u{e4}ut --hex"),
      Step("put -- -dash -value"), Step("get -- -dash"),
      Step("put foo v -w protobuf"), Step("put foo v --prev-kv -w protobuf"),
      Step("get foo -w nonsense"), Step("get foo --nosuch"), Step("get foo --debug"),
    ]
    + ["", " --prefix", " --prefix --limit 1", " --rev 2", " --count-only", " --keys-only"]
    .map { Step("get foo\($0) -w protobuf") }
    + Step.formats("get foo") + Step.formats("get foo --prefix")
    + Step.formats("get nokey") + [
      Step("get ''"), Step("get '' --prefix"), Step("get '' --from-key"), Step("get"),
      Step("get foo --hex"), Step("get foo --prefix --hex -w fields"),
      Step("get foo --prefix --keys-only"), Step("get foo --prefix --keys-only -w json"),
      Step("get foo --prefix --count-only -w fields"),
      Step("get foo --prefix --count-only -w json"),
      Step("get foo --prefix --count-only"), Step("get foo --print-value-only"),
      Step("get foo foo2"), Step("get foo1 --from-key"), Step("get foo zoo --limit 2"),
      Step("get zoo foo -w json"), Step("get foo foo -w json"),
      Step("get foo --prefix --limit 1 -w json"), Step("get foo --prefix --limit 99 -w json"),
      Step("get foo --prefix --limit 1 --count-only -w json"),
      Step("get foo --prefix --from-key"), Step("get foo fop --prefix"),
      Step("get foo --rev 2"), Step("get foo --rev 1 -w json"), Step("get foo --rev 3 -w json"),
      Step("get foo --rev 99999"), Step("get foo --rev -1"),
      Step("get foo --prefix --rev 5 -w json"),
      Step("get foo --consistency s"), Step("get foo --consistency l"),
      Step("get foo --consistency x"),
    ]
    + ["CREATE", "KEY", "MODIFY", "VALUE", "VERSION", "NONSENSE"].flatMap { target in
      ["ASCEND", "DESCEND"].map { Step("get f --prefix --sort-by \(target) --order \($0) -w json") }
    }
    + [
      Step("get f --prefix --sort-by VALUE"), Step("get f --prefix --order DESCEND"),
      Step("get f --prefix --order NONSENSE"),
      Step("get f --prefix --sort-by MODIFY --order DESCEND --limit 2 -w json"),
      Step("get f --prefix --sort-by VALUE --order DESCEND --limit 2 --keys-only -w json"),
      Step("get f --prefix --sort-by CREATE --order DESCEND --limit 1 --rev 6 -w json"),
    ]

  /// Transactions: their own language on standard input.
  static let transactions: [Step] =
    Step.formats("txn", input: "value(\"foo\") = \"v\"\n\nput foo 1\nget foo\n\nget foo\n\n")
    + [
      Step("txn", input: "mod(\"foo\") > \"99999\"\n\nput foo 1\n\nget foo\ndel foo1\n\n"),
      Step("txn", input: "\n\n\n"), Step("txn -w json", input: "\nput only success\n\n\n"),
      Step(
        "txn -w json",
        input: "ver(\"foo\") > \"1\"\nc(\"foo\") = \"2\"\nmod(\"foo\") != \"2\"\n\n"
          + "put t1 1\nput t2 2\nget t --prefix\ndel t1\nget t --prefix\n\n\n"),
      Step(
        "txn -w fields",
        input: "ver(\"foo\") < \"1\"\n\n\ndel foo2 --prev-kv\nput t3 3 --prev-kv\nget foo2\n\n"),
      Step("txn", input: "lease(\"foo\") = \"0\"\n\nget foo\n\n\n"),
      Step("txn", input: "val(\"absent\") = \"\"\n\nget foo\n\nget t --prefix\n\n"),
      Step("txn", input: "ver(\"absent\") = \"0\"\n\nput made 1\n\n\n"),
      Step("txn", input: "\nput dup 1\nput dup 2\n\n\n"),
      Step("txn", input: "\nput dup 1\ndel dup\n\n\n"),
      Step("txn", input: "\nput dup 1\ndel du --prefix\n\n\n"),
      Step("txn", input: "\ndel d1 d5\nput d2 1\n\n\n"),
      Step("txn", input: "\ndel d1\ndel d1\n\n\n"),
      Step("txn", input: "\nget foo --rev 99999\n\n\n"),
      Step("txn", input: "\nput x 1\nget foo --rev 99999\n\n\n"), Step("get x -w json"),
      Step("txn", input: "\nput x 1 --lease ffff\n\n\n"),
      Step("txn", input: "\nput x --ignore-value\n\n\n"),
      Step("txn", input: "\n" + (0..<128).map { "put many/\($0) 1\n" }.joined() + "\n\n"),
      Step("txn", input: "\n" + (0..<129).map { "put many/\($0) 1\n" }.joined() + "\n\n"),
      Step("txn", input: "\n\n" + (0..<129).map { "get many/\($0)\n" }.joined() + "\n"),
      Step(
        "txn", input: (0..<129).map { "ver(\"many/\($0)\") = \"1\"\n" }.joined() + "\nget foo\n\n\n"
      ),
      Step("txn -w protobuf", input: "\nput foo 1\nget foo --prefix\ndel foo1\n\n\n"),
      Step("txn -i", input: "value(\"foo\") = \"1\"\n\nget foo\n\n\n"),
      Step("--user root:secret get foo"), Step("get foo --user root --password secret"),
      Step("txn", input: "nonsense\n\n\n\n"), Step("txn", input: "\nnonsense foo\n\n\n"),
      Step("get many --prefix --count-only -w json"),
      Step("txn -w json", input: "\ndel many --prefix\n\n\n"),
      Step("put big", input: String(repeating: "v", count: 2 * 1024 * 1024)),
      Step("put big", input: String(repeating: "v", count: 1_572_864)),
      Step("put big", input: String(repeating: "v", count: 1_572_800)),
      Step("put big", input: String(repeating: "v", count: 1_500_000)),
      Step("get big --keys-only -w json"),
    ]

  /// Deletions, and then what watches of the whole history say.
  static let deletionsAndWatches: [Step] =
    [
      Step("del nokey -w protobuf"), Step("del new --prev-kv -w protobuf"),
      Step("del foo1 --prev-kv"), Step("del nokey"), Step("del nokey -w json"),
      Step("del nokey -w fields"), Step("del nokey -w table"), Step("del"), Step("del ''"),
      Step("put p/1 1"), Step("put p/2 2"), Step("put p/3 3"), Step("put p/4 4"), Step("put p/5 5"),
      Step("del p/1 p/3"), Step("del p/ --prefix --prev-kv -w json"),
      Step("put q1 1"), Step("put q2 2"), Step("del q1 --prev-kv -w fields"),
      Step("del q2 --from-key --prefix"), Step("del q2 --hex --prev-kv"),
      Step("put z 1"), Step("del z --from-key"),
      Step("watch foo --rev 1", lines: 12), Step("watch foo --rev 1 --prev-kv", lines: 16),
      Step("watch foo --rev 2 -w json", lines: 1),
      Step("watch p/ --prefix --rev 1 -w fields", lines: 40),
      Step("watch p/ --prefix --rev 1 --prev-kv -w json", lines: 1),
      Step("watch p/2 p/5 --rev 1", lines: 12),
      Step("watch --prefix '' --rev 1 --prev-kv", lines: 60),
      Step("watch foo --hex --rev 1", lines: 6), Step("watch foo --rev -5", lines: 0),
      Step(
        "watch p/ --prefix --rev 1 -- sh -c 'echo $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY'", lines: 9
      ),
      Step(
        "watch live --prefix --rev $NEXT --prev-kv", lines: 13,
        meanwhile: [
          Step("put live1 a"), Step("put live1 b"), Step("put other c"), Step("del live1"),
        ]),
      Step(
        "watch live2 --rev $NEXT -w json", lines: 1,
        meanwhile: [Step("txn", input: "\nput live2 a\nput live3 b\n\n\n")]),
      Step("watch"), Step("watch a b --prefix"),
      Step("watch -i", input: "watch foo --rev 1\n"), Step("watch -i", input: "\n"),
      Step("watch -i", input: "nonsense\n"), Step("watch -i", input: "watch\n"),
      Step("watch -i foo", input: "progress\n"),
    ]

  /// Hashes and compaction: equal histories have equal hashes.
  static let compaction: [Step] =
    [
      Step("endpoint hashkv"), Step("endpoint hashkv --rev 5 -w json"),
      Step("endpoint hashkv --rev 99999"), Step("endpoint hashkv -w table"),
      Step("endpoint hashkv -w fields"), Step("endpoint hashkv --cluster -w json"),
      Step("compaction 99999"), Step("compaction nonsense"), Step("compaction"),
      Step("compaction -1"), Step("compaction 0"),
      Step("compaction 12"), Step("compaction 12"), Step("compaction 5"),
      Step("compaction 20 --physical"), Step("endpoint hashkv --rev 30 -w json"),
      Step("endpoint hashkv --rev 10 -w json"), Step("endpoint hashkv -w json"),
      Step("get foo --rev 19"), Step("get foo --rev 20"), Step("get foo --rev 21 -w json"),
      Step("watch foo --rev 3"), Step("watch foo --rev 20", lines: 3),
      Step("txn", input: "\nget foo --rev 3\n\n\n"),
    ]

  /// What holds after a crash as before it.
  static let afterRestart: [Step] = [
    Step("get '' --prefix --keys-only"), Step("get f --prefix -w json"),
    Step("endpoint hashkv -w json"), Step("get foo --rev 19"), Step("get foo --rev 30 -w json"),
    Step("put after restart -w json"),
  ]

  /// Leases, and the recipes over them.
  static let leases: [Step] =
    [
      Step("lease grant 7200", captures: "L1"), Step("lease grant 7300 -w json", captures: "L2"),
      Step("lease grant 7400 -w fields", captures: "L3"),
      Step("lease grant 0", captures: "L0"), Step("lease revoke $L0"), Step("lease grant -5"),
      Step("lease grant nonsense"),
      Step("lease grant 9000000001"), Step("lease grant"),
      Step("put lk v --lease $L1"), Step("put lk2 v --lease $L1"), Step("put lk3 v --lease $L2"),
      Step("get lk -w json"), Step("get lk -w fields"),
      Step("put lk --ignore-value --lease $L2"), Step("put lk w --ignore-lease"),
      Step("get lk -w json"),
      Step("txn", input: "lease(\"lk\") = \"0\"\n\nget lk\n\nget lk2\n\n"),
    ]
    + Step.formats("lease timetolive $L1") + Step.formats("lease timetolive $L1 --keys")
    + [
      Step("lease timetolive $L3 --keys"), Step("lease timetolive ffff"),
      Step("lease timetolive ffff -w json"), Step("lease timetolive zz"), Step("lease timetolive"),
      Step("lease list -w protobuf"),
      Step("lease timetolive $L1 -w protobuf"), Step("lease timetolive ffff -w protobuf"),
      Step("lease keep-alive $L1 --once -w protobuf"),
      Step("lease list"), Step("lease list -w json"), Step("lease list -w fields"),
      Step("lease list -w table"),
      Step("lease keep-alive $L1 --once"), Step("lease keep-alive $L1 --once -w json"),
      Step("lease keep-alive $L1 --once -w fields"), Step("lease keep-alive ffff --once"),
      Step("lease keep-alive ffff"), Step("lease keep-alive $L2", lines: 1),
      Step("lease revoke $L1"), Step("lease revoke $L1"), Step("lease revoke zz"),
      Step("get lk --prefix -w json"), Step("lease timetolive $L1"),
      Step(
        "watch lk --prefix --rev $NEXT --prev-kv", lines: 10, meanwhile: [Step("lease revoke $L2")]),
      Step("lease revoke $L3"), Step("put lk v --lease $L3"),
      Step("lock l1 echo held"), Step("lock l1 -- sh -c 'exit 3'"), Step("lock l1", lines: 1),
      Step("put mirrored/1 a"), Step("put mirrored/2 b"), Step("put mirrored/3 c"),
      Step("put mirrored/4 d"),
      Step("elect e1 me", lines: 2), Step("get l1 --prefix"),
      Step("elect e1 me", lines: 2, meanwhile: [Step("elect e1 --listen", lines: 2)]),
      Step(
        "make-mirror --prefix mirrored/ --dest-prefix copy/ --dest-insecure-transport $CLIENT",
        lines: 0,
        meanwhile: [
          Step("watch copy/ --prefix --rev $NEXT", lines: 15, meanwhile: [Step("put mirrored/5 e")])
        ]),
      Step("get copy/ --prefix"),
    ]

  /// The member itself.
  static let member: [Step] =
    Step.formats("endpoint health") + Step.formats("endpoint status") + Step.formats("member list")
    + Step.formats("endpoint health --cluster")
    + [
      Step("endpoint status --cluster"),
      Step("member list --consistency s"),
      Step("member remove ffff"), Step("member promote ffff"), Step("member remove zz"),
      Step("member list -w protobuf"),
      Step("member update ffff --peer-urls http://127.0.0.1:1"), Step("member update ffff"),
      Step("member update $MEMBER --peer-urls http://127.0.0.1:1,http://127.0.0.1:2"),
      Step("member list -w json"), Step("member list -w json --hex"), Step("watch foo --"),
      Step("member update $MEMBER --peer-urls 127.0.0.1:1"),
      Step("member update $MEMBER --peer-urls http://127.0.0.1:3 -w json"),
      Step("member update $MEMBER --peer-urls http://127.0.0.1:3 -w protobuf"),
      Step("member update $MEMBER --peer-urls http://127.0.0.1:3 -w table"),
      Step("member update"), Step("member update zz --peer-urls http://127.0.0.1:1"),
      Step("member list"),
      Step("member remove"), Step("move-leader ffff"), Step("move-leader"), Step("move-leader zz"),
      Step("alarm list"), Step("alarm list -w json"), Step("alarm list -w table"),
      Step("alarm disarm"), Step("alarm disarm -w json"),
      Step("defrag"), Step("defrag --cluster"),
      Step("snapshot save $DIR/saved.db"), Step("snapshot save"),
      Step("etcdutl snapshot status $DIR/saved.db -w json"),
      Step("etcdutl snapshot status $DIR/saved.db"),
      Step("auth status"), Step("auth status -w json"), Step("version"), Step("nosuch"),
    ]
}
