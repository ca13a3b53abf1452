import Primitives

/// Why the command line cannot be understood; empty where only help was asked for.
struct UsageError: Error {
  var text: String
}

/// The faults that this program can be told to have.
enum SimulatorPlants {
  static let all = PlantedBug.allCases
}

/// What the command line asks for.
struct Options {
  var seed: UInt64 = 1
  var seeds: UInt64 = 1
  var seconds = 60
  var plantedBug: PlantedBug?

  init(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      if flag == "--help" || flag == "-h" { throw UsageError(text: "") }
      guard let value = rest.popFirst() else { throw UsageError(text: "\(flag) needs a value") }
      switch flag {
      case "--seed": seed = try Self.number(flag, value, in: 0...1 << 62)
      case "--seeds": seeds = try Self.number(flag, value, in: 1...1 << 40)
      case "--seconds": seconds = Int(try Self.number(flag, value, in: 1...86_400))
      case "--plant":
        guard let bug = SimulatorPlants.all.first(where: { $0.rawValue == value }) else {
          throw UsageError(text: "there is no fault called \(value)")
        }
        guard PlantedBug.isPossible else {
          throw UsageError(text: "this build holds no faults to plant; use a test build")
        }
        plantedBug = bug
      default: throw UsageError(text: "unknown flag \(flag)")
      }
    }
  }

  /// The command that runs one seed again.
  func replay(_ seed: UInt64) -> String {
    let plant = plantedBug.map { " --plant \($0.rawValue)" } ?? ""
    return "keelson-simulator --seed \(seed) --seconds \(seconds)\(plant)"
  }

  private static func number(
    _ flag: String, _ value: String, in range: ClosedRange<UInt64>
  ) throws(UsageError) -> UInt64 {
    guard let number = UInt64(value), range.contains(number) else {
      throw UsageError(
        text: "\(flag) takes a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
