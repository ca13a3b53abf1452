internal import MVCC
internal import Primitives
internal import ReplicaCore

/// What members ask each other beside Raft's messages, as bytes. A number that a release does not know is an error
/// that the asking member reports.
enum PeerQuestion {
  // MARK: Proposals

  /// Proposals in envelopes.
  static func encode(_ payloads: some Collection<Bytes>) -> Bytes {
    var writer = ByteWriter(capacity: payloads.reduce(10) { $0 + $1.count + 10 })
    writer.appendVarint(UInt64(payloads.count))
    for payload in payloads {
      writer.appendVarint(UInt64(payload.count))
      writer.append(payload)
    }
    return writer.bytes
  }

  static func decodePayloads(_ bytes: Bytes) throws(DecodingError) -> [Bytes] {
    var reader = ByteReader(bytes)
    let count = Int(clamping: try reader.readVarint())
    guard count <= reader.remaining else { throw .truncated }
    var payloads: [Bytes] = []
    payloads.reserveCapacity(count)
    for _ in 0..<count {
      payloads.append(try reader.readBytes(Int(clamping: try reader.readVarint())))
    }
    guard reader.isAtEnd else { throw .malformed }
    return payloads
  }

  /// Which of a call's proposals were refused, by their place, and why.
  static func encode(refusals: [(place: Int, error: ProposalError)]) -> Bytes {
    var writer = ByteWriter(capacity: refusals.count * 4 + 4)
    writer.appendVarint(UInt64(refusals.count))
    for (place, error) in refusals {
      writer.appendVarint(UInt64(place))
      writer.append(code(error))
    }
    return writer.bytes
  }

  static func decodeRefusals(
    _ bytes: Bytes
  ) throws(DecodingError) -> [(place: Int, error: ProposalError)] {
    var reader = ByteReader(bytes)
    let count = Int(clamping: try reader.readVarint())
    guard count <= reader.remaining else { throw .truncated }
    var refusals: [(place: Int, error: ProposalError)] = []
    for _ in 0..<count {
      refusals.append((Int(clamping: try reader.readVarint()), error(try reader.readByte())))
    }
    return refusals
  }

  // MARK: Numbers, and errors in their place

  static func encode(_ result: Result<[Int64], ProposalError>) -> Bytes {
    var writer = ByteWriter(capacity: 32)
    switch result {
    case .failure(let error): writer.append(code(error))
    case .success(let numbers):
      writer.append(0 as UInt8)
      for number in numbers { writer.appendVarint(UInt64(bitPattern: number)) }
    }
    return writer.bytes
  }

  static func decodeResult(_ bytes: Bytes) throws(DecodingError) -> Result<[Int64], ProposalError> {
    var reader = ByteReader(bytes)
    let code = try reader.readByte()
    if code != 0 { return .failure(error(code)) }
    return .success(try numbers(&reader))
  }

  static func encode(_ numbers: [Int64]) -> Bytes {
    var writer = ByteWriter(capacity: numbers.count * 10)
    for number in numbers { writer.appendVarint(UInt64(bitPattern: number)) }
    return writer.bytes
  }

  static func decodeNumbers(_ bytes: Bytes) throws(DecodingError) -> [Int64] {
    var reader = ByteReader(bytes)
    return try numbers(&reader)
  }

  private static func numbers(_ reader: inout ByteReader) throws(DecodingError) -> [Int64] {
    var numbers: [Int64] = []
    while !reader.isAtEnd { numbers.append(Int64(bitPattern: try reader.readVarint())) }
    return numbers
  }

  // MARK: Errors

  /// Each error's number on the wire; those of a command's own outcome never travel.
  private static let codes: [(code: UInt8, error: ProposalError)] = [
    (1, .stopped), (2, .noLeader), (3, .tooManyRequests), (4, .requestTooLarge), (5, .noSpace),
    (6, .corrupt), (7, .timeout), (8, .leaderChanged), (9, .store(.leaseNotFound)),
    (10, .notLeader), (11, .badTransferee), (12, .memberNotFound), (13, .notLearner),
    (14, .learnerNotReady), (15, .notEnoughStarted), (16, .unhealthy), (17, .store(.compacted)),
    (18, .store(.futureRevision)),
  ]
  private static let unknown: UInt8 = 255

  private static func code(_ error: ProposalError) -> UInt8 {
    codes.first { $0.error == error }?.code ?? unknown
  }

  private static func error(_ code: UInt8) -> ProposalError {
    codes.first { $0.code == code }?.error ?? .connectionLost
  }

  /// Whether the leader refused a proposal before it was in the log, or cannot say what becomes of it: the follower
  /// will not apply it as its own. The outcome of an entry is what its own apply gives.
  static func isRefusal(_ error: ProposalError) -> Bool {
    switch error {
    case .stopped, .noLeader, .tooManyRequests, .requestTooLarge, .noSpace, .corrupt, .timeout,
      .leaderChanged:
      true
    default: false
    }
  }
}
