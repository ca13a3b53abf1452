internal import EtcdProtocol
public import Primitives

/// A piece of a snapshot file.
public struct SnapshotChunk: Sendable, Hashable {
  /// The bytes that come next in the file.
  public var bytes: Bytes
  /// Bytes of the database that come after this chunk; the checksum at the end is not counted.
  public var remainingBytes: UInt64
  /// The version of the storage format; empty from old servers.
  public var version: String
}

/// How far a snapshot is.
public struct SnapshotProgress: Sendable, Hashable {
  /// Bytes that were written.
  public var writtenBytes: UInt64
  /// Bytes that are to come, as far as the server says.
  public var remainingBytes: UInt64
}

extension StoreClient {
  /// The store as a file that `etcdutl snapshot restore` and `keelsonctl snapshot restore` take, in chunks.
  ///
  /// ```swift
  /// for try await chunk in client.snapshot() { upload(chunk.bytes) }
  /// ```
  public func snapshot(timeout: Timeout = .unlimited) -> MessageStream<SnapshotChunk> {
    MessageStream(
      client: self, path: Method.snapshot, timeout: timeout,
      request: Etcdserverpb_SnapshotRequest()
    ) { (answer: Etcdserverpb_SnapshotResponse) in
      SnapshotChunk(
        bytes: Bytes(answer.blob), remainingBytes: answer.remainingBytes, version: answer.version)
    }
  }

  /// Writes a snapshot to a file: first to `path.part`, which takes its name when it is complete and durable.
  ///
  /// - Parameter progress: called after each chunk.
  /// - Returns: the version of the storage format; empty from old servers.
  /// - Throws: `file` if it cannot be written, `dataLoss` if the stream ended without the checksum.
  @discardableResult
  public func saveSnapshot(
    to path: String, timeout: Timeout = .unlimited,
    progress: (SnapshotProgress) -> Void = { _ in }
  ) async throws(KeelsonError) -> String {
    let file = try PartFile(path: path)
    var version = ""
    var written: UInt64 = 0
    var chunks = snapshot(timeout: timeout).makeAsyncIterator()
    while let chunk = try await chunks.next() {
      try file.write(chunk.bytes)
      written += UInt64(chunk.bytes.count)
      if !chunk.version.isEmpty { version = chunk.version }
      progress(SnapshotProgress(writtenBytes: written, remainingBytes: chunk.remainingBytes))
    }
    // A database is whole pages of 512 bytes at least; SHA-256 of it stands behind.
    guard written % 512 == 32 else {
      throw KeelsonError(.dataLoss, "sha256 checksum not found [bytes: \(written)]")
    }
    try file.commit()
    return version
  }
}
