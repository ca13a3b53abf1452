public import Primitives

/// Around a command that a follower had the leader propose: which member answers when it applies the entry, and by
/// what number that knows the request. No two lives of a member use the same number.
public struct Envelope: Hashable, Sendable {
  /// The version byte of a payload that begins with an envelope.
  static let version: UInt8 = 3

  /// The member that a client asked.
  public var origin: MemberID
  /// The request, as that member counts them.
  public var number: UInt64

  /// Names a request.
  public init(origin: MemberID, number: UInt64) {
    self.origin = origin
    self.number = number
  }

  /// A command's payload inside of the envelope. Cost: a copy.
  public func around(_ payload: Bytes) -> Bytes {
    var writer = ByteWriter(capacity: payload.count + 21)
    writer.append(Self.version)
    writer.appendVarint(origin.rawValue)
    writer.appendVarint(number)
    writer.append(payload)
    return writer.bytes
  }

  /// The envelope that a payload begins with, or nil.
  public static func of(_ payload: Bytes) -> Envelope? {
    guard payload.first == version else { return nil }
    var reader = ByteReader(payload)
    _ = try? reader.readByte()
    return try? Envelope(from: &reader)
  }

  /// Reads what follows the version byte.
  init(from reader: inout ByteReader) throws(DecodingError) {
    origin = MemberID(try reader.readVarint())
    number = try reader.readVarint()
  }
}
