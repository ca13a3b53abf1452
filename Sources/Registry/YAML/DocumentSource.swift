public import Primitives

/// Where the text of documents comes from: a file, standard input, memory.
public protocol DocumentSource: AnyObject {
  /// The next bytes, at most `count`; empty at the end.
  /// - Throws: if there is more, but it cannot be read.
  func read(upTo count: Int) throws(SourceError) -> Bytes
}

/// Why text cannot be read.
public struct SourceError: Error, Hashable, Sendable {
  /// What is wrong, for a person.
  public var message: String

  /// Describes what is wrong.
  public init(_ message: String) { self.message = message }
}

/// Text in memory.
public final class MemorySource: DocumentSource {
  private let bytes: Bytes
  private var place = 0

  /// Hands these bytes out.
  public init(_ bytes: Bytes) { self.bytes = bytes }

  public func read(upTo count: Int) throws(SourceError) -> Bytes {
    let part = Bytes(bytes[place..<min(bytes.count, place + count)])
    place += part.count
    return part
  }
}

/// Hands out what was read ahead, and then the rest.
final class ResumedSource: DocumentSource {
  private var ahead: Bytes
  private var place = 0
  private let rest: (any DocumentSource)?

  init(_ ahead: Bytes, then rest: (any DocumentSource)?) {
    self.ahead = ahead
    self.rest = rest
  }

  func read(upTo count: Int) throws(SourceError) -> Bytes {
    if place == ahead.count {
      ahead = []
      place = 0
      return try rest?.read(upTo: count) ?? []
    }
    let part = Bytes(ahead[place..<min(ahead.count, place + count)])
    place += part.count
    return part
  }
}
