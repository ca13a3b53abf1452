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
    let others = configuration.initialMembers.filter { $0.name != configuration.name }
      .flatMap(\.peerURLs)
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
          + " as \"keelsonctl member add\" prints it")
    }
    try await join(&configuration, others)
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
