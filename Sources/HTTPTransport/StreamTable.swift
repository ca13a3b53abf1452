internal import Primitives

/// The open streams of a connection by number.
///
/// A client numbers its streams upwards, so the number itself spreads them evenly: a place is a
/// mask away, where a dictionary would hash. Memory grows with the streams that are open at once,
/// and shrinks when none is.
@safe
final class StreamTable<Stream> {
  private struct Place {
    /// 0: free.
    var number: Int32
    var stream: Stream?
  }

  private var places: UnsafeMutableBufferPointer<Place>
  /// The streams that are open.
  private(set) var count = 0

  private static var fewestPlaces: Int { 16 }

  init() { unsafe places = Self.allocate(Self.fewestPlaces) }

  deinit { unsafe Self.free(places) }

  /// The stream of a number; setting nil removes it.
  subscript(number: Int32) -> Stream? {
    get {
      let place = find(number)
      return unsafe places[place].stream
    }
    set {
      let place = find(number)
      let isOpen = unsafe places[place].number != 0
      if let newValue {
        invariant(number > 0, "stream \(number)")
        unsafe places[place] = Place(number: number, stream: newValue)
        if isOpen { return }
        count += 1
        if unsafe count * 2 > places.count { unsafe rebuild(places: places.count * 2) }
      } else if isOpen {
        remove(place)
      }
    }
  }

  /// Takes a stream out.
  func removeValue(forKey number: Int32) -> Stream? {
    let place = find(number)
    guard let stream = unsafe places[place].stream else { return nil }
    remove(place)
    return stream
  }

  /// The numbers of the streams that are open, upwards.
  var numbers: [Int32] {
    var found: [Int32] = []
    found.reserveCapacity(count)
    for place in unsafe places.indices where unsafe places[place].number != 0 {
      unsafe found.append(places[place].number)
    }
    return found.sorted()
  }

  /// The place of a stream, or the free one where it belongs.
  @inline(__always)
  private func find(_ number: Int32) -> Int {
    let mask = unsafe places.count - 1
    var place = home(of: number, mask)
    while unsafe places[place].number != number, unsafe places[place].number != 0 {
      place = (place + 1) & mask
    }
    return place
  }

  /// Every second number is a client's.
  @inline(__always)
  private func home(of number: Int32, _ mask: Int) -> Int { Int(number >> 1) & mask }

  private func remove(_ place: Int) {
    count -= 1
    if count == 0, unsafe places.count > Self.fewestPlaces {
      rebuild(places: Self.fewestPlaces)
      return
    }
    // Those behind move up, unless that took them before their own place.
    let mask = unsafe places.count - 1
    var hole = place
    var next = (place + 1) & mask
    while unsafe places[next].number != 0 {
      let distance = unsafe (next - home(of: places[next].number, mask)) & mask
      if distance >= (next - hole) & mask {
        unsafe places[hole] = places[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    unsafe places[hole] = Place(number: 0, stream: nil)
  }

  /// Moves all streams but those that `remove` counts no more into another memory.
  private func rebuild(places newCount: Int) {
    let old = unsafe places
    unsafe places = Self.allocate(newCount)
    if count > 0 {
      for place in old.indices where unsafe old[place].number != 0 {
        let target = unsafe find(old[place].number)
        unsafe places[target] = old[place]
      }
    }
    unsafe Self.free(old)
  }

  private static func allocate(_ count: Int) -> UnsafeMutableBufferPointer<Place> {
    let places = UnsafeMutableBufferPointer<Place>.allocate(capacity: count)
    unsafe places.initialize(repeating: Place(number: 0, stream: nil))
    return unsafe places
  }

  private static func free(_ places: UnsafeMutableBufferPointer<Place>) {
    unsafe places.deinitialize()
    unsafe places.deallocate()
  }
}
