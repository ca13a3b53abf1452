/// The difference of two texts, line by line, in the unified format.
public enum LineDiff {
  /// Unchanged lines around a change.
  private static let contextLines = 3
  /// Lines that are inserted and deleted at most before whole blocks are replaced instead.
  private static let editsMax = 500

  private enum Edit: Equatable {
    case keep, remove, insert
  }

  /// What turns one text into the other, with `---` and `+++` lines in front; empty if they are the same.
  ///
  /// Cost: O(lines × changes), with at most 500 changes found one by one; beyond, the lines between the
  /// common beginning and the common end are replaced as a whole.
  public static func unified(
    _ old: String, _ new: String, oldName: String, newName: String
  ) -> String {
    let lines = hunks(old, new)
    return lines.isEmpty ? "" : "--- \(oldName)\n+++ \(newName)\n" + lines
  }

  /// The hunks of the difference without a head.
  public static func hunks(_ old: String, _ new: String) -> String {
    let left = split(old)
    let right = split(new)
    let edits = edits(left, right)
    var text = ""
    var place = 0
    var (leftLine, rightLine) = (0, 0)
    while let first = edits[place...].firstIndex(where: { $0 != .keep }) {
      let start = max(place, first - contextLines)
      leftLine += start - place
      rightLine += start - place
      let end = hunkEnd(edits, from: first)
      let hunk = edits[start..<end]
      let removed = hunk.count { $0 != .insert }
      let inserted = hunk.count { $0 != .remove }
      text +=
        "@@ -\(span(leftLine, removed)) +\(span(rightLine, inserted)) @@\n"
      for edit in hunk {
        switch edit {
        case .keep: text += " \(left[leftLine])\n"
        case .remove: text += "-\(left[leftLine])\n"
        case .insert: text += "+\(right[rightLine])\n"
        }
        if edit != .insert { leftLine += 1 }
        if edit != .remove { rightLine += 1 }
      }
      place = end
    }
    return text
  }

  private static func split(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// `LINE,COUNT` of a hunk; a hunk without lines is said to stand behind the line before it.
  private static func span(_ line: Int, _ count: Int) -> String {
    let start = count == 0 ? line : line + 1
    return count == 1 ? "\(start)" : "\(start),\(count)"
  }

  /// Where a hunk ends: behind the context of its last change, which is near enough to the one before.
  private static func hunkEnd(_ edits: [Edit], from first: Int) -> Int {
    var last = first
    while let next = edits[(last + 1)...].firstIndex(where: { $0 != .keep }),
      next - last <= 2 * contextLines + 1
    { last = next }
    return min(edits.count, last + 1 + contextLines)
  }

  private static func edits(_ left: [Substring], _ right: [Substring]) -> [Edit] {
    let bound = min(left.count, right.count)
    var head = 0
    while head < bound, left[head].utf8.elementsEqual(right[head].utf8) { head += 1 }
    var tail = 0
    while tail < bound - head,
      left[left.count - 1 - tail].utf8.elementsEqual(right[right.count - 1 - tail].utf8)
    { tail += 1 }
    let middle = shortest(
      left[head..<left.count - tail], right[head..<right.count - tail])
    return Array(repeating: .keep, count: head) + middle + Array(repeating: .keep, count: tail)
  }

  /// The shortest list of edits (Myers, "An O(ND) difference algorithm", 1986).
  private static func shortest(_ left: ArraySlice<Substring>, _ right: ArraySlice<Substring>)
    -> [Edit]
  {
    let blocks =
      Array(repeating: Edit.remove, count: left.count)
      + Array(repeating: Edit.insert, count: right.count)
    if left.isEmpty || right.isEmpty { return blocks }
    // The furthest places on each diagonal, for each number of edits.
    var furthest = [1: 0]
    var history: [[Int: Int]] = []
    search: for edits in 0...min(left.count + right.count, editsMax) {
      history.append(furthest)
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        let isDown =
          diagonal == -edits
          || (diagonal != edits
            && furthest[diagonal - 1, default: 0] < furthest[diagonal + 1, default: 0])
        var column =
          isDown ? furthest[diagonal + 1, default: 0] : furthest[diagonal - 1, default: 0] + 1
        var row = column - diagonal
        while column < left.count, row < right.count,
          left[left.startIndex + column].utf8.elementsEqual(right[right.startIndex + row].utf8)
        {
          column += 1
          row += 1
        }
        furthest[diagonal] = column
        if column >= left.count, row >= right.count {
          return trace(history, left.count, right.count)
        }
      }
    }
    return blocks
  }

  /// Walks back through what the search has noted.
  private static func trace(_ history: [[Int: Int]], _ columns: Int, _ rows: Int) -> [Edit] {
    var reversed: [Edit] = []
    var (column, row) = (columns, rows)
    for (edits, furthest) in history.enumerated().reversed() {
      let diagonal = column - row
      let isDown =
        diagonal == -edits
        || (diagonal != edits
          && furthest[diagonal - 1, default: 0] < furthest[diagonal + 1, default: 0])
      let before = isDown ? diagonal + 1 : diagonal - 1
      let beforeColumn = furthest[before, default: 0]
      let beforeRow = beforeColumn - before
      while column > beforeColumn, row > beforeRow {
        reversed.append(.keep)
        column -= 1
        row -= 1
      }
      if edits > 0 { reversed.append(isDown ? .insert : .remove) }
      (column, row) = (beforeColumn, beforeRow)
    }
    return reversed.reversed()
  }
}
