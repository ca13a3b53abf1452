public import Engine
public import Primitives
public import Raft

/// Where the replicated state beside keys and leases lies in the engine's meta table.
public enum ClusterTable {
  /// The encoded `ClusterState`.
  static let stateKey = Bytes("replica/cluster".utf8)
  /// Members that one that joins can ask, encoded as a `ClusterState`; gone once it has the replicated one.
  static let contactsKey = Bytes("replica/contacts".utf8)
  /// The term of the last entry applied, eight bytes, most significant first.
  static let termKey = Bytes("replica/term".utf8)
  /// The life of a member that has forgotten earlier ones, eight bytes; gone once it has the state from others.
  static let lifeKey = Bytes("replica/life".utf8)

  /// Adds what a new member's engine must hold before its first start.
  public static func bootstrap(_ state: ClusterState, term: Term, into batch: inout EngineBatch) {
    put(state, into: &batch)
    put(term, into: &batch)
  }

  /// Adds what the engine of a member that joins must hold before its first start: a cluster without members, since
  /// who they are comes with the state, and whom it can ask until then.
  public static func bootstrap(joining cluster: ClusterState, into batch: inout EngineBatch) {
    bootstrap(ClusterState(cluster: cluster.cluster, members: []), term: .zero, into: &batch)
    batch.put(.meta, key: contactsKey, value: cluster.encoded())
  }

  /// Whom a member that joins can ask until the state has arrived; nobody afterwards.
  public static func contacts(_ engine: any Engine) throws(ReplicaError) -> [ClusterMember] {
    do throws(EngineError) {
      guard let encoded = try engine.value(.meta, contactsKey) else { return [] }
      return (try? ClusterState.decode(encoded))?.members ?? []
    } catch {
      throw .engine("\(error)")
    }
  }

  /// Notes, in the new engine of a member that was damaged, that it may have promised what it does not know.
  /// `life` is a number that no other life of the member has, and not 0.
  public static func bootstrap(forgetting life: MemberLife, into batch: inout EngineBatch) {
    var writer = ByteWriter(capacity: 8)
    writer.appendBigEndian(life.rawValue)
    batch.put(.meta, key: lifeKey, value: writer.bytes)
  }

  /// The present life of a member that has forgotten what it promised, or nil.
  static func forgetfulLife(_ engine: any Engine) throws(ReplicaError) -> MemberLife? {
    do throws(EngineError) {
      guard let bytes = try engine.value(.meta, lifeKey) else { return nil }
      var reader = ByteReader(bytes)
      guard let number = try? reader.readBigEndian(as: UInt64.self), reader.isAtEnd, number > 0
      else { throw EngineError.corrupt(detail: "a member's life is unreadable") }
      return MemberLife(rawValue: number)
    } catch {
      throw .engine("\(error)")
    }
  }

  /// Makes a member the only one of its cluster, with a vote, whoever belonged to it.
  public static func reduce(_ engine: any Engine, to member: MemberID) throws(ReplicaError) {
    let state = try load(engine).state
    guard var only = state.member(member) else { throw .notAMember(member) }
    only.isLearner = false
    only.forgetfulLife = nil
    only.gainsVote = false
    var batch = EngineBatch()
    var reduced = ClusterState(
      cluster: state.cluster, members: [only], alarms: state.alarms, level: state.level,
      removed: state.removed)
    reduced.noteRemoved(state.members.map(\.id).filter { $0 != member })
    put(reduced, into: &batch)
    do throws(EngineError) { try engine.apply(batch) } catch { throw .engine("\(error)") }
  }

  static func put(_ state: ClusterState, into batch: inout EngineBatch) {
    batch.put(.meta, key: stateKey, value: state.encoded())
  }

  static func put(_ term: Term, into batch: inout EngineBatch) {
    var writer = ByteWriter(capacity: 8)
    writer.appendBigEndian(term.rawValue)
    batch.put(.meta, key: termKey, value: writer.bytes)
  }

  /// Reads an engine's cluster state and the term of the last entry that it has applied.
  public static func load(
    _ engine: any Engine
  ) throws(ReplicaError) -> (state: ClusterState, term: Term) {
    try load { (key) throws(EngineError) in try engine.value(.meta, key) }
  }

  /// Reads the same of a pinned state.
  static func load(
    _ snapshot: any EngineSnapshot
  ) throws(ReplicaError) -> (state: ClusterState, term: Term) {
    try load { (key) throws(EngineError) in try snapshot.value(.meta, key) }
  }

  private static func load(
    _ value: (Bytes) throws(EngineError) -> Bytes?
  ) throws(ReplicaError) -> (state: ClusterState, term: Term) {
    do {
      guard let encoded = try value(stateKey) else { throw ReplicaError.noClusterState }
      guard let state = try? ClusterState.decode(encoded) else {
        throw ReplicaError.unreadableClusterState
      }
      var term = Term.zero
      if let bytes = try value(termKey) {
        var reader = ByteReader(bytes)
        guard let number = try? reader.readBigEndian(as: UInt64.self), reader.isAtEnd else {
          throw ReplicaError.unreadableClusterState
        }
        term = Term(number)
      }
      return (state, term)
    } catch let error as ReplicaError {
      throw error
    } catch {
      throw .engine("\(error)")
    }
  }
}
