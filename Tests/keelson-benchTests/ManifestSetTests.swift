import Primitives
import Registry
import Testing

@testable import keelson_bench

@Suite("Manifests to import")
struct ManifestSetTests {
  @Test("they are the same in every run, 1 KiB on average, of many kinds, and YAML")
  func documents() throws {
    var texts: [String] = []
    ManifestSet(count: 2_000).forEach { texts.append($0) }
    var again: [String] = []
    ManifestSet(count: 2_000).forEach { again.append($0) }
    #expect(texts == again && texts.count == 2_000)
    let bytes = texts.map { $0.utf8.count + 4 }.reduce(0, +) / texts.count
    #expect((1_000...1_050).contains(bytes), "\(bytes) bytes")
    var kinds: [String: Int] = [:]
    var names: Set<String> = []
    for text in texts {
      var reader = DocumentReader(Bytes(text.utf8))
      let object = try #require(try reader.next()?.value)
      let kind = try #require(object["kind"]?.text)
      let name = try #require(object[path: "metadata", "name"]?.text)
      kinds[kind, default: 0] += 1
      #expect(names.insert("\(kind)/\(name)").inserted)
    }
    #expect(kinds.count == 12)
    #expect(kinds["Namespace"] == ManifestSet.namespaces)
    #expect(kinds.values.allSatisfy { $0 == 1 || $0 >= 50 })
  }
}
