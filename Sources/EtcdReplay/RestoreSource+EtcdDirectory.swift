public import Member
public import SnapshotFile

internal import Environment
internal import Identity
internal import LinuxEnvironment
internal import Primitives

extension RestoreSource {
  /// Everything that the etcd of a data directory had acknowledged: its database, and behind it the entries of its
  /// log, carried out as etcd would have at its next start.
  ///
  /// - Throws: `SnapshotError` now, and `MemberError.damaged` later for an entry that cannot be read.
  public init(_ directory: EtcdDirectory) throws {
    try self.init(directory.reader)
    let entropy = LinuxEntropy()
    replay = { body in
      try directory.forEachMissing { entry in
        guard entry.kind == .request, !entry.data.isEmpty else { return true }
        let request: InternalRequest
        do throws(DecodingError) {
          request = try InternalRequest(decoding: entry.data) {
            (password) throws(DecodingError) -> Bytes in
            guard PasswordHash.accepts(password) else { throw .malformed }
            var random = ByteWriter(capacity: 16)
            random.appendBigEndian(entropy.next())
            random.appendBigEndian(entropy.next())
            return PasswordHash.make(
              password, cost: PasswordHash.standardCost, random: random.bytes)
          }
        } catch {
          throw SnapshotError.corrupt(
            detail: "entry \(entry.index) of the log holds no request that etcd 3.4 to 3.7 writes")
        }
        if let command = request.command { try body(command, request.author) }
        return true
      }
    }
  }
}
