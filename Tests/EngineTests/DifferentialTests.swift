import Engine
import Primitives
import Testing

/// A random history on both engines and on a dictionary; all three have to agree at every step.
struct DifferentialTests {
  @Test("both engines agree with a dictionary over random histories", arguments: 1...8)
  func randomHistories(seed: Int) throws {
    let directory = TemporaryDirectory()
    var options = RocksEngine.Options()
    options.memtableBytes = 64 << 10
    options.fileBytes = 32 << 10
    options.levelBytes = 128 << 10
    options.level0Files = 2
    var history = try History(seed: UInt64(seed), directory.path, options)
    for _ in 0..<800 { try history.step() }
    try history.compareAll()
    history.disk.close()
  }
}

/// What one random history has done so far.
private struct History {
  var generator: SeededGenerator
  let directory: String
  let options: RocksEngine.Options
  let memory = MemoryEngine()
  var disk: RocksEngine
  /// The state after each batch since the last flush, the flushed one first.
  var states: [Model] = [.empty]
  var pinned: [(memory: any EngineSnapshot, disk: any EngineSnapshot, model: Model)] = []

  init(seed: UInt64, _ directory: String, _ options: RocksEngine.Options) throws {
    generator = SeededGenerator(seed)
    self.directory = directory
    self.options = options
    disk = try RocksEngine(directory: directory, options: options)
  }

  var model: Model { states[states.count - 1] }

  mutating func step() throws {
    switch Int.random(in: 0..<100, using: &generator) {
    case 0..<55: try write()
    case 55..<75: try compareRange()
    case 75..<85: try compareValue()
    case 85..<90: try pin()
    case 90..<92: pinned.removeAll()
    case 92..<96: try flush()
    case 96..<98: try crash()
    case 98: try reclaim()
    default: try compareAll()
    }
  }

  mutating func write() throws {
    var batch = EngineBatch()
    for _ in 0..<Int.random(in: 1...12, using: &generator) {
      let table = Table.allCases.randomElement(using: &generator)!
      switch Int.random(in: 0..<10, using: &generator) {
      case 0..<7:
        let length = Int.random(in: 0..<400, using: &generator)
        batch.put(
          table, key: key(),
          value: Bytes(repeating: UInt8.random(in: 0...255, using: &generator), count: length))
      case 7, 8: batch.delete(table, key: key())
      default: batch.deleteRange(table, from: key(), to: key())
      }
    }
    var next = model
    next.apply(batch)
    states.append(next)
    try memory.apply(batch)
    try disk.apply(batch)
  }

  mutating func key() -> Bytes {
    (0..<Int.random(in: 0...3, using: &generator)).map { _ in
      [0, 1, 0x10, 0x20, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &generator)!
    }
  }

  mutating func compareRange() throws {
    let table = Table.allCases.randomElement(using: &generator)!
    let from = key()
    let to = Bool.random(using: &generator) ? key() : nil
    let limit = Int.random(in: 1...40, using: &generator)
    let expected = Array(model.range(table, from, to).prefix(limit))
    #expect(try read(limit) { try memory.scan(table, from: from, to: to, $0) } == expected)
    #expect(try read(limit) { try disk.scan(table, from: from, to: to, $0) } == expected)
    if let old = pinned.randomElement(using: &generator) {
      let expected = Array(old.model.range(table, from, to).prefix(limit))
      #expect(try read(limit) { try old.memory.scan(table, from: from, to: to, $0) } == expected)
      #expect(try read(limit) { try old.disk.scan(table, from: from, to: to, $0) } == expected)
    }
  }

  func read(_ limit: Int, _ scan: ((Bytes, Bytes) -> Bool) throws -> Void) throws -> [[Bytes]] {
    var found: [[Bytes]] = []
    try scan {
      found.append([$0, $1])
      return found.count < limit
    }
    return found
  }

  mutating func compareValue() throws {
    let table = Table.allCases.randomElement(using: &generator)!
    let key = key()
    #expect(try memory.value(table, key) == model[table]?[key])
    #expect(try disk.value(table, key) == model[table]?[key])
    if let old = pinned.randomElement(using: &generator) {
      #expect(try old.memory.value(table, key) == old.model[table]?[key])
      #expect(try old.disk.value(table, key) == old.model[table]?[key])
    }
  }

  mutating func pin() throws {
    if pinned.count == 4 { pinned.removeFirst() }
    pinned.append((try memory.snapshot(), try disk.snapshot(), model))
  }

  mutating func flush() throws {
    try memory.flush()
    try disk.flush()
    states = [model]
  }

  /// Closes the engine on disk without a flush, finds out which state came back, and takes the engine in memory
  /// to the same one.
  mutating func crash() throws {
    pinned.removeAll()
    disk.close()
    disk = try RocksEngine(directory: directory, options: options)
    let kept = try states.lastIndex { try holds(disk, $0) }
    let found = try #require(kept, "what came back is no state since the last flush")
    memory.crash(keeping: found)
    states = [states[found]]
  }

  mutating func reclaim() throws {
    let table = Table.allCases.randomElement(using: &generator)!
    let from = Bool.random(using: &generator) ? key() : nil
    let to = Bool.random(using: &generator) ? key() : nil
    try memory.reclaim(table, from: from, to: to)
    try disk.reclaim(table, from: from, to: to)
  }

  func compareAll() throws {
    #expect(try holds(memory, model))
    #expect(try holds(disk, model))
    for old in pinned {
      for table in Table.allCases {
        let expected = old.model.range(table, [], nil)
        #expect(try read(.max) { try old.disk.scan(table, from: [], to: nil, $0) } == expected)
        #expect(try read(.max) { try old.memory.scan(table, from: [], to: nil, $0) } == expected)
      }
    }
  }
}
