internal import Engine
internal import Environment
internal import LinuxEnvironment
internal import Primitives
internal import Raft
internal import ReplicaCore

/// What a member's directory goes through when its log or its engine is damaged and others hold what it has lost.
///
/// `member/cluster` is a copy of who belongs to the cluster, for when the engine cannot say it any more. Beginning
/// anew is noted in `member/anew` first, and gone through again at the next start if it was interrupted. What was
/// there before lies in `damaged` until the others' state is in place: it may be the last that is left.
extension DataDirectory {
  private static let clusterName = "cluster"
  private static let anewName = "anew"
  private static let damagedName = "damaged"
  /// Bytes of the copy: a bound for what is read.
  private static let clusterBytes = 1 << 20

  private var damagedLogPath: String {
    separateLog.map { $0 + "/" + Self.damagedName } ?? memberPath + "/\(Self.damagedName)/log"
  }
  /// Where a damaged member's engine and log wait for the state of the others.
  var damagedPath: String { memberPath + "/" + Self.damagedName }

  // MARK: Who belongs to the cluster

  /// Keeps a copy of who belongs to the cluster, if it is another than the one there.
  func noteCluster(_ cluster: ClusterState) throws(MemberError) {
    if cluster.members.isEmpty || notedCluster() == cluster { return }
    try write(cluster, to: Self.clusterName)
  }

  /// The copy; nil if there is none that can be read.
  func notedCluster() -> ClusterState? { read(Self.clusterName) }

  // MARK: Beginning anew

  /// Lays damaged log and engine aside, and begins again with an empty log and an engine that says so: as a member
  /// that has forgotten what it promised, and knows whom to ask.
  func beginAnew(_ cluster: ClusterState) throws(MemberError) {
    try write(cluster, to: Self.anewName)
    try goOnBeginningAnew()
  }

  /// Goes through the steps of a beginning that was interrupted; nothing if there was none.
  func goOnBeginningAnew() throws(MemberError) {
    guard let cluster = read(Self.anewName) else { return }
    do throws(FileError) {
      try files.createDirectory(damagedPath)
      try files.createDirectory(damagedLogPath)
      for name in try files.list(logPath) where name.hasSuffix(".wal") {
        let aside = "\(damagedLogPath)/\(name)"
        // What lies there already is older, and held more.
        if try files.exists(aside) {
          try files.remove("\(logPath)/\(name)")
        } else {
          try files.rename("\(logPath)/\(name)", to: aside)
        }
      }
      try files.synchronizeDirectory(damagedLogPath)
      try files.synchronizeDirectory(logPath)
    } catch {
      throw .file(reason: "\(error)")
    }
    try createLog(in: logPath, after: .zero, term: .zero)
    let old = try engines.currentName()
    let new = try engines.freshName()
    do throws(EngineError) {
      let engine = try RocksEngine(directory: engines.path(new))
      defer { engine.close() }
      var batch = EngineBatch()
      ClusterTable.bootstrap(joining: cluster, into: &batch)
      ClusterTable.bootstrap(
        forgetting: MemberLife(rawValue: LinuxEntropy().next() | 1), into: &batch)
      try engine.apply(batch)
      try engine.flush()
    } catch {
      throw MemberError(error)
    }
    try engines.makeCurrent(new)
    do throws(FileError) {
      let aside = damagedPath + "/engine"
      if try !files.exists(aside), try files.exists(engines.path(old)) {
        try files.rename(engines.path(old), to: aside)
      }
      try files.remove(memberPath + "/" + Self.anewName)
      try files.synchronizeDirectory(memberPath)
    } catch {
      throw .file(reason: "\(error)")
    }
  }

  /// Removes what was laid aside, once the member has its state from the others.
  func removeDamaged() {
    try? files.removeTree(damagedLogPath)
    try? files.removeTree(damagedPath)
  }

  // MARK: Files

  private func write(_ cluster: ClusterState, to name: String) throws(MemberError) {
    let encoded = cluster.encoded()
    var writer = ByteWriter(capacity: encoded.count + 4)
    writer.appendLittleEndian(CRC32C.checksum(encoded))
    writer.append(encoded)
    do throws(FileError) {
      try files.replace(memberPath, name, with: writer.bytes)
    } catch {
      throw .file(reason: "\(error)")
    }
  }

  private func read(_ name: String) -> ClusterState? {
    guard let file = try? files.open(memberPath + "/" + name, .read),
      let bytes = try? file.read(Self.clusterBytes, at: 0)
    else { return nil }
    var reader = ByteReader(bytes)
    guard let checksum = try? reader.readLittleEndian(as: UInt32.self) else { return nil }
    let encoded = Bytes(bytes.dropFirst(4))
    return CRC32C.checksum(encoded) == checksum ? try? ClusterState.decode(encoded) : nil
  }
}

extension LinuxFileSystem {
  /// Replaces a file's content in one step, durably.
  func replace(_ directory: String, _ name: String, with bytes: Bytes) throws(FileError) {
    let path = directory + "/" + name
    let new = path + ".new"
    if try exists(new) { try remove(new) }
    let handle = try open(new, .create)
    try handle.write(bytes, at: 0)
    try handle.synchronizeData()
    try rename(new, to: path)
    try synchronizeDirectory(directory)
  }
}
