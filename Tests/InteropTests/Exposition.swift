import ProcessHarness

/// Prometheus' text format, version 0.0.4, read strictly: every sample belongs to a family with a type and a help line,
/// families are not torn apart, no series comes twice, and histograms are whole and rise.
struct Exposition {
  /// One line with a number.
  struct Sample: Hashable {
    var name: String
    var labels: [String: String]
    var value: Double
  }

  /// What stands under one name.
  struct Family {
    var type: String
    var help: String
    /// The samples; of a histogram its sums alone, so that labels are those of the metric.
    var samples: [Sample] = []
  }

  private(set) var families: [String: Family] = [:]
  private(set) var samples: [Sample] = []

  /// The number of one series.
  func value(_ name: String, _ labels: [String: String]) -> Double? {
    samples.first { $0.name == name && $0.labels == labels }?.value
  }

  static func parse(_ text: String) throws -> Exposition {
    guard text.hasSuffix("\n") else { throw HarnessError("the last line does not end") }
    var result = Exposition()
    var helps: [String: String] = [:]
    var current = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("# HELP ") {
        let rest = line.dropFirst(7)
        let name = String(rest.prefix { $0 != " " })
        guard helps[name] == nil else { throw HarnessError("\(name) has two help lines") }
        helps[name] = String(rest.dropFirst(name.count + 1))
      } else if line.hasPrefix("# TYPE ") {
        let words = line.dropFirst(7).split(separator: " ").map(String.init)
        guard words.count == 2, ["counter", "gauge", "histogram", "summary"].contains(words[1]),
          result.families[words[0]] == nil
        else { throw HarnessError("a type line is wrong: \(line)") }
        current = words[0]
        result.families[current] = Family(type: words[1], help: helps[current] ?? "")
      } else {
        try result.add(try sample(line), to: current)
      }
    }
    guard
      Set(result.samples.map { [$0.name] + $0.labels.sorted { $0.key < $1.key }.map { "\($0)" } })
        .count == result.samples.count
    else { throw HarnessError("a series comes twice") }
    try result.checkHistograms()
    return result
  }

  private mutating func add(_ sample: Sample, to family: String) throws {
    let isHistogram = families[family]?.type == "histogram"
    let suffixes =
      switch families[family]?.type {
      case "histogram": ["_bucket", "_sum", "_count"]
      case "summary": ["", "_sum", "_count"]
      default: [""]
      }
    let names = suffixes.map { family + $0 }
    guard names.contains(sample.name) else {
      throw HarnessError("\(sample.name) stands under \(family)")
    }
    samples.append(sample)
    if !isHistogram || sample.name == family + "_sum" { families[family]?.samples.append(sample) }
  }

  private static func sample(_ line: Substring) throws -> Sample {
    guard
      let match = line.wholeMatch(
        of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.]+(?:e[-+]?[0-9]+)?|NaN|[-+]Inf)/),
      let value = Double(match.3.replacing("+Inf", with: "inf"))
    else { throw HarnessError("this is no sample: \(line)") }
    var labels: [String: String] = [:]
    var rest = match.2 ?? ""
    while !rest.isEmpty {
      guard
        let label = rest.prefixMatch(
          of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,(?=.)|$)/),
        labels.updateValue(String(label.2), forKey: String(label.1)) == nil
      else { throw HarnessError("these labels are wrong: \(line)") }
      rest = rest[label.range.upperBound...]
    }
    return Sample(name: String(match.1), labels: labels, value: value)
  }

  private func checkHistograms() throws {
    for (name, family) in families where family.type == "histogram" {
      for sum in family.samples {
        let buckets = samples.filter { sample in
          var labels = sample.labels
          labels["le"] = nil
          return sample.name == name + "_bucket" && labels == sum.labels
        }
        let bounds = buckets.map { Double(($0.labels["le"] ?? "").replacing("+Inf", with: "inf")) }
        let counts = buckets.map(\.value)
        guard !bounds.contains(nil),
          bounds.compactMap({ $0 }) == bounds.compactMap({ $0 }).sorted(),
          bounds.last == .infinity, counts == counts.sorted(),
          counts.last == value(name + "_count", sum.labels)
        else { throw HarnessError("the histogram \(name) is broken: \(buckets)") }
      }
    }
  }
}
