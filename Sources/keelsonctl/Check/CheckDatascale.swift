internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl check datascale`
struct CheckDatascale: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "datascale",
    abstract: "Tells how much memory an endpoint takes for a number of keys.",
    usage: "keelsonctl check datascale [options]",
    discussion: """
      The first endpoint is given keys of 1 KiB: 10,000 (s), 100,000 (m), 1,000,000 (l) or 3,000,000 (xl), and \
      its resident memory is read from /metrics before and after. The keys are deleted afterwards.

      Example:
        keelsonctl check datascale --load m --auto-compact
      """)

  @Option(help: ArgumentHelp("How much: s, m, l or xl.", valueName: "size"))
  var load = "s"

  @Option(help: ArgumentHelp("Where the keys are written.", valueName: "prefix"))
  var prefix = "/keelsonctl-check-datascale/"

  @OptionGroup var cleaning: CheckCleaning

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  private struct Model {
    let keys: Int
    let clients: Int
  }

  private static let models: [String: Model] = [
    "s": Model(keys: 10_000, clients: 50), "m": Model(keys: 100_000, clients: 200),
    "l": Model(keys: 1_000_000, clients: 500), "xl": Model(keys: 3_000_000, clients: 1_000),
  ]

  func run() async throws {
    guard words.isEmpty else { throw Failure.badArguments("check datascale takes no argument") }
    guard let model = Self.models[CheckSize.short(load)] else {
      throw Failure(.badFeature, "unknown load option \(load)")
    }
    let session = try Session.ofLines(global)
    let endpoint = Array(session.settings.endpoints.prefix(1))
    let prefix = ArgumentText.bytes(prefix)
    let client = try session.settings.client(of: endpoint)
    try await cleaning.requireNothing(below: prefix, client)
    Output.write(
      "Start data scale check for work load [\(model.keys) key-value pairs, "
        + "\(CheckLoad.valueBytes) bytes per key-value, \(model.clients) concurrent clients].\n")
    let before = try await residentBytes(client)
    let clients = try (0..<model.clients).map { _ in try session.settings.client(of: endpoint) }
    let outcome = await CheckLoad(prefix: prefix, total: model.keys).run(clients)
    let after = try await residentBytes(client)
    for client in clients { await client.shutdown() }
    try await cleaning.cleanUp(prefix, session)
    if let (error, count) = outcome.errors.first {
      throw Failure(.error, "\(count) writes failed: \(error)")
    }
    let used = CheckSize.fixed(max(0, after - before) / 1_048_576, digits: 2)
    Output.write("PASS: Approximate system memory used : \(used) MB.\n")
  }

  private func residentBytes(_ client: StoreClient) async throws -> Double {
    let name = "process_resident_memory_bytes"
    let page = try await client.page("/metrics")
    for line in page.split(separator: UInt8(ascii: "\n")) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      if words.count == 2, words[0] == name, let bytes = Double(words[1]) { return bytes }
    }
    throw Failure(
      .error,
      "\(name) is not on the page /metrics of \(client.configuration.endpoints[0]): does it serve metrics there?"
    )
  }
}
