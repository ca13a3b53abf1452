internal import Engine
internal import Environment
internal import LinuxEnvironment
internal import Primitives
internal import SnapshotFile

/// Bytes of an engine's files around a rewrite.
public struct ReclaimedSpace: Hashable, Sendable {
  /// Bytes before.
  public var before: Int64
  /// Bytes after.
  public var after: Int64
}

extension DataDirectory {
  /// Rewrites the engine's files of a member that does not run, without what was overwritten or deleted in them.
  ///
  /// What the member holds stays as it is; what its log alone has is not looked at. Cost: every byte of the engine is
  /// read and written once, and meanwhile both copies need room.
  /// - Throws: `MemberError.locked` if a member runs there, `.file` if the directory holds no member of Keelson,
  ///   `.damaged`.
  public static func reclaim(at path: String) throws(MemberError) -> ReclaimedSpace {
    let directory = DataDirectory(path)
    if EtcdDirectory.isOne(path) {
      throw .file(reason: "\(path) is a data directory of etcd, which etcdutl defragments")
    }
    // To lock a directory makes it.
    guard (try? directory.files.exists(directory.memberPath)) == true else {
      throw .file(reason: "there is no member in \(path)")
    }
    let lock = try directory.lock()
    defer { lock.release() }
    _ = try directory.identity()
    let name = try directory.engines.currentName()
    do throws(EngineError) {
      let engine = try RocksEngine(directory: directory.engines.path(name))
      defer { engine.close() }
      let before = engine.sizeOnDisk
      for table in Table.allCases { try engine.reclaim(table, from: nil, to: nil) }
      return ReclaimedSpace(before: before, after: engine.sizeOnDisk)
    } catch {
      throw MemberError(error)
    }
  }
}
