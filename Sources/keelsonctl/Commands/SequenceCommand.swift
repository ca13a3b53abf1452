internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl sequence`
struct SequenceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequence",
    abstract: "Creates the next key of a sequence, and prints it.",
    usage: "keelsonctl sequence [options] <prefix> [value]",
    discussion: """
      The first key is PREFIX/0000000000000001; the key PREFIX holds the last number, so that none is given twice.

      Example:
        keelsonctl sequence /jobs 'resize photo 17'
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The lease of the key, in hexadecimal.", valueName: "id"))
  var lease = "0"

  @Argument(help: ArgumentHelp("The prefix, and a value.", valueName: "prefix> <value"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard (1...2).contains(words.count) else {
      throw Failure.badArguments("sequence takes a prefix and an optional value")
    }
    let lease = try LeaseArgument.lease(lease, "bad lease ID (%), expecting ID in Hex")
    let session = try Session.ofLines(global)
    let next = try await session.client.createNext(
      in: ArgumentText.bytes(words[0]),
      value: words.count > 1 ? ArgumentText.bytes(words[1]) : Bytes(),
      lease: lease)
    Output.write(next.key + [UInt8(ascii: "\n")])
  }
}
