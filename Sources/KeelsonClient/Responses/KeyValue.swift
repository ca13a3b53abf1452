package import EtcdProtocol
public import Primitives

/// A record of the store: a key, its value, and the revisions that made it.
public struct KeyValue: Sendable, Hashable {
  package var message: Mvccpb_KeyValue

  package init(_ message: Mvccpb_KeyValue) { self.message = message }

  /// The key. Cost: a copy.
  public var key: Bytes { Bytes(message.key) }
  /// The value. Cost: a copy.
  public var value: Bytes { Bytes(message.value) }
  /// The key as text; bytes that are not UTF-8 are replaced.
  public var keyText: String { String(decoding: message.key, as: UTF8.self) }
  /// The value as text; bytes that are not UTF-8 are replaced.
  public var valueText: String { String(decoding: message.value, as: UTF8.self) }
  /// The revision that created the key.
  public var createRevision: Revision { Revision(message.createRevision) }
  /// The revision that last changed the key.
  public var modRevision: Revision { Revision(message.modRevision) }
  /// The number of writes since the key was created, from 1; 0 for a deletion.
  public var version: Int64 { message.version }
  /// The lease whose end deletes the key.
  public var lease: LeaseID { LeaseID(message.lease) }
}

/// Who answered, and at which revision.
public struct ResponseHeader: Sendable, Hashable {
  package var message: Etcdserverpb_ResponseHeader

  package init(_ message: Etcdserverpb_ResponseHeader) { self.message = message }

  /// The cluster.
  public var cluster: ClusterID { ClusterID(rawValue: message.clusterID) }
  /// The member that answered.
  public var member: MemberID { MemberID(message.memberID) }
  /// The revision of the store when the request was carried out.
  public var revision: Revision { Revision(message.revision) }
  /// The Raft term of the member.
  public var term: Term { Term(message.raftTerm) }
}
