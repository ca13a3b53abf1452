internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl txn`
struct Txn: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Carries out operations together, depending on conditions.",
    usage: "keelsonctl txn [options]",
    discussion: """
      Reads three parts from standard input, each ended by an empty line: conditions, operations for the \
      case that all hold, operations for the other case. Conditions compare value, version (ver), create \
      (c), mod (m) or lease with =, !=, < or >. Operations are put, get and del with their flags.

      Example:
        keelsonctl txn <<'END'
        value("/lock") = "free"

        put /lock "in use"

        get /lock

        END
      """)

  @Flag(name: .shortAndLong, help: "Ask for each part.")
  var interactive = false

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("txn command does not accept argument")
    }
    let session = try Session(global)
    var lines = Input.Lines()
    let transaction = try TransactionText.transaction(
      announce: { if interactive { Output.write($0 + "\n") } },
      nextLine: { () throws(Failure) in try lines.next() })
    let answer = try await session.client.commit(transaction)
    try session.print(.transaction(answer.message))
  }
}
