public import Primitives

/// Reads the documents of a text, YAML or JSON, one after the other.
///
/// YAML is read in a fixed window, so that only one document is held; JSON as a whole.
public struct DocumentReader {
  private enum State {
    case unopened(any DocumentSource)
    case yaml(YAMLReader)
    case json([Node], next: Int)
    case over
  }

  private var state: State
  private let limits: DocumentLimits

  /// Reads from a source; nothing is read before the first document is asked for.
  public init(_ source: any DocumentSource, limits: DocumentLimits = DocumentLimits()) {
    state = .unopened(source)
    self.limits = limits
  }

  /// Reads text in memory.
  public init(_ bytes: Bytes, limits: DocumentLimits = DocumentLimits()) {
    self.init(MemorySource(bytes), limits: limits)
  }

  /// The next document; nil at the end. Empty documents come as null. After an error there is nothing more.
  /// - Throws: for text that is neither YAML nor JSON, and for documents beyond the limits.
  public mutating func next() throws(SyntaxError) -> Node? {
    switch state {
    case .over: return nil
    case .unopened(let source):
      state = .over
      state = try open(source)
      return try next()
    case .json(let nodes, let place):
      guard place < nodes.count else { return nil }
      state = .json(nodes, next: place + 1)
      return nodes[place]
    case .yaml(var reader):
      state = .over
      let node = try reader.readNext()
      if node != nil { state = .yaml(reader) }
      return node
    }
  }

  /// Tells by the first bytes what the text is.
  private func open(_ source: any DocumentSource) throws(SyntaxError) -> State {
    var ahead: Bytes = []
    while true {
      let part: Bytes
      do throws(SourceError) {
        part = try source.read(upTo: 16_384)
      } catch {
        throw SyntaxError(.start, error.message)
      }
      ahead += part
      if ahead.starts(with: [0xff, 0xfe]) || ahead.starts(with: [0xfe, 0xff]) {
        throw SyntaxError(.start, "the text is UTF-16: save it as UTF-8")
      }
      let first = ahead.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
      if part.isEmpty || (first != nil && first != UInt8(ascii: "{")) {
        return .yaml(YAMLReader(ResumedSource(ahead, then: source), limits: limits))
      }
      guard ahead.count <= limits.bytes else {
        throw SyntaxError(.start, "the document is longer than \(limits.bytes) bytes")
      }
      if first != nil { break }
    }
    return try openBraced(ahead, source)
  }

  /// A text that begins with a brace is JSON, or YAML that looks like it.
  private func openBraced(
    _ ahead: Bytes, _ source: any DocumentSource
  ) throws(SyntaxError) -> State {
    var all = ahead
    while true {
      do throws(SourceError) {
        let part = try source.read(upTo: 65_536)
        if part.isEmpty { break }
        all += part
      } catch {
        throw SyntaxError(.start, error.message)
      }
      guard all.count <= limits.bytes else {
        throw SyntaxError(.start, "the text is longer than \(limits.bytes) bytes")
      }
    }
    var reader = JSONReader<Node>(all, limits: limits)
    do throws(SyntaxError) {
      var nodes: [Node] = []
      while let node = try reader.readNext() { nodes.append(node) }
      return .json(nodes, next: 0)
    } catch {
      // Only YAML allows names without quotes, or a line of dashes behind a document.
      let second = all.drop { $0 != UInt8(ascii: "{") }.dropFirst()
        .first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
      let rest = all.dropFirst(max(0, reader.place - 1))
      guard second != UInt8(ascii: "\"") || rest.starts(with: "---".utf8) else { throw error }
      return .yaml(YAMLReader(MemorySource(all), limits: limits))
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
}
