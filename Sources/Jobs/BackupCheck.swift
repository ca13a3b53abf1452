internal import MVCC
internal import Primitives
internal import SnapshotFile

/// Whether a file is what a store held.
enum BackupCheck {
  /// Reads a file as a restore will: its SHA-256, its pages, and the hash of its history, which must be the store's.
  static func check(_ path: String, against expected: StoreHash) throws(BackupFailure) {
    let found: SnapshotHash
    do {
      found = try SnapshotHash(of: SnapshotReader(FileAccess(path: path)))
    } catch {
      throw BackupFailure(description: "what was written cannot be read: \(error)")
    }
    // A store whose last writes were compacted away has no record of its revision.
    guard found.hash == expected.hash, found.revision <= expected.hashRevision,
      found.compacted == max(.zero, expected.compactRevision)
    else {
      throw BackupFailure(
        description: "what was written is not what the store holds: the file's hash is"
          + " \(found.hash) at revision \(found.revision), the store's \(expected.hash) at"
          + " \(expected.hashRevision)")
    }
  }
}
