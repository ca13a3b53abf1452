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
  /// A server runs in the directory that is to be read.
  case inUse(directory: String)
  /// A revision was asked for that the file does not have.
  case noSuchRevision(detail: String)
  /// The operating system refused to read.
  case failed(detail: String)
}

extension SnapshotError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .corrupt(let detail): "damaged: \(detail)"
    case .badHash(let detail): detail
    case .unsupported(let detail): "not supported: \(detail)"
    case .invalidSource(let detail): "cannot be written: \(detail)"
    case .sourceChanged(let bucket): "the bucket \(bucket) changed while it was written"
    case .inUse(let directory):
      "a server runs in \(directory): stop it first, or leave it running and take 'snapshot save' of it"
    case .noSuchRevision(let detail), .failed(let detail): detail
    }
  }
}
