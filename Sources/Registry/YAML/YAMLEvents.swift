internal import CYAML
internal import Primitives

/// What libyaml finds in a text, one thing at a time.
enum YAMLEvent {
  case documentStart
  case documentEnd
  case streamEnd
  case alias(String)
  case scalar(YAMLScalar, anchor: String?)
  case sequenceStart(anchor: String?)
  case sequenceEnd
  case mappingStart(anchor: String?)
  case mappingEnd
}

/// Drives libyaml over one document; its memory is a window of the text and the token at hand.
@safe
final class YAMLEventReader {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let feed: Feed
  /// Lines in front of the document.
  private let firstLine: Int
  private var isOver = false

  /// - Parameter documentBytesMax: where to stop reading a document.
  init(_ text: DocumentCutter, documentBytesMax: Int) {
    unsafe parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    feed = Feed(text, documentBytesMax: documentBytesMax)
    firstLine = text.firstLine
    invariant(unsafe yaml_parser_initialize(parser) == 1, "libyaml has no memory for a parser")
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input(
      parser, fillBuffer, Unmanaged.passUnretained(feed).toOpaque())
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
  }

  /// The next event and the place where it begins.
  func next() throws(SyntaxError) -> (YAMLEvent, Position) {
    while true {
      if isOver { return (.streamEnd, .start) }
      var event = unsafe yaml_event_t()
      guard unsafe yaml_parser_parse(parser, &event) == 1 else {
        isOver = true
        throw failure()
      }
      defer { unsafe yaml_event_delete(&event) }
      let position = unsafe position(event.start_mark)
      switch unsafe event.type {
      case YAML_DOCUMENT_START_EVENT:
        feed.startDocument()
        return (.documentStart, position)
      case YAML_DOCUMENT_END_EVENT: return (.documentEnd, position)
      case YAML_STREAM_END_EVENT:
        isOver = true
        return (.streamEnd, position)
      case YAML_ALIAS_EVENT:
        let name = unsafe Self.text(event.data.alias.anchor) ?? ""
        return (.alias(name), position)
      case YAML_SCALAR_EVENT:
        let anchor = unsafe Self.text(event.data.scalar.anchor)
        return (.scalar(try unsafe Self.scalar(event, at: position), anchor: anchor), position)
      case YAML_SEQUENCE_START_EVENT:
        return (
          .sequenceStart(anchor: unsafe Self.text(event.data.sequence_start.anchor)), position
        )
      case YAML_SEQUENCE_END_EVENT: return (.sequenceEnd, position)
      case YAML_MAPPING_START_EVENT:
        return (.mappingStart(anchor: unsafe Self.text(event.data.mapping_start.anchor)), position)
      case YAML_MAPPING_END_EVENT: return (.mappingEnd, position)
      default: continue
      }
    }
  }

  private static func scalar(
    _ event: yaml_event_t, at position: Position
  ) throws(SyntaxError) -> YAMLScalar {
    let data = unsafe event.data.scalar
    let bytes = unsafe UnsafeBufferPointer(start: data.value, count: data.length)
    guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
      throw SyntaxError(position, "the text is not UTF-8")
    }
    return YAMLScalar(
      text: text, tag: unsafe Self.text(data.tag),
      isPlain: unsafe data.style == YAML_PLAIN_SCALAR_STYLE)
  }

  private static func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    unsafe pointer.map { unsafe String(cString: $0) }
  }

  private func position(_ mark: yaml_mark_t) -> Position {
    Position(line: firstLine + Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  /// Words for libyaml's error.
  private func failure() -> SyntaxError {
    let state = unsafe parser.pointee
    let problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "out of memory"
    let mark = unsafe position(state.problem_mark)
    switch unsafe state.error {
    case YAML_READER_ERROR:
      // libyaml has no mark for what it cannot even decode: it stands where the last token ended.
      let here = unsafe position(state.mark)
      if let failure = feed.failure { return SyntaxError(here, failure) }
      let byte = unsafe state.problem_value
      return SyntaxError(
        here,
        problem == "control characters are not allowed"
          ? "the control character \(byte) is not allowed"
          : "the text is not UTF-8: \(problem), byte \(unsafe state.problem_offset)")
    case YAML_SCANNER_ERROR, YAML_PARSER_ERROR:
      let context = unsafe state.context.map { unsafe String(cString: $0) + ": " } ?? ""
      let hint =
        problem == "found character that cannot start any token"
        ? " (a tab cannot indent; text that begins with '@', '`' or '%' needs quotes)" : ""
      return SyntaxError(mark, context + problem + hint)
    default: return SyntaxError(mark, problem)
    }
  }
}

/// Hands a document's bytes to libyaml and counts them.
private final class Feed {
  private let text: DocumentCutter
  private let documentBytesMax: Int
  private var fed = 0
  private var fedAtDocumentStart = 0
  private(set) var failure: String?

  init(_ text: DocumentCutter, documentBytesMax: Int) {
    self.text = text
    self.documentBytesMax = documentBytesMax
  }

  func startDocument() { fedAtDocumentStart = fed }

  /// How many bytes were put into the buffer; nil after a failure, which stays.
  func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
    if failure != nil { return nil }
    guard fed - fedAtDocumentStart <= documentBytesMax else {
      failure = "the document is longer than \(documentBytesMax) bytes"
      return nil
    }
    do throws(SourceError) {
      let count = try unsafe text.read(into: buffer)
      fed += count
      return count
    } catch {
      failure = error.message
      return nil
    }
  }
}

/// libyaml's read handler.
private func fillBuffer(
  _ data: UnsafeMutableRawPointer?, _ buffer: UnsafeMutablePointer<UInt8>?, _ size: Int,
  _ read: UnsafeMutablePointer<Int>?
) -> Int32 {
  let feed = unsafe Unmanaged<Feed>.fromOpaque(data!).takeUnretainedValue()
  guard let count = unsafe feed.fill(UnsafeMutableRawBufferPointer(start: buffer, count: size))
  else { return 0 }
  unsafe read!.pointee = count
  return 1
}
