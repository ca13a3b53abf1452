/// What a run has found, as it is found, and how it is written down.
struct Report: Sendable {
  /// A part of the document: some words, and tables with them.
  struct Section: Sendable {
    var title: String
    var text: String
    var columns: [String] = []
    var rows: [[String]] = []
    var plots: [Plot] = []
  }

  /// Two figures that a bar compares.
  struct Finding: Sendable {
    var ours: Double
    var theirs: Double
    var unit: String
  }

  private(set) var sections: [Section] = []
  private(set) var findings: [String: Finding] = [:]

  /// Adds a part.
  mutating func add(_ section: Section) { sections.append(section) }

  /// Notes what a bar compares.
  mutating func note(_ bar: String, ours: Double, theirs: Double, unit: String) {
    findings[bar] = Finding(ours: ours, theirs: theirs, unit: unit)
  }

  /// The bars that were measured and not reached.
  var missed: [Bar] {
    Bar.all.filter { bar in
      findings[bar.id].map { !bar.isMet(ours: $0.ours, theirs: $0.theirs) } ?? false
    }
  }

  /// The table of the bars: with all of them, those that were not measured too.
  var bars: String {
    let rows = Bar.all.map { bar -> [String] in
      guard let found = findings[bar.id] else {
        return [bar.what, bar.demand, "–", "–", "–", "not measured"]
      }
      let ratio =
        switch bar.limit {
        case .ratioAtMost: "1/\((found.theirs / found.ours).rounded(to: 2))"
        case .ratioAtLeast: "\((found.ours / found.theirs).rounded(to: 2))×"
        case .atMost: "–"
        }
      return [
        bar.what, bar.demand, "\(found.ours.brief) \(found.unit)",
        found.theirs.isFinite ? "\(found.theirs.brief) \(found.unit)" : "–", ratio,
        bar.isMet(ours: found.ours, theirs: found.theirs) ? "met" : "**not met**",
      ]
    }
    return Self.table(
      ["what", "bar", "keelson", "etcd", "keelson / etcd", ""], rows, textColumns: 2)
  }

  /// The document.
  /// - Parameters:
  ///   - preamble: what stands before the bars.
  ///   - plots: the folder in which the plots lie, as the document names it.
  func markdown(preamble: String, plots folder: String) -> String {
    var text = "# Benchmarks\n\n\(preamble)\n\n## The bars\n\n\(bars)"
    for section in sections {
      text += "\n## \(section.title)\n\n\(section.text)\n"
      if !section.columns.isEmpty {
        text += "\n" + Self.table(section.columns, section.rows, textColumns: 1)
      }
      for plot in section.plots { text += "\n![\(plot.title)](\(folder)/\(plot.name).svg)\n" }
    }
    return text
  }

  private static func table(_ columns: [String], _ rows: [[String]], textColumns: Int) -> String {
    let rule = columns.indices.map { $0 < textColumns ? "---" : "---:" }
    return ([columns, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }
      .joined(separator: "\n") + "\n"
  }
}
