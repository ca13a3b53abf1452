/// Why a snapshot could not be read or written. What a source, a sink or a file access throws passes as it is.
public enum SnapshotError: Error, Hashable, Sendable {
  /// The file is not what it claims to be; `detail` says where.
  case corrupt(detail: String)
  /// The file ends in no SHA-256, or in one that its bytes do not have.
  case badHash(detail: String)
  /// The file is sound, but has something that etcd's files have not.
  case unsupported(detail: String)
  /// What is to be written breaks a rule of the format: keys out of order, empty, or too long.
  case invalidSource(detail: String)
  /// A source gave other sizes when it was read for the second time.
  case sourceChanged(bucket: String)
  /// The operating system refused to read.
  case failed(detail: String)
}
