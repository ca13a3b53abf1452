internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl check perf`
struct CheckPerf: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "perf",
    abstract: "Tells whether a cluster keeps up with puts at a steady rate.",
    usage: "keelsonctl check perf [options]",
    discussion: """
      Puts of 1 KiB go to the cluster for a minute: 150 a second from 50 clients (s), 1000 from 200 (m), 8000 from \
      500 (l), 15000 from 1000 (xl). It passes with nine tenths of that rate, no put above half a second, and a \
      standard deviation below a tenth. The keys are deleted afterwards. These are etcdctl's bounds.

      Example:
        keelsonctl check perf --load m --auto-compact
      """)

  @Option(help: ArgumentHelp("How much: s, m, l or xl.", valueName: "size"))
  var load = "s"

  @Option(help: ArgumentHelp("Where the keys are written.", valueName: "prefix"))
  var prefix = "/keelsonctl-check-perf/"

  @Option(help: ArgumentHelp("How long the puts go on.", valueName: "duration"))
  var duration = "1m"

  @OptionGroup var cleaning: CheckCleaning

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  private struct Model {
    let perSecond: Double
    let clients: Int
  }

  private static let models: [String: Model] = [
    "s": Model(perSecond: 150, clients: 50), "m": Model(perSecond: 1_000, clients: 200),
    "l": Model(perSecond: 8_000, clients: 500), "xl": Model(perSecond: 15_000, clients: 1_000),
  ]
  private static let slowestSeconds = 0.5
  private static let deviationSeconds = 0.1
  private static let rateShare = 0.9

  func run() async throws {
    guard words.isEmpty else { throw Failure.badArguments("check perf takes no argument") }
    guard let model = Self.models[CheckSize.short(load)] else {
      throw Failure(.badFeature, "unknown load option \(load)")
    }
    guard let limit = GoSyntax.duration(duration), limit >= .seconds(1) else {
      throw Failure.badArguments("--duration must be at least 1s, such as 30s or 1m")
    }
    let session = try Session.ofLines(global)
    let prefix = ArgumentText.bytes(prefix)
    try await cleaning.requireNothing(below: prefix, session.client)
    let clients = try (0..<model.clients).map { _ in try session.settings.client() }
    let total = Int(model.perSecond * Double(limit.components.seconds))
    let outcome = await CheckLoad(
      prefix: prefix, total: total, perSecond: model.perSecond, limit: limit
    ).run(clients)
    for client in clients { await client.shutdown() }
    try await cleaning.cleanUp(prefix, session)
    guard report(outcome, model) else { throw Failure(.error, "") }
  }

  /// Prints what was found, and tells whether all of it is good enough.
  private func report(_ outcome: CheckLoad.Outcome, _ model: Model) -> Bool {
    var passes = true
    func say(_ isGood: Bool, good: String, bad: String) {
      passes = passes && isGood
      Output.write(isGood ? "PASS: \(good)\n" : "FAIL: \(bad)\n")
    }
    let rate = Int(outcome.perSecond.rounded())
    say(
      outcome.perSecond > Self.rateShare * model.perSecond,
      good: "Throughput is \(rate) writes/s", bad: "Throughput too low: \(rate) writes/s")
    let slowest = CheckSize.fixed(outcome.slowest, digits: 6)
    say(
      outcome.slowest <= Self.slowestSeconds, good: "Slowest request took \(slowest)s",
      bad: "Slowest request took too long: \(slowest)s")
    let deviation = CheckSize.fixed(outcome.standardDeviation, digits: 6)
    say(
      outcome.standardDeviation <= Self.deviationSeconds, good: "Stddev is \(deviation)s",
      bad: "Stddev too high: \(deviation)s")
    for (error, count) in outcome.errors.sorted(by: { $0.key < $1.key }) {
      passes = false
      Output.write("FAIL: \(count) writes failed: \(error)\n")
    }
    Output.write(passes ? "PASS\n" : "FAIL\n")
    return passes
  }
}

/// What both checks need for their sizes and figures.
enum CheckSize {
  /// The short name of a size, as etcdctl knows them.
  static func short(_ name: String) -> String {
    switch name {
    case "small": "s"
    case "medium": "m"
    case "large": "l"
    case "xLarge": "xl"
    default: name
    }
  }

  /// A number that is not negative, with so many digits behind the point.
  static func fixed(_ number: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
    let scaled = Int((number * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
