public import Primitives

/// A key with the next number of a sequence: `PREFIX/0000000000000001`, and so on.
///
/// The last number that was given stands in the key PREFIX itself, so that no number is given twice, whatever is
/// deleted.
public struct SequentialKey: Sendable, Hashable {
  /// The key.
  public var key: Bytes
  /// Its number, from 1.
  public var number: Int64
  /// The revision that created it.
  public var revision: Revision
}

extension StoreClient {
  /// Creates the next key of a sequence. Keys are in the order of their numbers, numbers in the order of revisions,
  /// and no number is left out, unless its key was deleted.
  ///
  /// Cost: two round trips, and one more for each other client that was faster.
  /// - Throws: `failedPrecondition` if PREFIX holds something that is no number, or its next key exists;
  ///   `unavailable` and `deadlineExceeded` leave open whether a key was created.
  public func createNext(
    in prefix: some BytesConvertible, value: some BytesConvertible = "", lease: LeaseID = .none
  ) async throws(KeelsonError) -> SequentialKey {
    let counter = prefix.storedBytes
    var last = try await get(counter)
    var attempt = 0
    while true {
      let number = try Self.number(after: last, of: counter)
      let text = String(number)
      let padded = String(repeating: "0", count: Self.digits - text.utf8.count) + text
      let key = counter + Bytes("/\(padded)".utf8)
      let answer = try await commit(
        Transaction()
          .when(
            .modified(counter, .equal, last?.modRevision ?? .zero), .created(key, .equal, .zero)
          )
          .then(.put(PutRequest(counter, text)), .put(PutRequest(key, value, lease: lease)))
          .otherwise(.range(RangeRequest(.key(counter)))))
      if answer.succeeded {
        return SequentialKey(key: key, number: number, revision: answer.header.revision)
      }
      guard case .range(let range)? = answer.results.first else { throw Self.occupied(key) }
      let present = range.records.first
      // The counter is as it was: so it is the key that is there already.
      if present?.modRevision == last?.modRevision { throw Self.occupied(key) }
      last = present
      attempt += 1
      try await pause(afterAttempt: attempt)
      last = try await get(counter)
    }
  }

  /// Digits of a number: keys are in its order up to ten thousand million millions.
  private static let digits = 16

  private static func number(
    after last: KeyValue?, of counter: Bytes
  ) throws(KeelsonError) -> Int64 {
    guard let last else { return 1 }
    guard let number = Int64(last.valueText), number >= 0, "\(number + 1)".utf8.count <= digits
    else {
      throw KeelsonError(
        .failedPrecondition,
        "\(String(decoding: counter, as: UTF8.self)) is no sequence: its value is no number")
    }
    return number + 1
  }

  private static func occupied(_ key: Bytes) -> KeelsonError {
    KeelsonError(
      .failedPrecondition,
      "\(String(decoding: key, as: UTF8.self)) exists already, but was not created by this sequence"
    )
  }
}
