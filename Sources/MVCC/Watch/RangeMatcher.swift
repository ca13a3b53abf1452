internal import Primitives

/// Finds those who are interested in a key, among many who each named a range of keys.
///
/// Cost of a search: one hash, a walk of the tree of ranges, and what is found. Equal ranges share one entry,
/// and removal takes the same time however many share it.
struct RangeMatcher<Element: Sendable>: Sendable {
  /// Names one registration, for its removal.
  struct Token: Hashable, Sendable {
    fileprivate var place: Int32
  }

  /// Those who named the same range.
  private struct Group: Sendable {
    var range: KeyRange
    var elements: [Element] = []
    /// The places that name these elements, in the same order.
    var places: [Int32] = []
    /// The range's place in the tree; none for a single key.
    var node: IntervalTree.Index = -1
  }

  /// Where a registration stands at present.
  private struct Place: Sendable {
    var group: Int32
    var position: Int32
  }

  private var groups: [Group] = []
  private var freeGroups: [Int32] = []
  private var places: [Place] = []
  private var freePlaces: [Int32] = []
  private var singleKeys: [Bytes: Int32] = [:]
  private var ranges: [KeyRange: Int32] = [:]
  private var tree = IntervalTree()

  /// The number of registrations.
  private(set) var count = 0

  /// Registers interest in a range that is not empty.
  mutating func insert(_ range: KeyRange, _ element: Element) -> Token {
    let group = groupIndex(for: range)
    let position = groups[Int(group)].elements.count
    let entry = Place(group: group, position: Int32(position))
    let place: Int32
    if let free = freePlaces.popLast() {
      place = free
      places[Int(free)] = entry
    } else {
      place = Int32(places.count)
      places.append(entry)
    }
    groups[Int(group)].elements.append(element)
    groups[Int(group)].places.append(place)
    count += 1
    return Token(place: place)
  }

  /// Ends a registration.
  mutating func remove(_ token: Token) {
    let place = places[Int(token.place)]
    invariant(place.group >= 0, "a watch is removed twice")
    let group = Int(place.group)
    let position = Int(place.position)
    let last = groups[group].elements.count - 1
    if position != last {
      groups[group].elements.swapAt(position, last)
      groups[group].places.swapAt(position, last)
      places[Int(groups[group].places[position])].position = Int32(position)
    }
    groups[group].elements.removeLast()
    groups[group].places.removeLast()
    places[Int(token.place)] = Place(group: -1, position: -1)
    freePlaces.append(token.place)
    count -= 1
    if last == 0 { dissolve(place.group) }
  }

  /// Passes everyone who is interested in a key.
  func forEach(interestedIn key: Bytes, _ body: (Element) -> Void) {
    if let group = singleKeys[key] {
      for element in groups[Int(group)].elements { body(element) }
    }
    if tree.isEmpty { return }
    var found: [Int32] = []
    tree.search(containing: key, into: &found)
    for group in found {
      for element in groups[Int(group)].elements { body(element) }
    }
  }

  private mutating func groupIndex(for range: KeyRange) -> Int32 {
    let known = range.isSingleKey ? singleKeys[range.key] : ranges[range]
    if let known { return known }
    let group: Int32
    if let free = freeGroups.popLast() {
      group = free
      groups[Int(free)] = Group(range: range)
    } else {
      group = Int32(groups.count)
      groups.append(Group(range: range))
    }
    if range.isSingleKey {
      singleKeys[range.key] = group
    } else {
      ranges[range] = group
      groups[Int(group)].node = tree.insert(
        lower: range.key, upper: range.upperBound, payload: group)
    }
    return group
  }

  private mutating func dissolve(_ group: Int32) {
    let range = groups[Int(group)].range
    if range.isSingleKey {
      singleKeys[range.key] = nil
    } else {
      ranges[range] = nil
      tree.remove(groups[Int(group)].node)
    }
    groups[Int(group)] = Group(range: KeyRange([]))
    freeGroups.append(group)
  }
}
