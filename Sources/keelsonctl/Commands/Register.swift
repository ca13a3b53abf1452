internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// `keelsonctl register`
struct Register: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes an instance of a service known, until a signal or while a command runs.",
    usage: "keelsonctl register [options] <service> <address> [--] [exec-command arg1 arg2 ...]",
    discussion: """
      The key SERVICE/INSTANCE holds the address for as long as this program lives, and at most as long as --ttl after \
      it was killed. Without a command the key is printed, and SIGINT or SIGTERM takes the instance away.

      Example:
        keelsonctl register /services/web 10.0.0.1:8080 --instance web-1 -- ./web-server
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "What tells it from the service's other instances (default: the lease).", valueName: "name"))
  var instance: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How long it outlives a client that is gone.", valueName: "seconds"))
  var ttl: Int64 = 10

  @Flag(help: "Take the place of an instance that is there already.")
  var replace = false

  @Argument(
    help: ArgumentHelp(
      "The service, where the instance is, and a command to be run.",
      valueName: "service> <address> <exec-command"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count >= 2 else {
      throw Failure.badArguments("register takes a service, an address and an optional command")
    }
    let (service, address) = (ArgumentText.bytes(words[0]), ArgumentText.bytes(words[1]))
    let session = try Session.ofLines(global)
    let line = try await LineSession(session.client, seconds: ttl)
    let name =
      instance.map(ArgumentText.bytes)
      ?? Bytes(String(UInt64(bitPattern: line.lease.rawValue), radix: 16).utf8)
    let registration: Registration
    do {
      registration = try await session.client.register(
        service, instance: name, value: address, lease: line.lease, replacing: replace)
    } catch {
      await line.close()
      throw error
    }
    let command = Array(words.dropFirst(2))
    if !command.isEmpty { return try await line.run(command) { await line.close() } }
    Output.write(registration.key + [UInt8(ascii: "\n")])
    switch await line.hold() {
    case .interrupted: await line.close()
    case .expired: throw Failure(.error, "the lease is gone, and the registration with it")
    }
  }
}

/// `keelsonctl discover`
struct Discover: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints where the instances of a service are.",
    usage: "keelsonctl discover [options] <service>",
    discussion: """
      One line for each instance, in the order of their names: the name and the address. With --watch the instances \
      that come and go follow, each line with a + or a - in front.

      Example:
        keelsonctl discover /services/web --watch
      """)

  @Flag(help: "Go on, and print who comes and who goes.")
  var watch = false

  @Argument(help: ArgumentHelp("The service.", valueName: "service"))
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: GlobalOptions

  func run() async throws {
    guard words.count == 1 else { throw Failure.badArguments("discover takes one service") }
    let service = ArgumentText.bytes(words[0])
    let session = try Session.ofLines(global)
    guard watch else {
      for instance in try await session.client.instances(of: service).instances {
        Output.write(Self.line(instance))
      }
      return
    }
    var known: [ServiceView.Instance] = []
    for try await view in session.client.discover(service) {
      for instance in known where !view.instances.contains(instance) {
        Output.write(Bytes("- ".utf8) + Self.line(instance))
      }
      for instance in view.instances where !known.contains(instance) {
        Output.write(Bytes("+ ".utf8) + Self.line(instance))
      }
      known = view.instances
    }
  }

  private static func line(_ instance: ServiceView.Instance) -> Bytes {
    instance.name + [UInt8(ascii: " ")] + instance.value + [UInt8(ascii: "\n")]
  }
}
