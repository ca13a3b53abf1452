/// A drawing of figures: lines over a scale of powers, or bars side by side. Written as SVG,
/// without a library.
struct Plot: Sendable {
  /// One server's figures.
  struct Series: Sendable {
    var name: String
    var values: [Double]
  }

  /// How the figures are drawn.
  enum Shape: Sendable {
    case bars
    case lines
  }

  /// The file's name, without its ending.
  var name: String
  /// What it shows, with the unit.
  var title: String
  var shape = Shape.bars
  /// What each place on the horizontal axis stands for.
  var labels: [String]
  var series: [Series]

  private static let width = 860.0
  private static let left = 250.0
  private static let rowHeight = 17.0
  private static let colors = ["#2563eb", "#d97706", "#059669", "#dc2626"]

  private var highest: Double {
    series.flatMap(\.values).filter(\.isFinite).max() ?? 1
  }

  /// The drawing.
  var svg: String { shape == .bars ? bars : lines }

  private func document(height: Double, _ body: [String]) -> String {
    let head =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(height))\" "
      + "font-family=\"sans-serif\" font-size=\"12\">"
    let frame = "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
    return ([head, frame, text(10, 20, title, weight: "bold")] + legend + body + ["</svg>"])
      .joined(separator: "\n") + "\n"
  }

  private var legend: [String] {
    series.enumerated().flatMap { number, series in
      let x = Self.width - 220 + Double(number) * 110
      return [
        box(x, 11, 10, 10, color(number)), text(x + 15, 20, series.name),
      ]
    }
  }

  private var bars: String {
    let groupHeight = Self.rowHeight * Double(series.count) + 10
    let scale = (Self.width - Self.left - 90) / highest
    var body: [String] = []
    for (place, label) in labels.enumerated() {
      let top = 40 + Double(place) * groupHeight
      body.append(
        text(Self.left - 10, top + groupHeight / 2 - 2, label, anchor: "end"))
      for (number, series) in series.enumerated() where series.values[place].isFinite {
        let y = top + Double(number) * Self.rowHeight
        let length = max(1, series.values[place] * scale)
        body.append(box(Self.left, y, length, Self.rowHeight - 3, color(number)))
        body.append(text(Self.left + length + 6, y + 12, series.values[place].brief))
      }
    }
    return document(height: 50 + Double(labels.count) * groupHeight, body)
  }

  private var lines: String {
    let height = 300.0
    let bottom = height - 40
    let step = (Self.width - 160) / Double(max(1, labels.count - 1))
    var body: [String] = []
    for part in 0...4 {
      let y = bottom - Double(part) / 4 * (bottom - 50)
      body.append(
        "<line x1=\"70\" x2=\"\(Int(Self.width) - 60)\" y1=\"\(y.rounded(to: 1))\" "
          + "y2=\"\(y.rounded(to: 1))\" stroke=\"#e5e7eb\"/>")
      body.append(text(62, y + 4, (highest * Double(part) / 4).brief, anchor: "end"))
    }
    for (place, label) in labels.enumerated() {
      body.append(text(80 + Double(place) * step, height - 18, label, anchor: "middle"))
    }
    for (number, series) in series.enumerated() {
      let points = series.values.enumerated().filter { $0.element.isFinite }.map { place, value in
        (80 + Double(place) * step, bottom - value / highest * (bottom - 50))
      }
      let list = points.map { "\($0.0.rounded(to: 1)),\($0.1.rounded(to: 1))" }
      body.append(
        "<polyline fill=\"none\" stroke=\"\(color(number))\" stroke-width=\"2\" "
          + "points=\"\(list.joined(separator: " "))\"/>")
      for point in points {
        body.append(
          "<circle r=\"3\" cx=\"\(point.0.rounded(to: 1))\" cy=\"\(point.1.rounded(to: 1))\" "
            + "fill=\"\(color(number))\"/>")
      }
    }
    return document(height: height, body)
  }

  private func color(_ number: Int) -> String { Self.colors[number % Self.colors.count] }

  private func box(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ color: String
  ) -> String {
    "<rect x=\"\(x.rounded(to: 1))\" y=\"\(y.rounded(to: 1))\" width=\"\(width.rounded(to: 1))\" "
      + "height=\"\(height.rounded(to: 1))\" fill=\"\(color)\"/>"
  }

  private func text(
    _ x: Double, _ y: Double, _ words: String, anchor: String = "start", weight: String = "normal"
  ) -> String {
    let safe = words.split(separator: "&", omittingEmptySubsequences: false)
      .joined(separator: "&amp;").split(separator: "<", omittingEmptySubsequences: false)
      .joined(separator: "&lt;")
    return "<text x=\"\(x.rounded(to: 1))\" y=\"\(y.rounded(to: 1))\" text-anchor=\"\(anchor)\" "
      + "font-weight=\"\(weight)\" fill=\"#111827\">\(safe)</text>"
  }
}
