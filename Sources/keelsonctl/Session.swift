internal import Glibc
internal import KeelsonClient

/// What a command needs to do its work: settings, a client, and a way to print.
struct Session {
  let settings: Settings
  let client: StoreClient

  /// - Parameter tables: whether the command can print a table.
  /// - Parameter messages: whether its answer is one message that can be printed as protobuf.
  /// - Parameter fields: whether it can be printed as fields.
  init(
    _ options: GlobalOptions, tables: Bool = false, messages: Bool = true, fields: Bool = true
  ) throws(Failure) {
    let settings = try Settings(options, environment: Self.environment)
    try settings.format.require(tables: tables, messages: messages, fields: fields)
    try self.init(settings)
  }

  /// The session of a command whose output is lines of text, in the simple format alone.
  static func ofLines(_ options: GlobalOptions) throws(Failure) -> Session {
    let session = try Session(options)
    if session.settings.format != .simple { throw session.settings.format.unsupported }
    return session
  }

  /// The session of a command that has an output format of its own.
  init(_ options: ConnectionOptions) throws(Failure) {
    try self.init(Settings(options, environment: Self.environment))
  }

  private init(_ settings: Settings) throws(Failure) {
    self.settings = settings
    client = try settings.client()
    if settings.isDebugging {
      Output.writeError(
        "endpoints \(settings.endpoints.joined(separator: ",")), "
          + "command timeout \(GoSyntax.text(settings.commandTimeout))\n")
    }
  }

  func print(_ answer: Answer) throws(Failure) {
    Output.write(
      try settings.format.render(answer, isHexadecimal: settings.isHexadecimal))
  }

  /// The endpoints that a command about members is carried out on.
  /// - Parameter cluster: whether the members' own addresses are asked for.
  func endpoints(ofCluster cluster: Bool) async throws -> [String] {
    guard cluster else { return settings.endpoints }
    let urls = try await client.members().members.flatMap(\.clientURLs)
    return urls.sorted()
  }

  static var environment: [String: String] {
    var environment: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
      unsafe entry += 1
    }
    return environment
  }
}

/// Runs `body` with each item at the same time; returns the results in the items' order.
func concurrently<Item: Sendable, Result: Sendable>(
  _ items: [Item], _ body: @escaping @Sendable (Item) async -> Result
) async -> [Result] {
  await withTaskGroup(of: (Int, Result).self) { group in
    for (index, item) in items.enumerated() {
      group.addTask { (index, await body(item)) }
    }
    var results: [Int: Result] = [:]
    for await (index, result) in group { results[index] = result }
    return items.indices.compactMap { results[$0] }
  }
}
