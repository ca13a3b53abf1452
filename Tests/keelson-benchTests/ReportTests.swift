import Primitives
import Testing

@testable import keelson_bench

@Suite("Figures and how they are written")
struct ReportTests {
  @Test("a quantile is within two parts in a hundred of the value that it stands for")
  func quantiles() {
    var histogram = Histogram()
    #expect(histogram.quantile(0.5).isNaN)
    for value: Int64 in 1...100_000 { histogram.add(value * 1_000) }
    for (share, expected) in [(0.5, 50_000.0), (0.99, 99_000), (0.999, 99_900), (1, 100_000)] {
      #expect(abs(histogram.quantile(share) / expected - 1) < 0.02)
    }
    var other = Histogram()
    for value: Int64 in [-5, 0, 1, 63, 64, 65, .max] { other.add(value) }
    #expect(other.count == 7 && other.quantile(0.5) == 0.063)
    #expect(other.quantile(1) > 9e15)
    histogram.add(other)
    #expect(histogram.count == 100_007)
  }

  @Test("each bar tells whether it was reached, by its own measure")
  func bars() throws {
    var report = Report()
    #expect(report.bars.contains("| not measured |"))
    report.note("cpu-put-10x10", ours: 10, theirs: 50, unit: "µs")
    report.note("rate-put", ours: 29, theirs: 10, unit: "/s")
    report.note("compaction-ratio", ours: 1.3, theirs: 4, unit: "×")
    #expect(report.missed.map(\.id) == ["rate-put", "compaction-ratio"])
    let lines = report.bars.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("| server CPU per put") && $0.contains("1/5.00 | met") })
    #expect(lines.contains { $0.contains("2.90×") && $0.contains("not met") })
    #expect(lines.count == Bar.all.count + 2)
    #expect(Set(Bar.all.map(\.id)).count == Bar.all.count)
  }

  @Test("a document has its sections, tables and plots in order")
  func document() {
    var report = Report()
    let plot = Plot(
      name: "p", title: "a < b & c", shape: .lines, labels: ["1", "2"],
      series: [.init(name: "keelson", values: [1, .nan]), .init(name: "etcd", values: [2, 3])])
    report.add(
      .init(
        title: "First", text: "Words.", columns: ["a", "b"], rows: [["1", "2"]], plots: [plot]))
    let text = report.markdown(preamble: "Before.", plots: "benchmarks")
    #expect(text.contains("## First\n\nWords.\n\n| a | b |\n| --- | ---: |\n| 1 | 2 |\n"))
    #expect(text.hasSuffix("![a < b & c](benchmarks/p.svg)\n"))
    #expect(plot.svg.contains("a &lt; b &amp; c") && plot.svg.hasSuffix("</svg>\n"))
    #expect(!plot.svg.contains("nan"))
  }

  @Test("numbers are written with the digits that count")
  func numbers() {
    #expect([0.123, 12.34, 1234.5].map(\.brief) == ["0.12", "12.3", "1235"])
    #expect(Double.nan.brief == "–")
    #expect([3, 1, 2].median == 2 && [4.0, 1].median == 2.5 && [Double]().median.isNaN)
  }

  @Test("every group of rows can be chosen alone")
  func choice() {
    let bench = Bench(
      programs: [], folder: "", only: ["put-1k"], isQuick: true, port: 1, deadline: 0)
    #expect(bench.wants("put-1k-10x10") && bench.wants("put-1k"))
    #expect(!bench.wants("put-256-10x10") && !bench.wants("get-linearizable-1x1"))
    #expect(!bench.hasTime)
  }
}
