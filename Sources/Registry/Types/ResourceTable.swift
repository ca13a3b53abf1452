internal import Primitives

/// The kinds that are known: those of Kubernetes, and those that stored definitions add.
public struct ResourceTable: Sendable {
  /// All types; Kubernetes' own first, custom ones in the order in which they were added.
  public private(set) var types: [ResourceType]
  /// What their objects are made of.
  public private(set) var schema = Schema.kubernetes
  private var byKind: [GroupKind: Int] = [:]
  private var byName: [String: Int] = [:]

  private struct GroupKind: Hashable {
    var group: String
    var kind: String
  }

  /// The kinds of Kubernetes. Cost: built once, about 2 ms with the schema.
  public static let kubernetes = ResourceTable()

  /// Kinds that the API serves but never stores.
  private static let unstored: Set<String> = [
    "Binding", "ComponentStatus", "Eviction", "LocalSubjectAccessReview", "SelfSubjectAccessReview",
    "SelfSubjectReview", "SelfSubjectRulesReview", "SubjectAccessReview", "TokenRequest",
    "TokenReview",
  ]

  private init() {
    types = []
    for line in KubernetesSchema.shared.resources { add(ResourceType(line)) }
    for index in types.indices { types[index].versions.sort(by: Self.isPreferred) }
  }

  /// Stable versions before beta, beta before alpha, higher numbers first.
  private static func isPreferred(_ left: String, _ right: String) -> Bool {
    func rank(_ version: String) -> [Int] {
      let numbers = version.split { !$0.isNumber }.compactMap { Int($0) }
      let stage = version.contains("alpha") ? 0 : version.contains("beta") ? 1 : 2
      return [stage] + numbers
    }
    return rank(right).lexicographicallyPrecedes(rank(left))
  }

  /// Adds a type, or its further version. A name that is taken keeps its meaning.
  private mutating func add(_ type: ResourceType) {
    if let index = byKind[GroupKind(group: type.group, kind: type.kind)] {
      types[index].versions += type.versions
      types[index].columns.merge(type.columns) { first, _ in first }
      return
    }
    let index = types.count
    types.append(type)
    byKind[GroupKind(group: type.group, kind: type.kind)] = index
    var names = [type.plural, type.singular, type.kind.lowercased()] + type.shortNames
    names += names.map { "\($0).\(type.group)" }
    for name in names where byName[name] == nil { byName[name] = index }
  }

  /// Adds the type of a CustomResourceDefinition, or replaces what an earlier one of the same name said.
  /// - Returns: the type; nil if the definition does not say what is needed.
  @discardableResult
  public mutating func define(_ definition: Value) -> ResourceType? {
    guard let type = ResourceType(definition: definition) else { return nil }
    if let index = byKind[GroupKind(group: type.group, kind: type.kind)] {
      guard types[index].isCustom else { return nil }
      types[index] = type
    } else {
      add(type)
    }
    schema.define(definition)
    return type
  }

  /// The type of a manifest; nil if there is none, or not in this version.
  public func type(apiVersion: String, kind: String) -> ResourceType? {
    let (group, version) = Self.groupAndVersion(apiVersion)
    guard let index = byKind[GroupKind(group: group, kind: kind)],
      types[index].versions.contains(version)
    else { return nil }
    return types[index]
  }

  /// The type that a word on the command line means: plural, singular, kind or short name, alone or with
  /// `.group` or `.version.group`; upper and lower case are the same.
  public func type(named word: String) -> ResourceType? {
    let word = word.lowercased()
    if let index = byName[word] { return types[index] }
    let parts = word.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2 else { return nil }
    let group = parts.count == 3 ? String(parts[2]) : ""
    let name = group.isEmpty ? String(parts[0]) : "\(parts[0]).\(group)"
    guard let index = byName[name], types[index].group == group,
      types[index].versions.contains(String(parts[1]))
    else { return nil }
    return types[index]
  }

  /// The parts of an `apiVersion`; the group is empty if there is no slash.
  static func groupAndVersion(_ apiVersion: String) -> (group: String, version: String) {
    let parts = apiVersion.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : ("", apiVersion)
  }

  /// Why a manifest has no type, with what may have been meant.
  public func complaint(apiVersion: String, kind: String) -> String {
    if Self.unstored.contains(kind) { return "objects of the kind \(kind) are never stored" }
    let title = "there is no kind \(kind) in \(apiVersion)"
    let sameKind = types.filter { $0.kind == kind }
    if !sameKind.isEmpty {
      let places = sameKind.flatMap { type in type.versions.map { type.apiVersion($0) } }
      return "\(title); \(kind) is in \(places.joined(separator: ", "))"
    }
    let (group, version) = Self.groupAndVersion(apiVersion)
    let sameVersion = types.filter { $0.group == group && $0.versions.contains(version) }
    let near = Self.nearest(kind, among: sameVersion.map(\.kind))
    if !near.isEmpty { return "\(title); did you mean \(near.joined(separator: ", "))?" }
    let far = Self.nearest(kind, among: types.map(\.kind))
    if !far.isEmpty {
      let places = types.filter { far.contains($0.kind) }
        .map { "\($0.kind) (\($0.apiVersion($0.versions[0])))" }
      return "\(title); did you mean \(places.joined(separator: ", "))?"
    }
    if !types.contains(where: { $0.group == group }) {
      return "\(title), and no CustomResourceDefinition for the group \(group)"
    }
    return title
  }

  /// Why a word on the command line has no type, with what may have been meant.
  public func complaint(word: String) -> String {
    let near = Self.nearest(word.lowercased(), among: types.flatMap { [$0.plural] + $0.shortNames })
    return "the store knows no kind \"\(word)\""
      + (near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?")
  }

  /// At most three of the words, those that differ least; none that differs much.
  static func nearest(_ word: String, among words: [String]) -> [String] {
    let bound = max(1, min(3, word.utf8.count / 3))
    var seen: Set<String> = []
    return words.filter { seen.insert($0).inserted }
      .map { (distance: EditDistance.between(word.lowercased(), $0.lowercased()), word: $0) }
      .filter { $0.distance <= bound }
      .sorted { ($0.distance, $0.word) < ($1.distance, $1.word) }
      .prefix(3).map(\.word)
  }
}
