internal import ArgumentParser
internal import KeelsonClient
internal import Primitives

/// Transactions as text: lines of conditions, of operations, and of operations for the other case, each
/// part ended by an empty line. Takes any input; what is not right ends in a `Failure`.
///
/// ```
/// value("/lock") = "free"
/// mod("/lock") > "17"
///
/// put /lock "in use"
///
/// get /lock
///
/// ```
enum TransactionText {
  /// Reads a condition: `target("key") relation "value"`.
  static func condition(_ line: Bytes) throws(Failure) -> Condition {
    func malformed(_ why: String) -> Failure {
      let text = String(decoding: line, as: UTF8.self)
      return Failure(
        .invalidInput, "malformed comparison: \(text)" + (why.isEmpty ? "" : " (\(why))"))
    }
    var position = 0
    skipSpaces(line, &position)
    let targetStart = position
    while position < line.count, line[position] != UInt8(ascii: "(") { position += 1 }
    guard position < line.count else { throw malformed("") }
    let target = String(decoding: line[targetStart..<position], as: UTF8.self)
    position += 1
    guard let key = try text(line, &position) else { throw malformed("the key must be in quotes") }
    guard position < line.count, line[position] == UInt8(ascii: ")") else {
      throw malformed("a parenthesis is not closed")
    }
    position += 1
    skipSpaces(line, &position)
    guard let relation = relation(line, &position) else {
      throw malformed("the relation must be =, !=, < or >")
    }
    skipSpaces(line, &position)
    guard let value = try text(line, &position) else {
      throw malformed("the value must be in quotes")
    }
    skipSpaces(line, &position)
    guard position == line.count else { throw malformed("something stands behind the value") }

    func number(radix: Int = 10) throws(Failure) -> Int64 {
      let text = String(decoding: value, as: UTF8.self)
      guard let number = Int64(text, radix: radix) else {
        let line = String(decoding: line, as: UTF8.self)
        throw Failure(.invalidInput, "invalid txn compare request: \(line)")
      }
      return number
    }
    switch target {
    case "ver", "version": return .version(key, relation, try number())
    case "c", "create": return .created(key, relation, Revision(try number()))
    case "m", "mod": return .modified(key, relation, Revision(try number()))
    case "val", "value": return .value(key, relation, value)
    case "lease": return .lease(key, relation, LeaseID(try number(radix: 16)))
    default: throw malformed("unknown target \(target)")
    }
  }

  /// Reads an operation: `put`, `get` or `del` with the arguments of that command.
  static func operation(_ line: Bytes) throws(Failure) -> KeelsonClient.Operation {
    func invalid(_ why: String) -> Failure {
      Failure(
        .invalidInput, "invalid txn request: \(String(decoding: line, as: UTF8.self)) (\(why))")
    }
    let words = try QuotedText.words(line).map(ArgumentText.text)
    guard let command = words.first else { throw invalid("it is empty") }
    let arguments: [String]
    do throws(Failure) {
      arguments = try ArgumentNormalizer.normalized(Array(words.dropFirst()))
    } catch {
      throw invalid(error.message)
    }
    switch command {
    case "put":
      let put: PutArguments = try parsed(arguments, invalid)
      return .put(
        try put.request { () throws(Failure) in throw invalid("the value is missing") })
    case "get":
      let get: GetArguments = try parsed(arguments, invalid)
      return .range(try get.request())
    case "del":
      let delete: DelArguments = try parsed(arguments, invalid)
      return .delete(try delete.request())
    default: throw invalid("the operation must be put, get or del")
    }
  }

  /// Reads a whole transaction from lines.
  /// - Parameter announce: called with the name of each part before its lines are asked for.
  static func transaction(
    announce: (String) -> Void, nextLine: () throws(Failure) -> Bytes?
  ) throws(Failure) -> Transaction {
    var transaction = Transaction()
    announce("compares:")
    for line in try part(nextLine) { transaction.conditions.append(try condition(line)) }
    announce("success requests (get, put, del):")
    for line in try part(nextLine) { transaction.success.append(try operation(line)) }
    announce("failure requests (get, put, del):")
    for line in try part(nextLine) { transaction.failure.append(try operation(line)) }
    return transaction
  }

  /// The lines up to an empty one. Input that ends before is refused: what is missing could matter.
  private static func part(_ nextLine: () throws(Failure) -> Bytes?) throws(Failure) -> [Bytes] {
    var lines: [Bytes] = []
    while let line = try nextLine() {
      if line.allSatisfy(isSpace) { return lines }
      lines.append(line)
    }
    throw Failure(
      .invalidInput, "the transaction is not complete: an empty line must end each part")
  }

  private static func parsed<Arguments: ParsableArguments>(
    _ words: [String], _ invalid: (String) -> Failure
  ) throws(Failure) -> Arguments {
    do {
      return try Arguments.parse(words)
    } catch {
      throw invalid(
        ParseFailure.lines(for: Arguments.message(for: error), arguments: words).joined(
          separator: " "))
    }
  }

  /// Quoted text at `position`; nil if there is no quote.
  private static func text(_ line: Bytes, _ position: inout Int) throws(Failure) -> Bytes? {
    skipSpaces(line, &position)
    guard position < line.count, [UInt8(ascii: "\""), UInt8(ascii: "`")].contains(line[position])
    else { return nil }
    return try QuotedText.quoted(line, at: &position)
  }

  private static func relation(_ line: Bytes, _ position: inout Int) -> Condition.Relation? {
    guard position < line.count else { return nil }
    let first = line[position]
    position += 1
    switch first {
    case UInt8(ascii: "="): return .equal
    case UInt8(ascii: "<"): return .less
    case UInt8(ascii: ">"): return .greater
    case UInt8(ascii: "!"):
      guard position < line.count, line[position] == UInt8(ascii: "=") else { return nil }
      position += 1
      return .notEqual
    default: return nil
    }
  }

  private static func skipSpaces(_ line: Bytes, _ position: inout Int) {
    while position < line.count, isSpace(line[position]) { position += 1 }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}

/// Reads any bytes as the lines of a transaction; the outcome does not matter, only that there is one.
func fuzzTransactionText(_ bytes: Bytes) {
  var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    .makeIterator()
  _ = try? TransactionText.transaction(announce: { _ in }) { () throws(Failure) in
    lines.next().map { Bytes($0) }
  }
  for line in bytes.split(separator: UInt8(ascii: "\n")) {
    _ = try? TransactionText.condition(Bytes(line))
    _ = try? TransactionText.operation(Bytes(line))
  }
}
