internal import HTTPTransport
internal import Logging
internal import Member
internal import PeerTransport
internal import Primitives

/// What a member without data finds out from the others before it begins.
struct ClusterDiscovery: Sendable {
  let settings: ServerSettings
  let logger: Logger

  /// How long one member is waited for, and how often all are asked.
  private static let patience = Duration.seconds(2)
  private static let attempts = 20

  /// Looks for the cluster to join, or makes sure that a new one may be begun.
  func complete(_ configuration: inout MemberConfiguration) async throws {
    if let records = settings.memberRecords { try await find(records, &configuration) }
    let others = configuration.initialMembers
      .filter { Set($0.peerURLs) != Set(configuration.peerURLs) }.flatMap(\.peerURLs)
    // Records tell where members are; who belongs to a cluster that exists, it says itself.
    if settings.memberRecords != nil, !configuration.mayBootstrap {
      configuration.initialMembers = []
    }
    if configuration.mayBootstrap {
      for url in others {
        if let answer = try? await ask(url) { try configuration.checkIsNew(answer) }
      }
      return
    }
    guard !others.isEmpty else {
      throw FlagError(
        description:
          "--initial-cluster-state=existing needs --initial-cluster with the members of the cluster,"
          + " as \"keelsonctl member add\" prints it, or --discovery-srv")
    }
    try await join(&configuration, others)
  }

  /// Takes the members from DNS, which may not know those that start right now yet.
  private func find(
    _ records: MemberRecords, _ configuration: inout MemberConfiguration
  ) async throws {
    for attempt in 1...Self.attempts {
      do {
        let members = try records.members()
        let own = try records.own(
          of: members.flatMap(\.peerURLs), advertised: configuration.peerURLs)
        (configuration.peerURLs, configuration.initialMembers) = ([own], members)
        let urls = members.flatMap(\.peerURLs).joined(separator: ",")
        return logger.info(
          "DNS names the members", metadata: ["domain": "\(records.domain)", "peers": "\(urls)"])
      } catch {
        if attempt == Self.attempts { throw error }
        if attempt == 1 {
          logger.warning("DNS does not name the members yet", metadata: ["error": "\(error)"])
        }
      }
      try await Task.sleep(for: .milliseconds(250))
    }
  }

  /// A member that was added a moment ago may not be known everywhere yet.
  private func join(_ configuration: inout MemberConfiguration, _ others: [String]) async throws {
    var problem: any Error = FlagError(description: "no other member was asked")
    for attempt in 1...Self.attempts {
      for url in others {
        do {
          try configuration.join(try await ask(url))
          return logger.info("joining a cluster", metadata: ["peer": "\(url)"])
        } catch {
          problem = error
        }
      }
      if attempt < Self.attempts { try await Task.sleep(for: .milliseconds(250)) }
    }
    throw FlagError(
      description:
        "cannot fetch cluster info from peer urls \(others.joined(separator: ",")): \(problem)")
  }

  private func ask(_ url: String) async throws -> Bytes {
    try await PeerProbe.cluster(at: url, tls: settings.peers.clientTLS, timeout: Self.patience)
  }
}
