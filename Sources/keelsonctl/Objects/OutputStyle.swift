internal import Primitives
internal import Registry

/// What `-o` asks for.
enum OutputStyle {
  case table(isWide: Bool)
  case name, json, yaml
  case jsonPath(JSONPath)
  /// What a path finds, as JSON.
  case jsonPathAsJSON(JSONPath)
  case columns(CustomColumns)

  private static let names = [
    "table", "wide", "name", "json", "yaml", "jsonpath=TEMPLATE", "jsonpath-as-json=TEMPLATE",
    "jsonpath-file=FILE", "custom-columns=TITLE:PATH,...", "custom-columns-file=FILE",
  ]

  /// What a shell offers.
  static let completions = [
    "table", "wide", "name", "json", "yaml", "jsonpath=", "jsonpath-as-json=", "jsonpath-file=",
    "custom-columns=", "custom-columns-file=",
  ]

  /// Parses the value of `-o`; reads the file that it names.
  init(_ text: String?) throws(Failure) {
    let parts = (text ?? "table").split(
      separator: "=", maxSplits: 1, omittingEmptySubsequences: false
    ).map(String.init)
    let template = parts.count > 1 ? parts[1] : nil
    do throws(SelectionError) {
      switch (parts[0], template) {
      case ("table", nil), ("", nil): self = .table(isWide: false)
      case ("wide", nil): self = .table(isWide: true)
      case ("name", nil): self = .name
      case ("json", nil): self = .json
      case ("yaml", nil): self = .yaml
      case ("jsonpath", let template?): self = .jsonPath(try JSONPath(template))
      case ("jsonpath-as-json", let template?): self = .jsonPathAsJSON(try JSONPath(template))
      case ("jsonpath-file", let file?): self = .jsonPath(try JSONPath(try Self.contents(file)))
      case ("custom-columns", let columns?): self = .columns(try CustomColumns(columns))
      case ("custom-columns-file", let file?):
        self = .columns(try CustomColumns(template: try Self.contents(file)))
      case ("jsonpath", nil), ("jsonpath-as-json", nil), ("jsonpath-file", nil),
        ("custom-columns", nil), ("custom-columns-file", nil):
        throw SelectionError("-o \(parts[0]) needs a value: -o \(parts[0])=...")
      default:
        throw SelectionError(
          "unsupported output format \"\(text ?? "")\": there are "
            + Self.names.joined(separator: ", "))
      }
    } catch {
      throw Failure(.badFeature, error.message)
    }
  }

  private static func contents(_ path: String) throws(SelectionError) -> String {
    do throws(SourceError) {
      let source = try PathFile(path: path).open()
      var bytes: Bytes = []
      while true {
        let part = try source.read(upTo: 65_536)
        if part.isEmpty { return String(decoding: bytes, as: UTF8.self) }
        bytes += part
        guard bytes.count <= 1 << 20 else { throw SourceError("the file is longer than 1 MiB") }
      }
    } catch {
      throw SelectionError("\(path): \(error.message)")
    }
  }

  /// Whether it is for people, who are told when there is nothing.
  var isTable: Bool {
    if case .table = self { true } else { false }
  }
}
