public import Member
public import Primitives
public import Raft

/// One thing that travels on a stream between two members.
public enum PeerItem: Hashable, Sendable {
  /// What one Raft node says to the other. A `snapshot` never travels: the end of a state's stream
  /// stands for it.
  case message(Message)
  /// A question; numbers are unique on their stream.
  case request(number: UInt64, PeerMethod, Bytes)
  /// The answer to the question of that number.
  case reply(number: UInt64, Result<Bytes, PeerRefusal>)

  /// About as many bytes as the item takes when it is encoded.
  var byteCount: Int {
    switch self {
    case .message(let message):
      guard case .append(let append) = message.content else { return 64 }
      return append.entries.reduce(64) { $0 + 16 + $1.payload.count }
    case .request(_, _, let payload): return 24 + payload.count
    case .reply(_, .success(let payload)): return 24 + payload.count
    case .reply(_, .failure(let refusal)): return 24 + refusal.message.utf8.count
    }
  }
}

/// What one gRPC message between members holds: items one behind the other.
///
/// A byte for the format, then for each item a byte for its kind and its fields: numbers as varints,
/// bytes with their length before them. Sender and receiver of Raft's messages are those of the
/// stream and are not repeated. The indexes of entries follow from the one before them.
public enum PeerFrame {
  /// The format that this release writes, and the only one that it reads.
  static let format: UInt8 = 1

  enum Kind: UInt8 {
    case message = 1
    case request = 2
    case reply = 3
    case refusal = 4
  }

  /// Encodes items in a protocol that the receiver speaks; by default the newest. Cost: one buffer, into
  /// which each payload is copied once.
  public static func encode(_ items: [PeerItem], speaking protocolNumber: UInt32? = nil) -> Bytes {
    let protocolNumber = protocolNumber ?? PeerProtocol.spoken.upperBound
    var writer = ByteWriter(capacity: items.reduce(1) { $0 + $1.byteCount })
    writer.append(format)
    for item in items { append(item, to: &writer, speaking: protocolNumber) }
    return writer.bytes
  }

  private static func append(
    _ item: PeerItem, to writer: inout ByteWriter, speaking protocolNumber: UInt32
  ) {
    switch item {
    case .message(let message):
      if case .snapshot = message.content { return }
      writer.append(Kind.message.rawValue)
      writer.append(message, speaking: protocolNumber)
    case .request(let number, let method, let payload):
      writer.append(Kind.request.rawValue)
      writer.appendVarint(number)
      writer.append(method.rawValue)
      writer.append(counted: payload)
    case .reply(let number, .success(let payload)):
      writer.append(Kind.reply.rawValue)
      writer.appendVarint(number)
      writer.append(counted: payload)
    case .reply(let number, .failure(let refusal)):
      writer.append(Kind.refusal.rawValue)
      writer.appendVarint(number)
      writer.append(refusal)
    }
  }

  /// Decodes what a member sent to this one; any bytes give items or an error.
  public static func decode(
    _ bytes: Bytes, from: MemberID, to: MemberID
  ) throws(DecodingError) -> [PeerItem] {
    var reader = ByteReader(bytes)
    guard try reader.readByte() == format else { throw .malformed }
    var items: [PeerItem] = []
    while !reader.isAtEnd {
      guard let kind = Kind(rawValue: try reader.readByte()) else { throw .malformed }
      switch kind {
      case .message:
        items.append(.message(try reader.readMessage(from: from, to: to)))
      case .request:
        let number = try reader.readVarint()
        let method = PeerMethod(rawValue: try reader.readByte())
        items.append(.request(number: number, method, try reader.readCounted()))
      case .reply:
        let number = try reader.readVarint()
        items.append(.reply(number: number, .success(try reader.readCounted())))
      case .refusal:
        let number = try reader.readVarint()
        items.append(.reply(number: number, .failure(try reader.readRefusal())))
      }
    }
    return items
  }
}

extension ByteWriter {
  /// Appends bytes with their length before them.
  mutating func append(counted bytes: Bytes) {
    appendVarint(UInt64(bytes.count))
    append(bytes)
  }

  /// Appends a text with its length before it.
  mutating func append(counted text: String) { append(counted: Bytes(text.utf8)) }

  mutating func append(_ refusal: PeerRefusal) {
    append(refusal.code.rawValue)
    append(counted: refusal.message)
  }
}

extension ByteReader {
  /// Reads bytes that have their length before them.
  mutating func readCounted() throws(DecodingError) -> Bytes {
    let range = try readLengthDelimited()
    return Bytes(bytes[range])
  }

  /// Reads a text that has its length before it.
  mutating func readCountedText() throws(DecodingError) -> String {
    let range = try readLengthDelimited()
    guard let text = String(validating: bytes[range], as: UTF8.self) else { throw .malformed }
    return text
  }

  mutating func readRefusal() throws(DecodingError) -> PeerRefusal {
    // A code that a later release has is a failure to this one; the text still says why.
    let code = PeerRefusal.Code(rawValue: try readByte()) ?? .failed
    return PeerRefusal(code, try readCountedText())
  }
}
