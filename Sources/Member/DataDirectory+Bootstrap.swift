internal import Engine
internal import MVCC
internal import Primitives
internal import ReplicaCore

/// What a member's directory begins with at its first start.
extension DataDirectory {
  /// Begins a cluster. Every member that it is begun with makes the same one of it for itself.
  func bootstrap(_ configuration: MemberConfiguration) throws(MemberError) -> Identity {
    let own = InitialMember(name: configuration.name, peerURLs: configuration.peerURLs)
    let founders = configuration.initialMembers.isEmpty ? [own] : configuration.initialMembers
    let members = founders.map { founder in
      ClusterMember(
        id: Identities.member(peerURLs: founder.peerURLs, token: configuration.clusterToken),
        name: founder.name, peerURLs: founder.peerURLs.sorted(),
        // The others learn it when it has started.
        clientURLs: founders.count == 1 ? configuration.clientURLs : [], isLearner: false)
    }
    // By its URLs: who takes the others from DNS does not know their names.
    let urls = Set(own.peerURLs)
    guard let place = founders.firstIndex(where: { Set($0.peerURLs) == urls }) else {
      throw .file(
        reason:
          "this member, \"\(own.name)\" at \(own.peerURLs.joined(separator: ",")), is not among"
          + " those of the new cluster: \(founders.map(\.name).joined(separator: ", "))")
    }
    if Set(members.map(\.id)).count < members.count {
      throw .file(reason: "two members of the new cluster have the same peer URLs")
    }
    let cluster = Identities.cluster(members: members.map(\.id))
    let identity = Identity(cluster: cluster, member: members[place].id)
    try create(identity) { (engine) throws(MemberError) in
      // Behind an entry that is in nobody's log, so that whoever joins later gets this state, and the others of
      // now, who have it, the log.
      let begin = founders.count == 1 ? (LogIndex.zero, Term.zero) : (LogIndex(1), Term(1))
      var batch = EngineBatch()
      ClusterTable.bootstrap(
        ClusterState(cluster: cluster, members: members), term: begin.1, into: &batch)
      if begin.0 > .zero {
        batch.put(
          .meta, key: StoreLayout.appliedKey,
          value: StoreLayout.encodeApplied(begin.0, Revision(1)))
      }
      do throws(EngineError) { try engine.apply(batch) } catch { throw MemberError(error) }
      return begin
    }
    return identity
  }

  /// Joins a cluster in which this member was added: it is known there by its peer URLs.
  func join(
    _ cluster: ClusterState, _ configuration: MemberConfiguration
  ) throws(MemberError) -> Identity {
    let own = try cluster.joiner(configuration)
    let identity = Identity(cluster: cluster.cluster, member: own.id)
    try create(identity) { (engine) throws(MemberError) in
      var batch = EngineBatch()
      ClusterTable.bootstrap(joining: cluster, into: &batch)
      do throws(EngineError) { try engine.apply(batch) } catch { throw MemberError(error) }
      return (.zero, .zero)
    }
    return identity
  }
}

extension ClusterState {
  /// The entry of a member that joins, which must not have run before: it may have promised what it has forgotten.
  func joiner(_ configuration: MemberConfiguration) throws(MemberError) -> ClusterMember {
    let urls = configuration.peerURLs.sorted()
    guard let own = members.first(where: { $0.peerURLs.sorted() == urls }) else {
      let known = members.map { $0.peerURLs.joined(separator: ",") }
      throw .file(
        reason: "error validating peerURLs: no member of cluster \(cluster) has "
          + "\(urls.joined(separator: ",")), they have \(known.joined(separator: " and ")); "
          + "add this one first (keelsonctl member add)")
    }
    if !own.clientURLs.isEmpty {
      throw .file(
        reason: "member \(own.id) has already been bootstrapped: its data is missing, and with it "
          + "what it has promised to the others; remove it (keelsonctl member remove \(own.id)) and "
          + "add it again")
    }
    return own
  }
}
