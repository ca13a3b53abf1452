public import Primitives

/// Reads the documents of a text, YAML or JSON, one after the other.
///
/// Only one document is held, and of a list that is taken apart one object. A document with an error is left out: the
/// next call goes on behind it, but for JSON, where nobody knows where the next document would begin.
public struct DocumentReader {
  private enum State {
    case unopened(any DocumentSource)
    case yaml(DocumentCutter, YAMLReader?)
    case json(JSONReader<Node>)
    case over
  }

  private var state: State
  private let limits: DocumentLimits
  private let takesListsApart: Bool
  private let words: [StaticString]
  /// Bytes of the text that have been read.
  public private(set) var bytesDone = 0

  /// Reads from a source; nothing is read before the first document is asked for.
  public init(_ source: any DocumentSource, limits: DocumentLimits = DocumentLimits()) {
    self.init(source, limits: limits, takesListsApart: false, mentioning: [])
  }

  /// Reads text in memory.
  public init(_ bytes: Bytes, limits: DocumentLimits = DocumentLimits()) {
    self.init(MemorySource(bytes), limits: limits)
  }

  /// - Parameter takesListsApart: whether lists of objects are handed out object by object.
  /// - Parameter words: if there are any, YAML documents in which none of them stands may be passed over.
  init(
    _ source: any DocumentSource, limits: DocumentLimits, takesListsApart: Bool,
    mentioning words: [StaticString]
  ) {
    state = .unopened(source)
    self.limits = limits
    self.takesListsApart = takesListsApart
    self.words = words
  }

  /// The next document; nil at the end. Empty documents come as null.
  /// - Throws: for text that is neither YAML nor JSON, and for documents beyond the limits.
  public mutating func next() throws(SyntaxError) -> Node? { try nextPart()?.node }

  /// The next document, or the next object of a list.
  mutating func nextPart() throws(SyntaxError) -> DocumentPart? {
    while true {
      switch state {
      case .over: return nil
      case .unopened(let source):
        state = .over
        state = try open(source)
      case .json(var reader):
        state = .over
        defer { bytesDone = reader.bytesDone }
        if try reader.isAtDashes() {
          // What follows a line of dashes is YAML.
          let line = reader.line
          state = .yaml(DocumentCutter(reader.rest(), firstLine: line - 1), nil)
          continue
        }
        let part = try reader.readPart(takesListsApart: takesListsApart)
        if part != nil { state = .json(reader) }
        return part
      case .yaml(let text, var reader):
        defer { bytesDone = text.bytesDone }
        if reader == nil {
          state = .over
          guard try beginDocument(of: text) else { return nil }
          reader = YAMLReader(text, limits: limits, takesListsApart: takesListsApart)
        }
        guard var reader else { return nil }
        state = .yaml(text, nil)
        if let part = try reader.readNext() {
          state = .yaml(text, reader)
          return part
        }
      }
    }
  }

  private func beginDocument(of text: DocumentCutter) throws(SyntaxError) -> Bool {
    do throws(SourceError) {
      repeat {
        guard try text.begin() else { return false }
      } while !words.isEmpty && !text.mayMention(words)
      return true
    } catch {
      throw SyntaxError(Position(line: text.firstLine + 1, column: 1), error.message)
    }
  }

  /// Tells by the first bytes what the text is.
  private func open(_ source: any DocumentSource) throws(SyntaxError) -> State {
    var ahead: Bytes = []
    while true {
      let part: Bytes
      do throws(SourceError) {
        part = try source.read(upTo: 65_536)
      } catch {
        throw SyntaxError(.start, error.message)
      }
      ahead += part
      if ahead.starts(with: [0xff, 0xfe]) || ahead.starts(with: [0xfe, 0xff])
        || ahead.starts(with: [0, 0])
      {
        throw SyntaxError(.start, "the text is UTF-16 or UTF-32: save it as UTF-8")
      }
      // JSON begins with a brace and a name in quotes; only YAML allows names without.
      let marks = ahead.lazy.filter { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }.prefix(2)
      let isDecided = part.isEmpty || marks.count == 2 || marks.first ?? 0x7b != 0x7b
      guard isDecided else {
        guard ahead.count <= limits.bytes else {
          throw SyntaxError(.start, "the document is longer than \(limits.bytes) bytes")
        }
        continue
      }
      let rest = ResumedSource(ahead, then: source)
      return marks.elementsEqual(Bytes("{\"".utf8)) || marks.elementsEqual(Bytes("{}".utf8))
        ? .json(JSONReader(rest, limits: limits)) : .yaml(DocumentCutter(rest), nil)
    }
  }
}

/// Reads bytes as documents and holds what comes out to its own rules: the entry for fuzzers.
public func fuzzYAML(_ bytes: [UInt8]) {
  var limits = DocumentLimits()
  limits.bytes = 1 << 20
  limits.repeatedNodes = 10_000
  limits.repeatedBytes = 1 << 20
  var reader = DocumentReader(bytes, limits: limits)
  while let node = try? reader.next() {
    let value = node.value
    let json = value.json
    guard let again = try? Value(json: json), again.json == json else {
      fatalError("a document does not survive JSON: \(String(decoding: json, as: UTF8.self))")
    }
    var yaml = DocumentReader(Bytes(value.yaml.utf8))
    guard let back = try? yaml.next(), back.value.json == json else {
      fatalError("a document does not survive YAML: \(String(decoding: json, as: UTF8.self))")
    }
  }
  // Taking lists apart finds its way through the same text.
  var parts = DocumentReader(
    MemorySource(bytes), limits: limits, takesListsApart: true, mentioning: [])
  for _ in 0..<10_000 {
    if let part = try? parts.nextPart(), part.node.isNull { continue }
    if parts.isOver { return }
  }
}

extension DocumentReader {
  /// Whether nothing more will come.
  var isOver: Bool {
    if case .over = state { true } else { false }
  }
}
