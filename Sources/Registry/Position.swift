/// Where something stands in a file.
public struct Position: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// From 1.
  public var line: Int
  /// In characters, from 1.
  public var column: Int

  /// Names a place.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The beginning of a file.
  public static let start = Position(line: 1, column: 1)

  public static func < (left: Position, right: Position) -> Bool {
    left.line != right.line ? left.line < right.line : left.column < right.column
  }

  /// `LINE:COLUMN`.
  public var description: String { "\(line):\(column)" }
}

/// Why a document cannot be read.
public struct SyntaxError: Error, Hashable, Sendable {
  /// Where the reader stood.
  public var position: Position
  /// What is wrong, for a person.
  public var message: String

  /// Describes what is wrong.
  public init(_ position: Position, _ message: String) {
    self.position = position
    self.message = message
  }
}

/// What is wrong with a manifest, and where.
public struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file's name as it was given; `-` for standard input.
  public var file: String
  /// Where in the file; nil if it is about the file as a whole.
  public var position: Position?
  /// What is wrong, for a person.
  public var message: String

  /// Describes what is wrong.
  public init(file: String, position: Position?, message: String) {
    self.file = file
    self.position = position
    self.message = message
  }

  /// `FILE:LINE:COLUMN: message`, on one line.
  public var description: String {
    let text = TerminalText.message(message)
    return position.map { "\(file):\($0): \(text)" } ?? "\(file): \(text)"
  }
}
