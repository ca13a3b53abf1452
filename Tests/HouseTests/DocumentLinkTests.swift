import Foundation
import Testing

/// Follows the links between the documents, so that a reader never ends at a page or a heading that is gone.
@Suite("The links of the documents")
struct DocumentLinkTests {
  /// Folders without documents of this project.
  private static let skipped: Set<String> = ["node_modules", "data"]

  private static func documents() throws -> [URL] {
    let keys: [URLResourceKey] = [.isDirectoryKey]
    guard
      let found = FileManager.default.enumerator(
        at: ImportDirectionTests.root, includingPropertiesForKeys: keys,
        options: [.skipsHiddenFiles])
    else { return [] }
    var documents: [URL] = []
    for case let file as URL in found {
      if skipped.contains(file.lastPathComponent) { found.skipDescendants() }
      if file.pathExtension == "md" { documents.append(file) }
    }
    return documents
  }

  /// A document without its blocks of code.
  private static func prose(of document: URL) throws -> String {
    let text = try String(contentsOf: document, encoding: .utf8)
    return text.replacing(/(?s)```.*?```/, with: "")
  }

  /// The names by which a document's headings are linked to: small letters, hyphens for spaces, nothing else.
  private static func anchors(of document: URL) throws -> Set<String> {
    let headings = try prose(of: document).matches(of: /(?m)^#+ (.*)$/)
    return Set(
      headings.map { heading in
        let shown = heading.output.1.replacing(/\[([^\]]*)\]\([^)]*\)/) { String($0.output.1) }
        let kept = shown.lowercased().filter {
          $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
        }
        return kept.replacing(" ", with: "-")
      })
  }

  @Test("lead to files and headings that exist")
  func links() throws {
    let documents = try Self.documents()
    #expect(documents.contains { $0.lastPathComponent == "README.md" })
    var followed = 0
    for document in documents {
      for link in try Self.prose(of: document).matches(of: /\]\(([^)\s]+)\)/) {
        let target = String(link.output.1)
        if target.contains(/^[a-z]+:/) { continue }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let folder = document.deletingLastPathComponent()
        let file = parts[0].isEmpty ? document : folder.appending(path: String(parts[0]))
        let exists = FileManager.default.fileExists(atPath: file.path)
        #expect(exists, "\(document.path) links to \(target), which does not exist")
        followed += 1
        guard exists, parts.count == 2, file.pathExtension == "md" else { continue }
        let hasHeading = try Self.anchors(of: file).contains(String(parts[1]))
        #expect(
          hasHeading, "\(document.path) links to \(target), and no heading there has that name")
      }
    }
    #expect(followed > 50)
  }
}
