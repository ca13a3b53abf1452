import FuzzEntries
import Glibc

// The entry is chosen by the environment, because libFuzzer owns the command line.

/// The entry of this process; prints the names and ends if there is none.
private let entry: FuzzEntry = {
  guard let name = getenv("KEELSON_FUZZ_ENTRY").map({ String(cString: $0) }),
    let entry = FuzzEntry(rawValue: name)
  else {
    for entry in FuzzEntry.allCases { print(entry.rawValue) }
    exit(0)
  }
  return entry
}()

/// What libFuzzer calls first: writes the seeds where `KEELSON_FUZZ_SEEDS` says.
@_cdecl("LLVMFuzzerInitialize")
func initialize(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>
) -> CInt {
  let chosen = entry
  guard let folder = getenv("KEELSON_FUZZ_SEEDS").map({ String(cString: $0) }) else { return 0 }
  for (place, seed) in chosen.seeds.enumerated() {
    guard let file = fopen("\(folder)/seed-\(place)", "w") else {
      print("cannot write a seed to \(folder): \(String(cString: strerror(errno)))")
      exit(2)
    }
    fwrite(seed, 1, seed.count, file)
    fclose(file)
  }
  return 0
}

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  entry.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}
