import FuzzEntries
import Primitives
import Testing

@testable import keelsonctl

/// Drives every parser with mutated inputs for a bounded time, each in a process of its own: an input that
/// ends the process fails the test, and the test says how to repeat just that input.
///
/// `KEELSON_FUZZ_SECONDS` is the time for each parser (2); `KEELSON_FUZZ_SEED` starts elsewhere (1);
/// `KEELSON_FUZZ_INPUT` runs the input of that number alone.
@Suite("Parsers take any bytes", .serialized)
struct FuzzTests {
  @Test("and return", arguments: FuzzEntry.allCases)
  func entry(_ entry: FuzzEntry) async throws {
    let path = try Progress.makeFile(entry.rawValue)
    let name = entry.rawValue
    let result = await #expect(processExitsWith: .success) {
      [name = name as String, path = path as String] in
      guard let entry = FuzzEntry(rawValue: name) else { fatalError("no entry \(name)") }
      let progress = Progress(path)
      FuzzRun(corpus: entry.seeds).run(progress) { entry.run($0) }
    }
    Progress.report(path, test: "FuzzTests/entry", hasFailed: result == nil)
  }

  @Test("and return: transactions as text")
  func transactionText() async throws {
    let path = try Progress.makeFile("transaction-text")
    let result = await #expect(processExitsWith: .success) { [path = path as String] in
      let texts = [
        "value(\"a\") = \"x y\"\nmod(\"b\")>\"17\"\nlease(\"e\") = \"ff\"\n\nput k \"a\\nb\" --lease=1f\n\n\n",
        "c(\"\\x64\") < \"9\"\nver(`k`) != \"0\"\n\nget k --prefix --limit 5\n\ndel a b --prev-kv\n\n",
        "create(\"\\u00e9\") = \"-1\"\n\nput 'single \"quoted\"' v --prev-kv\nget -- --x\n\nget \"\"\n\n",
      ]
      FuzzRun(corpus: texts.map { Bytes($0.utf8) }).run(Progress(path)) { fuzzTransactionText($0) }
    }
    Progress.report(path, test: "FuzzTests/transactionText", hasFailed: result == nil)
  }

  @Test("an input can be made again from its number")
  func repeats() {
    let corpus = FuzzEntry.requests.seeds
    let numbers = 0..<200
    let first = numbers.map { Mutator(seed: 5, corpus: corpus).input($0) }
    #expect(
      numbers.reversed().map { Mutator(seed: 5, corpus: corpus).input($0) }.reversed() == first)
    #expect(numbers.map { Mutator(seed: 6, corpus: corpus).input($0) } != first)
  }

  @Test(
    "the inputs from which mutation starts are many and distinct", arguments: FuzzEntry.allCases)
  func seeds(_ entry: FuzzEntry) {
    #expect(entry.seeds.count >= 2)
    #expect(Set(entry.seeds).count == entry.seeds.count)
  }
}
