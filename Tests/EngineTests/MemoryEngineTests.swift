import Engine
import Primitives
import Testing

struct MemoryEngineTests {
  private func put(_ engine: MemoryEngine, _ number: UInt8) throws {
    var batch = EngineBatch()
    batch.put(.meta, key: [0], value: [number])
    batch.put(.records, key: [number], value: [number])
    try engine.apply(batch)
  }

  @Test("a crash takes it back to a batch boundary between the last flush and the present")
  func crash() throws {
    for kept in 0...3 {
      let engine = MemoryEngine()
      try put(engine, 1)
      try engine.flush()
      for number: UInt8 in 2...4 { try put(engine, number) }
      #expect(engine.unflushedBatches == 3)
      engine.crash(keeping: kept)
      #expect(try engine.value(.meta, [0]) == [UInt8(1 + kept)])
      #expect(try contents(engine, .records).count == 1 + kept)
      #expect(engine.unflushedBatches == 0)
    }
  }

  @Test(
    "a flush that is under way protects nothing until it is complete, and then what it began with")
  func scheduledFlush() throws {
    let engine = MemoryEngine()
    try put(engine, 1)
    try engine.beginFlush()
    try put(engine, 2)
    #expect(engine.unflushedBatches == 2)
    engine.completeFlush()
    #expect(engine.unflushedBatches == 1)
    engine.crash()
    #expect(try engine.value(.meta, [0]) == [1])

    try put(engine, 3)
    try engine.beginFlush()
    engine.crash()
    engine.completeFlush()
    engine.crash()
    #expect(try engine.value(.meta, [0]) == [1])
  }

  @Test("a planned fault is thrown and changes nothing")
  func fault() throws {
    let engine = MemoryEngine()
    try put(engine, 1)
    engine.setFault { $0 == .apply ? .noSpace(detail: "planned") : nil }
    #expect(throws: EngineError.noSpace(detail: "planned")) { try put(engine, 2) }
    #expect(try engine.value(.meta, [0]) == [1])
    engine.setFault(nil)
    try put(engine, 2)
    #expect(try engine.value(.meta, [0]) == [2])
  }

  @Test("a closed engine throws, and a crash opens it again")
  func closed() throws {
    let engine = MemoryEngine()
    try put(engine, 1)
    try engine.flush()
    engine.close()
    #expect(throws: EngineError.self) { try put(engine, 2) }
    engine.crash()
    #expect(try engine.value(.meta, [0]) == [1])
  }

  @Test("its size is that of its keys and values")
  func size() throws {
    let engine = MemoryEngine()
    var batch = EngineBatch()
    for number in 0..<1_000 {
      batch.put(.records, key: [UInt8(number >> 8), UInt8(number & 255)], value: [1, 2, 3])
    }
    try engine.apply(batch)
    #expect(engine.sizeOnDisk == 5_000)
    batch.removeAll()
    batch.deleteRange(.records, from: [0, 10], to: [3, 0])
    batch.put(.records, key: [3, 0], value: [])
    try engine.apply(batch)
    #expect(engine.sizeOnDisk == Int64(5 * (10 + 232) - 3))
    #expect(try contents(engine, .records).count == 242)
  }
}
