public import Primitives
internal import ReplicaCore

/// Why a member could not start, or a data directory could not be made.
public enum MemberError: Error, Hashable, Sendable {
  /// A later release wrote the directory.
  case newerFormat(directory: String, version: Int)
  /// Another process uses the directory.
  case locked(directory: String)
  /// The directory holds something that must not be overwritten.
  case notEmpty(directory: String)
  /// The directory is etcd's.
  case ofEtcd(directory: String)
  /// What is stored is damaged; `reason` names the file.
  case damaged(reason: String)
  /// The file system refused.
  case file(reason: String)
  /// The member was removed from its cluster.
  case removed
  /// The cluster writes what this release does not understand.
  case tooOld(FeatureLevel, cluster: FeatureLevel)
  /// The system has no thread to give.
  case noThread(errno: Int32)
}

extension MemberError: CustomStringConvertible {
  /// What happened and what a person can do about it, in one line.
  public var description: String {
    switch self {
    case .newerFormat(let directory, let version):
      "the data directory \(directory) has format \(version), which a later release wrote; "
        + "run that release"
    case .locked(let directory):
      "the data directory \(directory) is in use by another process; stop it or use another one"
    case .notEmpty(let directory):
      "\(directory) is not empty; remove it first if its content is not needed"
    case .ofEtcd(let directory):
      "\(directory) is the data directory of etcd, and is left as it is; for a member with its content run "
        + "'keelsonctl snapshot restore \(directory) --data-dir NEW', or 'keelsonctl migrate-from' while etcd runs"
    case .damaged(let reason): reason
    case .file(let reason): reason
    case .removed:
      "the member has been permanently removed from the cluster; to have it join again, remove its data and add "
        + "it as a new member"
    case .tooOld(let level, let cluster): ReplicaError.describe(tooOld: level, cluster: cluster)
    case .noThread(let number): "no thread can be started (errno \(number)); raise the limits"
    }
  }
}
