public import Primitives
internal import ReplicaCore

/// What other members say before this one has an identity.
extension MemberConfiguration {
  /// Has a member without data join the cluster that a member of it described, as `PeerMethod.members` asks.
  ///
  /// - Throws: this one was not added to that cluster, has run in it before, or `initialMembers` are others than
  ///   the cluster's.
  public mutating func join(_ answer: Bytes) throws(MemberError) {
    let cluster = try Self.cluster(answer)
    _ = try cluster.joiner(self)
    let known = Set(cluster.members.map { $0.peerURLs.sorted() })
    let named = Set(initialMembers.map { $0.peerURLs.sorted() })
    if !named.isEmpty, named != known {
      let urls = cluster.members.map { $0.peerURLs.joined(separator: ",") }
      throw .file(
        reason: "error validating peerURLs: --initial-cluster names other members than cluster "
          + "\(cluster.cluster) has; its members are at \(urls.joined(separator: " and "))")
    }
    joining = cluster
  }

  /// Throws if this member, which has no data, has run in the cluster that a member describes: it may have promised
  /// there what it has forgotten.
  public func checkIsNew(_ answer: Bytes) throws(MemberError) {
    let cluster = try Self.cluster(answer)
    let id = Identities.member(peerURLs: peerURLs, token: clusterToken)
    if let own = cluster.member(id), !own.clientURLs.isEmpty { _ = try cluster.joiner(self) }
  }

  private static func cluster(_ answer: Bytes) throws(MemberError) -> ClusterState {
    guard let cluster = try? ClusterState.decode(answer) else {
      throw .file(reason: "what answers at a peer URL is no member of a cluster of this release")
    }
    return cluster
  }
}
