/// How far two words are apart: what a person who mistyped one may have meant.
public enum EditDistance {
  /// Bytes of each word that count: nobody mistypes a longer one, and what others send may have any length.
  private static let bytesMax = 64

  /// The fewest insertions, deletions, replacements and swaps of neighbouring bytes that turn one word into the
  /// other, of which none touches the same place twice (optimal string alignment).
  ///
  /// Of each word the first 64 bytes count. Cost: the product of both lengths.
  public static func between(_ left: String, _ right: String) -> Int {
    let left = Array(left.utf8.prefix(bytesMax))
    let right = Array(right.utf8.prefix(bytesMax))
    var before: [Int] = []
    var above = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var row = [index + 1]
      for column in right.indices {
        var least = above[column] + (byte == right[column] ? 0 : 1)
        least = min(least, above[column + 1] + 1, row[column] + 1)
        if index > 0, column > 0, byte == right[column - 1], left[index - 1] == right[column] {
          least = min(least, before[column - 1] + 1)
        }
        row.append(least)
      }
      before = above
      above = row
    }
    return above[right.count]
  }
}
