import Engine
import Glibc
import Primitives
import Testing

struct DamageTests {
  @Test("no damage to any file ends the process, or passes for other data")
  func randomDamage() throws {
    let original = TemporaryDirectory()
    var generator = SeededGenerator(7)
    var engine = try RocksEngine(directory: original.path + "/engine")
    var states: [[[Bytes]]] = [[]]
    for slice in 0..<4 {
      var batch = EngineBatch()
      for number in 0..<200 {
        batch.put(
          .records, key: [UInt8(slice), UInt8(number)],
          value: (0..<60).map { _ in UInt8.random(in: 0...255, using: &generator) })
      }
      batch.deleteRange(.records, from: [UInt8(slice), 10], to: [UInt8(slice), 20])
      try engine.apply(batch)
      try engine.flush()
      states.append(try contents(engine, .records))
    }
    engine.close()
    let files = names(in: original.path + "/engine").filter { $0 != "LOCK" && $0 != "LOG" }
    let sound = files.map { readFile(original.path + "/engine/" + $0) }

    let rounds = getenv("KEELSON_DAMAGE_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 150
    for round in 0..<rounds {
      let copy = TemporaryDirectory()
      let victim = Int.random(in: 0..<files.count, using: &generator)
      for (file, bytes) in zip(files, sound) { writeFile(copy.path + "/" + file, bytes) }
      var damaged = sound[victim]
      if damaged.isEmpty { continue }
      // Half of the damage falls on the footers and indices at the ends.
      let tail = Bool.random(using: &generator) ? min(damaged.count, 900) : damaged.count
      let position = damaged.count - Int.random(in: 1...tail, using: &generator)
      if Int.random(in: 0..<8, using: &generator) == 0 {
        damaged.removeSubrange(position...)
      } else {
        damaged[position] ^= UInt8.random(in: 1...255, using: &generator)
      }
      writeFile(copy.path + "/" + files[victim], damaged)
      do {
        engine = try RocksEngine(directory: copy.path)
        defer { engine.close() }
        // A manifest that ends early is one that a crash cut: the state of an earlier flush is right then.
        let allowed = files[victim].hasPrefix("MANIFEST") ? states : states.suffix(1)
        #expect(
          allowed.contains(try contents(engine, .records)),
          "round \(round), \(files[victim]), \(position)")
      } catch let error as EngineError {
        if case .corrupt = error { continue }
        Issue.record("round \(round), \(files[victim]), \(position): \(error)")
      }
    }
  }
}
