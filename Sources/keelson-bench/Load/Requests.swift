internal import Primitives

/// The requests of the loads, encoded without message objects: a load generator must cost little.
enum Requests {
  /// A put of a key.
  static func put(_ key: Bytes, _ value: Bytes, lease: Int64 = 0) -> Bytes {
    var writer = ByteWriter(capacity: key.count + value.count + 24)
    writer.appendBytesField(1, key)
    writer.appendBytesField(2, value)
    writer.appendVarintField(3, lease)
    return writer.bytes
  }

  /// A read of one key, or of all keys up to `end`.
  static func range(
    _ key: Bytes, end: Bytes = [], limit: Int64 = 0, revision: Int64 = 0,
    isSerializable: Bool = false, countOnly: Bool = false
  ) -> Bytes {
    var writer = ByteWriter(capacity: key.count + end.count + 32)
    writer.appendBytesField(1, key)
    writer.appendBytesField(2, end)
    writer.appendVarintField(3, limit)
    writer.appendVarintField(4, revision)
    writer.appendBoolField(7, isSerializable)
    writer.appendBoolField(9, countOnly)
    return writer.bytes
  }

  /// kube-apiserver's creation: put, if the key does not exist.
  static func create(_ key: Bytes, _ value: Bytes, lease: Int64 = 0) -> Bytes {
    transaction(key, at: 0, success: (2, put(key, value, lease: lease)), failure: nil)
  }

  /// kube-apiserver's update: put, if the key was last changed at `revision`; else read it.
  static func update(_ key: Bytes, _ value: Bytes, at revision: Int64) -> Bytes {
    transaction(key, at: revision, success: (2, put(key, value)), failure: range(key))
  }

  /// kube-apiserver's deletion: delete, if the key was last changed at `revision`; else read it.
  static func delete(_ key: Bytes, at revision: Int64) -> Bytes {
    var writer = ByteWriter()
    writer.appendBytesField(1, key)
    return transaction(key, at: revision, success: (3, writer.bytes), failure: range(key))
  }

  private static func transaction(
    _ key: Bytes, at revision: Int64, success: (kind: UInt64, body: Bytes), failure: Bytes?
  ) -> Bytes {
    // Equal is 0 and left out; the target is MOD, and its number is present even if it is 0.
    var compare = ByteWriter()
    compare.appendVarintField(2, 2 as Int64)
    compare.appendBytesField(3, key)
    compare.appendVarint(6 << 3)
    compare.appendVarint(UInt64(bitPattern: revision))
    var writer = ByteWriter(capacity: success.body.count + key.count * 2 + 64)
    writer.appendBytesField(1, compare.bytes)
    writer.appendBytesField(2, nested(success.kind, success.body))
    if let failure { writer.appendBytesField(3, nested(1, failure)) }
    return writer.bytes
  }

  private static func nested(_ field: UInt64, _ body: Bytes) -> Bytes {
    var writer = ByteWriter(capacity: body.count + 8)
    writer.appendBytesField(field, body)
    return writer.bytes
  }

  /// The creation of a watch on all keys from `key` up to `end`, or on one.
  static func watch(_ key: Bytes, end: Bytes = []) -> Bytes {
    var writer = ByteWriter()
    writer.appendBytesField(1, key)
    writer.appendBytesField(2, end)
    return nested(1, writer.bytes)
  }

  /// A new lease whose identifier the server chooses.
  static func leaseGrant(seconds: Int64) -> Bytes {
    var writer = ByteWriter()
    writer.appendVarintField(1, seconds)
    return writer.bytes
  }

  /// A renewal.
  static func leaseKeepAlive(_ lease: Int64) -> Bytes {
    var writer = ByteWriter()
    writer.appendVarintField(1, lease)
    return writer.bytes
  }

  /// A compaction up to a revision.
  static func compact(_ revision: Int64) -> Bytes {
    var writer = ByteWriter()
    writer.appendVarintField(1, revision)
    return writer.bytes
  }

  /// The end of the range of all keys that begin with `prefix`, whose last byte is not 255.
  static func end(ofPrefix prefix: Bytes) -> Bytes {
    var end = prefix
    end[end.count - 1] += 1
    return end
  }
}

/// What the loads look for in answers.
enum Answers {
  /// The revision in the header, which is field 1 of every answer.
  static func revision(_ answer: Bytes) -> Int64? {
    guard let header = field(1, of: answer, in: 0..<answer.count)?.range else { return nil }
    return field(3, of: answer, in: header)?.number
  }

  /// The first number in a field of an answer.
  static func number(_ field: UInt64, _ answer: Bytes) -> Int64? {
    self.field(field, of: answer, in: 0..<answer.count)?.number
  }

  /// How often a field occurs.
  static func occurrences(of wanted: UInt64, _ answer: Bytes) -> Int {
    var reader = ByteReader(answer)
    var count = 0
    while !reader.isAtEnd, let tag = try? reader.readTag() {
      if tag.field == wanted { count += 1 }
      if (try? reader.skipField(wireType: tag.wireType)) == nil { return 0 }
    }
    return count
  }

  private static func field(
    _ wanted: UInt64, of bytes: Bytes, in range: Range<Int>
  ) -> (number: Int64?, range: Range<Int>?)? {
    var reader = ByteReader(bytes, in: range)
    while !reader.isAtEnd, let tag = try? reader.readTag() {
      if tag.field == wanted {
        if tag.wireType == 0 {
          return (try? reader.readVarint()).map { (Int64(bitPattern: $0), nil) }
        }
        return (try? reader.readLengthDelimited()).map { (nil, $0) }
      }
      if (try? reader.skipField(wireType: tag.wireType)) == nil { return nil }
    }
    return nil
  }
}

/// The paths of the methods.
enum Methods {
  static let range = "/etcdserverpb.KV/Range"
  static let rangeStream = "/etcdserverpb.KV/RangeStream"
  static let put = "/etcdserverpb.KV/Put"
  static let transaction = "/etcdserverpb.KV/Txn"
  static let compact = "/etcdserverpb.KV/Compact"
  static let watch = "/etcdserverpb.Watch/Watch"
  static let leaseGrant = "/etcdserverpb.Lease/LeaseGrant"
  static let leaseKeepAlive = "/etcdserverpb.Lease/LeaseKeepAlive"
  static let snapshot = "/etcdserverpb.Maintenance/Snapshot"
}

extension Answers {
  /// Whether an answer has these bytes in it somewhere.
  static func contains(_ bytes: Bytes, _ answer: Bytes) -> Bool {
    guard let first = bytes.first, answer.count >= bytes.count else { return bytes.isEmpty }
    return answer.indices.dropLast(bytes.count - 1).contains { start in
      answer[start] == first && answer[start..<start + bytes.count].elementsEqual(bytes)
    }
  }
}

extension Answers {
  /// The number of records in one message of a RangeStream: a RangeResponse in field 1.
  static func streamedRecords(_ message: Bytes) -> Int {
    var reader = ByteReader(message)
    guard let tag = try? reader.readTag(), tag.field == 1,
      let range = try? reader.readLengthDelimited()
    else { return 0 }
    return occurrences(of: 2, Bytes(message[range]))
  }
}
