import Testing

@testable import HTTPTransport

@Suite("Stream table")
struct StreamTableTests {
  @Test("a table that streams come to and leave in any order holds what a dictionary holds")
  func randomHistory() {
    var generator = SeededNumbers(state: 11)
    let table = StreamTable<Int>()
    var model: [Int32: Int] = [:]
    var next: Int32 = 1
    for step in 0..<20_000 {
      // Grows, holds and shrinks in turn, far beyond the first memory.
      let wanted = [5, 300, 40, 0][step / 1_000 % 4]
      if model.count <= wanted {
        table[next] = step
        model[next] = step
        next += Bool.random(using: &generator) ? 2 : 2 * Int32.random(in: 1...50, using: &generator)
      } else if let number = model.keys.sorted().randomElement(using: &generator) {
        let expected = model.removeValue(forKey: number)
        if Bool.random(using: &generator) {
          #expect(table.removeValue(forKey: number) == expected)
        } else {
          table[number] = nil
        }
      }
      #expect(table.count == model.count)
      if step % 97 == 0 {
        #expect(table.numbers == model.keys.sorted())
        for (number, value) in model { #expect(table[number] == value) }
        #expect(table[next] == nil)
      }
    }
  }

  @Test("what is not there can be asked for and removed")
  func absent() {
    let table = StreamTable<String>()
    #expect(table[1] == nil)
    #expect(table.removeValue(forKey: 1) == nil)
    table[1] = nil
    #expect(table.count == 0)
    table[1] = "a"
    table[1] = "b"
    #expect(table.count == 1)
    #expect(table[1] == "b")
  }
}
