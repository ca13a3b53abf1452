internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// The flags of a put, on the command line and in transactions.
struct PutArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The lease, in hexadecimal, whose end deletes the key.", valueName: "id"))
  var lease = "0"

  @Flag(help: "Print the record that was there before.")
  var prevKv = false

  @Flag(help: "Keep the value that is there.")
  var ignoreValue = false

  @Flag(help: "Keep the lease that is there.")
  var ignoreLease = false

  @Argument(
    help: ArgumentHelp(
      "The key, and the value; a value that is missing comes from standard input.",
      valueName: "key> <value"))
  var words: [String] = []

  static let usage = "put command needs 1 argument and input from stdin or 2 arguments"

  /// The request; `readValue` is called for a value that is not among the arguments.
  func request(readValue: () throws(Failure) -> Bytes) throws(Failure) -> PutRequest {
    guard let key = words.first, words.count <= 2 else { throw .badArguments(Self.usage) }
    let value: Bytes
    if ignoreValue {
      guard words.count == 1 else {
        throw .badArguments("put command needs only 1 argument when 'ignore-value' is set")
      }
      value = []
    } else {
      value = words.count == 2 ? ArgumentText.bytes(words[1]) : try readValue()
    }
    var request = PutRequest(ArgumentText.bytes(key), value)
    request.lease = try LeaseArgument.lease(lease, "bad lease ID (%), expecting ID in Hex")
    request.returnsPrevious = prevKv
    request.keepsValue = ignoreValue
    request.keepsLease = ignoreLease
    return request
  }
}

/// `keelsonctl put`
struct Put: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a key.",
    usage: "keelsonctl put [options] <key> <value> (<value> can also be given from stdin)",
    discussion: """
      What begins with '-' is taken for a flag unless it stands behind '--'.

      Example:
        keelsonctl put /config/mode fast
        keelsonctl put /config/file < file
        keelsonctl put -- -key -value
      """)

  @OptionGroup var arguments: PutArguments
  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    let session = try Session(global)
    let request = try arguments.request { () throws(Failure) in
      let value = try Input.readAll()
      if value.isEmpty { throw .badArguments(PutArguments.usage) }
      return value
    }
    try session.print(.put(try await session.client.put(request).message))
  }
}

/// Leases as arguments.
enum LeaseArgument {
  /// Reads a lease in hexadecimal.
  /// - Parameter message: what to say if it is none; `%` stands for the reason.
  static func lease(_ text: String, _ message: String) throws(Failure) -> LeaseID {
    do throws(Failure) {
      return LeaseID(try GoSyntax.integer(text, radix: 16))
    } catch {
      throw .badArguments(
        message.split(separator: "%", omittingEmptySubsequences: false)
          .joined(separator: error.message))
    }
  }
}
