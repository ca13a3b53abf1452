internal import ArgumentParser
internal import Glibc
internal import NIOCore

/// Measures two servers side by side and writes what it found.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measures Keelson and etcd side by side and writes the figures as Markdown.",
    discussion: """
      It starts both programs with empty folders, drives them in turn, holds every answer to what was asked, and \
      removes what it made. A full run takes about 32 minutes, with --quick less than two.

      Groups of rows: \(Bench.workloads.map(\.id).joined(separator: ", ")).
      """)

  @Option(help: "The keelson program.")
  var keelson: String

  @Option(help: "The etcd program.")
  var etcd: String

  @Option(help: "The keelsonctl program, for the group import.")
  var keelsonctl: String?

  @Option(help: "Only these groups or rows, by what their names begin with; may be repeated.")
  var only: [String] = []

  @Flag(
    help: "Be done in two minutes, with short windows and few keys: to see that all of it works.")
  var quick = false

  @Option(
    help: "The document to write; the standard output otherwise. Plots go to the folder beside it.")
  var output: String?

  @Option(help: "An existing folder for the servers' data, on the disk to measure.")
  var directory = "/tmp"

  @Option(help: "The first of the ports to use.")
  var port = 27_200

  @Option(help: "Minutes after which no further row is begun.")
  var minutes = 36.0

  @Option(help: "The command that repeats this run, for the document.")
  var command = "make bench"

  func validate() throws {
    guard (1_024...64_000).contains(port) else { throw ValidationError("--port: 1024 to 64000") }
    guard minutes > 0, minutes <= 1_440 else { throw ValidationError("--minutes: above 0") }
    for name in only where !Bench.workloads.contains(where: { name.hasPrefix($0.id) }) {
      throw ValidationError("--only: there is no \(name)")
    }
  }

  func run() async throws {
    ChildProcesses.endWithUs()
    let folder = "\(directory)/keelson-bench-\(getpid())"
    try SystemFile.makeFolder(folder)
    defer { SystemFile.removeFolder(folder) }
    let bench = Bench(
      programs: [
        ServerProgram(name: "keelson", path: keelson), ServerProgram(name: "etcd", path: etcd),
      ], control: keelsonctl, folder: folder, only: only, isQuick: quick, port: port,
      deadline: ProcessClock.now + minutes * 60)
    let machine = try await Machine.look(keelson: keelson, etcd: etcd, folder: folder)
    for workload in Bench.workloads
    where only.isEmpty || only.contains(where: { $0.hasPrefix(workload.id) }) {
      do {
        guard bench.hasTime else { throw BenchError("out of time") }
        bench.say("– \(workload.id)")
        try await workload.run(bench)
      } catch {
        bench.say("\(workload.id): \(error)")
        bench.report.add(.init(title: "Not measured: \(workload.id)", text: "\(error)"))
      }
    }
    try write(bench, machine)
    try await bench.group.shutdownGracefully()
  }

  private func write(_ bench: Bench, _ machine: Machine) throws {
    let preamble =
      "Written by `keelson-bench run`\(quick ? " with `--quick`: these figures mean little" : "")"
      + "; every figure is from one run. To repeat it: `\(command)`.\n\n\(machine.description)\n\n"
      + Self.method
    guard let output else {
      print(bench.report.markdown(preamble: preamble, plots: "."), terminator: "")
      return
    }
    let name = output.split(separator: "/").last.map { String($0) } ?? output
    let stem = name.hasSuffix(".md") ? String(name.dropLast(3)) : name + "-plots"
    let folder = String(output.dropLast(name.count)) + stem
    try SystemFile.makeFolder(folder)
    for plot in bench.report.sections.flatMap(\.plots) {
      guard SystemFile.write(plot.svg, to: "\(folder)/\(plot.name).svg") else {
        throw BenchError("cannot write to \(folder)")
      }
    }
    let text = bench.report.markdown(preamble: preamble, plots: stem)
    guard SystemFile.write(text, to: output) else { throw BenchError("cannot write \(output)") }
    bench.say("wrote \(output); bars not met: \(bench.report.missed.map(\.id))")
  }

  private static let method = """
    Both servers have one member (in the last parts three), the same flags, their data on the same disk and fsync on. Unless a part says \
    otherwise both run during the whole part and windows of load alternate between them, each after load that \
    does not count; figures are medians over the windows. "Closed" means that each answer sends the next \
    request; in an open loop requests come at a fixed rate, and their latency counts from when they were due. \
    CPU is the time that all threads of the server's process have used (`clock_getcpuclockid`), divided by the \
    requests. After writes the revision must have grown by exactly their number, reads must give the expected \
    bytes, transactions must succeed and watches must see every change: a row where one does not is an error. \
    The load generator is one thread and shares the machine; its own CPU for a request stands in the last \
    columns. Where that is above 2 µs, throughput says how much the two processes do together, and the \
    server's CPU decides.
    """
}
