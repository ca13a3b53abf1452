import Engine
import Glibc
import Primitives

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// A directory that is removed when it is released.
final class TemporaryDirectory {
  let path: String

  init() {
    var template = Array("/tmp/keelson-engine-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { fatalError("mkdtemp: error \(errno)") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { removeTree(path) }
}

/// The names in a directory, in order.
func names(in directory: String) -> [String] {
  guard let stream = opendir(directory) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}

func removeTree(_ path: String) {
  for name in names(in: path) {
    let child = path + "/" + name
    if unlink(child) != 0 { removeTree(child) }
  }
  rmdir(path)
}

func readFile(_ path: String) -> Bytes {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes: Bytes = []
  var buffer = Bytes(repeating: 0, count: 65_536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return bytes }
    bytes += buffer[..<count]
  }
}

func writeFile(_ path: String, _ bytes: Bytes) {
  guard let file = fopen(path, "w") else { fatalError("\(path): error \(errno)") }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}

/// Keys and values of all tables: what an engine has to be equal to.
typealias Model = [Table: [Bytes: Bytes]]

extension Model {
  static var empty: Model { [.records: [:], .leases: [:], .meta: [:]] }

  mutating func apply(_ batch: EngineBatch) {
    for change in batch.changes {
      switch change {
      case .put(let table, let key, let value): self[table]?[key] = value
      case .delete(let table, let key): self[table]?[key] = nil
      case .deleteRange(let table, let from, let to):
        for key in self[table, default: [:]].keys
        where !isOrdered(key, before: from) && isOrdered(key, before: to) {
          self[table]?[key] = nil
        }
      }
    }
  }

  func range(_ table: Table, _ from: Bytes, _ to: Bytes?) -> [[Bytes]] {
    self[table, default: [:]]
      .filter { !isOrdered($0.key, before: from) && (to == nil || isOrdered($0.key, before: to!)) }
      .sorted { isOrdered($0.key, before: $1.key) }
      .map { [$0.key, $0.value] }
  }
}

/// All that a table holds.
func contents(_ engine: any Engine, _ table: Table) throws -> [[Bytes]] {
  var found: [[Bytes]] = []
  try engine.scan(table, from: [], to: nil) {
    found.append([$0, $1])
    return true
  }
  return found
}

func holds(_ engine: any Engine, _ model: Model) throws -> Bool {
  for table in Table.allCases where try contents(engine, table) != model.range(table, [], nil) {
    return false
  }
  return true
}
