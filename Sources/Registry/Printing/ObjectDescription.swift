/// An object for people to read, in the form of `kubectl describe`: who it is, what it consists of, and what happened
/// to it.
public struct ObjectDescription {
  let context: CellContext
  var text = DescriptionText()

  /// - Parameter now: seconds since 1970, which ages are counted up to.
  public init(now: Int64) { context = CellContext(now: now, isWide: true) }

  /// The description of an object.
  /// - Parameter events: the events that are about it, in any order.
  public mutating func describe(_ object: StoredObject, events: [Value]) -> String {
    text = DescriptionText()
    guard let value = object.stored.object else {
      text.pair("Name", object.name)
      if let namespace = object.namespace { text.pair("Namespace", namespace) }
      text.pair("Stored As", "\(object.stored.name), \(object.byteCount) bytes")
      return text.text
    }
    switch (object.type.group, object.type.kind) {
    case ("", "Pod"): describePod(value)
    case ("", "Node"): describeNode(value)
    case ("", "Service"): describeService(value)
    case ("apps", "Deployment"): describeDeployment(value)
    case ("", "ConfigMap"): describeData(value, showsText: true)
    case ("", "Secret"): describeData(value, showsText: false)
    default: describeAny(value)
    }
    describe(events: events)
    return text.text
  }

  mutating func describeIdentity(
    _ value: Value, _ between: (inout DescriptionText) -> Void = { _ in }
  ) {
    text.pair("Name", value.text("metadata", "name"))
    let namespace = value.text("metadata", "namespace")
    if !namespace.isEmpty { text.pair("Namespace", namespace) }
    between(&text)
    text.pairs("Labels", Self.entries(value[path: "metadata", "labels"], "="))
    text.pairs(
      "Annotations",
      Self.entries(value[path: "metadata", "annotations"], ": ").filter {
        // What an apply noted for itself repeats the whole object.
        !$0.hasPrefix("kubectl.kubernetes.io/last-applied-configuration")
      })
  }

  /// The members of a map of texts, each on a line.
  static func entries(_ map: Value?, _ separator: String) -> [String] {
    (map?.object?.members ?? []).map { "\($0.name)\(separator)\(GoText.text($0.value))" }
  }

  // MARK: Any kind

  private mutating func describeAny(_ value: Value) {
    describeIdentity(value)
    text.pair("API Version", value.text("apiVersion"))
    text.pair("Kind", value.text("kind"))
    for member in value.object?.members ?? [] {
      if ["apiVersion", "kind"].contains(member.name) { continue }
      if member.name == "metadata", case .object(var metadata) = member.value {
        for name in ["name", "namespace", "labels", "annotations", "managedFields"] {
          metadata[name] = nil
        }
        describe("metadata", .object(metadata), indent: 0)
      } else {
        describe(member.name, member.value, indent: 0)
      }
    }
  }

  private mutating func describe(_ name: String, _ value: Value, indent: Int) {
    switch value {
    case .object(let object):
      text.line("\(Self.label(name)):", indent: indent)
      for member in object.members { describe(member.name, member.value, indent: indent + 1) }
    case .array(let elements):
      text.line("\(Self.label(name)):", indent: indent)
      for element in elements {
        if case .object(let object) = element {
          for member in object.members { describe(member.name, member.value, indent: indent + 1) }
        } else {
          text.line(GoText.text(element), indent: indent + 1)
        }
      }
    default:
      let lines = GoText.text(value).split(separator: "\n", omittingEmptySubsequences: false)
      text.pairs(Self.label(name), lines.map(String.init), indent: indent)
    }
  }

  /// A field's name as words: `podCIDRs` as `Pod CIDRs`, `uid` as `UID`.
  static func label(_ name: String) -> String {
    var words: [String] = []
    var word = ""
    let letters = Array(name)
    for (index, letter) in letters.enumerated() {
      let isStart =
        letter.isUppercase && index > 0
        && (!letters[index - 1].isUppercase
          || (index + 1 < letters.count && letters[index + 1].isLowercase
            && letters[index + 1] != "s"))
      if isStart, !word.isEmpty {
        words.append(word)
        word = ""
      }
      word.append(letter)
    }
    words.append(word)
    let acronyms: Set<String> = ["API", "URL", "UID", "OSB", "GUID", "IP", "CIDR", "TLS", "OS"]
    return words.map { word in
      let upper = word.uppercased()
      if acronyms.contains(upper) { return upper }
      return (word.first.map { String($0).uppercased() } ?? "") + word.dropFirst()
    }.joined(separator: " ")
  }

  // MARK: What many kinds have

  private mutating func describeData(_ value: Value, showsText: Bool) {
    describeIdentity(value)
    let type = value.text("type")
    if !showsText { text.pair("Type", type.isEmpty ? "Opaque" : type) }
    text.line("")
    text.line("Data")
    text.line("====")
    for member in value["data"]?.object?.members ?? [] {
      if showsText {
        text.line("\(member.name):")
        text.line("----")
        for line in GoText.text(member.value).split(
          separator: "\n", omittingEmptySubsequences: false)
        { text.line(String(line)) }
        text.line("")
      } else {
        text.pair(member.name, Self.byteCount(member.value.text ?? ""))
      }
    }
    let binary = value["binaryData"]?.object?.members ?? []
    if !binary.isEmpty { text.line("BinaryData") }
    if !binary.isEmpty { text.line("====") }
    for member in binary { text.pair(member.name, Self.byteCount(member.value.text ?? "")) }
  }

  /// What a text in base64 stands for, by its length.
  private static func byteCount(_ text: String) -> String {
    let padding = text.reversed().prefix { $0 == "=" }.count
    return "\(max(0, text.utf8.count / 4 * 3 - padding)) bytes"
  }

  mutating func describeConditions(_ value: Value, details: Bool) {
    let conditions = value.list("status", "conditions")
    if conditions.isEmpty { return }
    text.line("Conditions:")
    text.table(
      details
        ? ["Type", "Status", "LastTransitionTime", "Reason", "Message"]
        : ["Type", "Status", "Reason"],
      conditions.map { condition in
        let head = [condition.text("type"), condition.text("status")]
        let reason = condition.text("reason")
        return head
          + (details
            ? [condition.text("lastTransitionTime"), reason, condition.text("message")] : [reason])
      }, indent: 1)
  }

  private mutating func describe(events: [Value]) {
    if events.isEmpty {
      text.pair("Events", Cells.none)
      return
    }
    func last(_ event: Value) -> Int64 {
      EventTimes(event).lastTime?.text.flatMap(Timestamp.seconds) ?? .min
    }
    text.line("Events:")
    text.table(
      ["Type", "Reason", "Age", "From", "Message"],
      events.sorted { last($0) < last($1) }.map { event in
        let times = EventTimes(event)
        let age =
          times.count > 1
          ? "\(times.last(context)) (x\(times.count) over \(times.first(context)))"
          : times.last(context)
        return [
          event.text("type"), event.text("reason"), age, Cells.source(ofEvent: event),
          Cells.message(ofEvent: event),
        ]
      }, indent: 1)
  }
}
