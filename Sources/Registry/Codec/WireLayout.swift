/// A message's fields in the order of their numbers.
///
/// JSON has no level for some messages (Go embeds their types); their fields belong to the type around them.
struct WireLayout: Sendable {
  enum Target: Sendable {
    /// The type's field at this place.
    case field(Int)
    /// A message with further fields of the same type.
    case embedded(WireLayout)
  }

  struct Entry: Sendable {
    var number: UInt32
    var target: Target
  }

  /// Ordered by number; no number occurs twice.
  private(set) var entries: [Entry] = []

  init(_ fields: [SchemaField]) {
    self.init(
      fields.enumerated().compactMap { place, field in
        field.wire.map { (path: $0.path[...], place: place) }
      })
  }

  private init(_ fields: [(path: ArraySlice<UInt32>, place: Int)]) {
    let groups = Dictionary(grouping: fields) { $0.path.first ?? 0 }
    for (number, members) in groups {
      let target: Target =
        members.count == 1 && members[0].path.count == 1
        ? .field(members[0].place)
        : .embedded(WireLayout(members.map { ($0.path.dropFirst(), $0.place) }))
      entries.append(Entry(number: number, target: target))
    }
    entries.sort { $0.number < $1.number }
  }

  /// What a number stands for; nil if it is not known. Cost: O(log fields).
  func target(_ number: UInt64) -> Target? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].number == number ? entries[low].target : nil
  }

  /// The layouts of Kubernetes' types, made when the first message is read or written. Cost: about 1 ms.
  static let kubernetes: [WireLayout] = KubernetesSchema.shared.types.map { WireLayout($0.fields) }
}
