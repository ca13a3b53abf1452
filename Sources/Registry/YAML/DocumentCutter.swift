internal import Glibc
internal import Primitives

/// Cuts a text into the documents of a YAML stream, at its lines of dashes and dots.
///
/// YAML allows neither line inside a document, not even in a text of several lines, so the cut needs no parser. It
/// confines a syntax error to its own document, and lets documents be passed over without being parsed. Memory is one
/// window, whatever the length of a document.
final class DocumentCutter {
  /// What is read at once, and what of a document can be looked at ahead.
  private static let windowBytes = 128 * 1024

  private let source: any DocumentSource
  private var buffer: Bytes = []
  /// The next byte to hand out.
  private var place = 0
  /// Up to here all bytes belong to the document at hand.
  private var known = 0
  /// Whether `known` stands inside a line.
  private var isInLine = false
  /// Whether the document at hand ends at `known`; in front of the first one, nothing does.
  private var isAtEnd = true
  private var isSourceOver = false
  /// Whether more than comments and directives has been seen of the document at hand.
  private var hasContent = false
  /// Whether the line before ended the document.
  private var sawDots = false
  /// Lines in front of `known`.
  private var lines = 0
  /// Bytes of the text that were handed out or passed over.
  private(set) var bytesDone = 0
  /// Lines in front of the document at hand.
  private(set) var firstLine = 0
  /// Why the source cannot be read further; it stays.
  private(set) var failure: SourceError?

  init(_ source: any DocumentSource, firstLine: Int = 0) {
    self.source = source
    lines = firstLine
  }

  /// Goes to the next document, over what is left of the one at hand; false at the end of the text.
  func begin() throws(SourceError) -> Bool {
    while !isAtEnd || place < known {
      bytesDone += known - place
      place = known
      guard !isAtEnd, try fill() else { break }
    }
    hasContent = false
    sawDots = false
    isAtEnd = false
    firstLine = lines
    examine()
    while !isAtEnd, buffer.count - place < Self.windowBytes, try fill() {}
    return place < buffer.count
  }

  /// The next bytes of the document at hand; zero at its end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
    while place == known {
      guard !isAtEnd, try fill() else { return 0 }
    }
    let count = min(target.count, known - place)
    unsafe buffer.withUnsafeBytes {
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[place..<place + count]))
    }
    place += count
    bytesDone += count
    return count
  }

  /// Whether one of the words stands in the document at hand; true as well if it is too long to tell.
  func mayMention(_ words: [StaticString]) -> Bool {
    guard isAtEnd || (isSourceOver && known == buffer.count) else { return true }
    return unsafe buffer.withUnsafeBytes { bytes in
      let document = unsafe UnsafeRawBufferPointer(rebasing: bytes[place..<known])
      return words.contains { unsafe Self.find($0, in: document) }
    }
  }

  private static func find(_ word: StaticString, in text: UnsafeRawBufferPointer) -> Bool {
    let count = word.utf8CodeUnitCount
    guard var place = text.baseAddress, text.count >= count else { return false }
    let end = unsafe place + (text.count - count + 1)
    while unsafe place < end,
      let found = unsafe memchr(place, Int32(word.utf8Start[0]), end - place)
    {
      if unsafe memcmp(found, word.utf8Start, count) == 0 { return true }
      unsafe place = UnsafeRawPointer(found) + 1
    }
    return false
  }

  /// Reads more; false if there is no more.
  private func fill() throws(SourceError) -> Bool {
    if let failure { throw failure }
    guard !isSourceOver else { return false }
    if place > 0 {
      buffer.removeFirst(place)
      known -= place
      place = 0
    }
    do throws(SourceError) {
      let more = try source.read(upTo: Self.windowBytes)
      if more.isEmpty { isSourceOver = true } else { buffer += more }
    } catch {
      failure = error
      throw error
    }
    examine()
    return true
  }

  /// Moves `known` over what surely belongs to the document at hand.
  private func examine() {
    unsafe buffer.withUnsafeBytes { bytes in
      while !isAtEnd, known < bytes.count {
        if !isInLine {
          // A line's first four bytes tell what it is.
          guard isSourceOver || bytes.count - known >= 4 else { return }
          if unsafe endsHere(UnsafeRawBufferPointer(rebasing: bytes[known...])) {
            isAtEnd = true
            return
          }
          isInLine = true
        }
        guard let base = bytes.baseAddress,
          let newline = unsafe memchr(base + known, 0x0a, bytes.count - known)
        else {
          known = bytes.count
          return
        }
        known = unsafe UnsafeRawPointer(newline) - base + 1
        isInLine = false
        lines += 1
      }
    }
  }

  /// Whether the line that begins here belongs to the next document.
  private func endsHere(_ line: UnsafeRawBufferPointer) -> Bool {
    if sawDots { return true }
    func isMark(_ byte: UInt8) -> Bool {
      guard line.count >= 3, unsafe line[0] == byte, unsafe line[1] == byte, unsafe line[2] == byte
      else { return false }
      return unsafe line.count == 3 || [0x20, 0x09, 0x0d, 0x0a].contains(line[3])
    }
    if isMark(UInt8(ascii: "-")) {
      defer { hasContent = true }
      return hasContent
    }
    if isMark(UInt8(ascii: ".")) {
      sawDots = hasContent
    } else if !hasContent {
      // Directives and comments belong to the document behind them.
      hasContent = unsafe ![
        UInt8(ascii: "%"), UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"),
      ].contains(line[0])
    }
    return false
  }
}
