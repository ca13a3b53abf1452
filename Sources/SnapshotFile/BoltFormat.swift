internal import Primitives

/// The numbers of bbolt's file format, version 2, and its fixed structures. All integers are little-endian.
enum Bolt {
  static let magic: UInt32 = 0xED0C_DAED
  static let version: UInt32 = 2
  static let pageSize = 4_096
  /// A page's header: id u64, flags u16, count u16, overflow u32.
  static let headerBytes = 16
  /// An element of a leaf (flags, position, key size, value size: u32 each) or of a branch (position u32, key
  /// size u32, page u64).
  static let elementBytes = 16
  static let metaBytes = 64
  /// "The free pages are not listed": the reader finds them.
  static let noFreelist = UInt64.max
  /// bbolt's `MaxKeySize` and `MaxValueSize`.
  static let longestKey = 32_768
  static let longestValue = 0x7FFF_FFFE

  /// The kinds of pages.
  enum PageFlags {
    static let branch: UInt16 = 0x01
    static let leaf: UInt16 = 0x02
    static let meta: UInt16 = 0x04
    static let freelist: UInt16 = 0x10
  }

  /// The flag of a leaf element whose value is a bucket.
  static let bucketElement: UInt32 = 1

  /// The number of pages that so many bytes take.
  static func pages(_ bytes: Int, of pageSize: Int = Bolt.pageSize) -> Int {
    (bytes + pageSize - 1) / pageSize
  }

  /// FNV-1a in 64 bits, which protects a meta page.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }

  /// The header of a page.
  static func appendHeader(
    _ page: UInt64, flags: UInt16, count: Int, overflow: Int, to writer: inout ByteWriter
  ) {
    writer.appendLittleEndian(page)
    writer.appendLittleEndian(flags)
    writer.appendLittleEndian(UInt16(count))
    writer.appendLittleEndian(UInt32(overflow))
  }

  /// The value of a bucket that has no pairs: it carries its only page, an empty leaf, with it.
  static let emptyBucket: Bytes = {
    var writer = ByteWriter(capacity: 32)
    writer.appendLittleEndian(UInt64(0))
    writer.appendLittleEndian(UInt64(0))
    appendHeader(0, flags: PageFlags.leaf, count: 0, overflow: 0, to: &writer)
    return writer.bytes
  }()

  /// The value of a bucket whose tree begins at `rootPage`.
  static func bucket(rootPage: UInt64) -> Bytes {
    var writer = ByteWriter(capacity: 16)
    writer.appendLittleEndian(rootPage)
    writer.appendLittleEndian(UInt64(0))
    return writer.bytes
  }
}

/// What a meta page says.
struct BoltMeta: Hashable {
  var pageSize: Int
  var rootPage: UInt64
  var freelistPage: UInt64
  /// The number of pages that are in use or were: no page has this number or a higher one.
  var highWater: UInt64
  var transaction: UInt64

  /// Meta page `number`, 0 or 1, padded to a page.
  func page(_ number: UInt64) -> Bytes {
    var writer = ByteWriter(capacity: pageSize)
    Bolt.appendHeader(number, flags: Bolt.PageFlags.meta, count: 0, overflow: 0, to: &writer)
    writer.appendLittleEndian(Bolt.magic)
    writer.appendLittleEndian(Bolt.version)
    writer.appendLittleEndian(UInt32(pageSize))
    writer.appendLittleEndian(UInt32(0))
    writer.appendLittleEndian(rootPage)
    writer.appendLittleEndian(UInt64(0))
    writer.appendLittleEndian(freelistPage)
    writer.appendLittleEndian(highWater)
    writer.appendLittleEndian(transaction)
    writer.appendLittleEndian(Bolt.checksum(writer.bytes[Bolt.headerBytes...]))
    return writer.bytes + Bytes(repeating: 0, count: pageSize - writer.count)
  }

  /// Reads a meta page, header included; nil if it is none or damaged.
  init?(page: Bytes) {
    var reader = ByteReader(page)
    let body = Bolt.headerBytes..<Bolt.headerBytes + Bolt.metaBytes
    guard page.count >= body.upperBound,
      (try? reader.readRange(8)) != nil,
      let flags = try? reader.readLittleEndian(as: UInt16.self), flags == Bolt.PageFlags.meta,
      (try? reader.readRange(6)) != nil,
      let magic = try? reader.readLittleEndian(as: UInt32.self), magic == Bolt.magic,
      let version = try? reader.readLittleEndian(as: UInt32.self), version == Bolt.version,
      let pageSize = try? reader.readLittleEndian(as: UInt32.self),
      (try? reader.readLittleEndian(as: UInt32.self)) != nil,
      let root = try? reader.readLittleEndian(as: UInt64.self),
      (try? reader.readLittleEndian(as: UInt64.self)) != nil,
      let freelist = try? reader.readLittleEndian(as: UInt64.self),
      let highWater = try? reader.readLittleEndian(as: UInt64.self),
      let transaction = try? reader.readLittleEndian(as: UInt64.self),
      let checksum = try? reader.readLittleEndian(as: UInt64.self),
      checksum == Bolt.checksum(page[body.lowerBound..<body.upperBound - 8])
    else { return nil }
    guard pageSize >= 512, pageSize <= 65_536, pageSize & (pageSize - 1) == 0 else { return nil }
    self.pageSize = Int(pageSize)
    rootPage = root
    freelistPage = freelist
    self.highWater = highWater
    self.transaction = transaction
  }

  init(rootPage: UInt64, highWater: UInt64, transaction: UInt64) {
    pageSize = Bolt.pageSize
    self.rootPage = rootPage
    freelistPage = Bolt.noFreelist
    self.highWater = highWater
    self.transaction = transaction
  }
}
