internal import Primitives

/// Objects on their way into the store: several at a time, no key twice at a time, reported in the order in which they
/// came.
struct ImportQueue<Store: ObjectStore> {
  /// What became of an object.
  typealias Outcome = Result<ImportResult, ImportFailure>

  /// What is reported in its turn.
  enum Slot {
    case done(Manifest, Outcome)
    case warned([ManifestError])
    /// All that is wrong with one object or file.
    case refused([ManifestError])
  }

  /// What a task hands back.
  struct Finished: Sendable {
    fileprivate var place: Int
    fileprivate var key: Bytes
    fileprivate var manifest: Manifest
    fileprivate var outcome: Outcome
  }

  private let objects: ObjectImport<Store>
  private let concurrency: Int
  private var busy: Set<Bytes> = []
  private var waiting: [Int: Slot] = [:]
  private var nextPlace = 0
  private var nextReport = 0

  init(_ objects: ObjectImport<Store>, concurrency: Int) {
    self.objects = objects
    self.concurrency = max(1, concurrency)
  }

  /// Whether all that was put in has been reported.
  var isEmpty: Bool { nextReport == nextPlace }

  /// Whether an object must wait for another to finish.
  func mustWait(_ manifest: Manifest) -> Bool {
    busy.count >= concurrency || nextPlace - nextReport >= 4 * concurrency
      || busy.contains(manifest.type.key(namespace: manifest.namespace, name: manifest.name))
  }

  /// Begins to write an object.
  mutating func start(_ manifest: Manifest, in group: inout TaskGroup<Finished>) {
    let key = manifest.type.key(namespace: manifest.namespace, name: manifest.name)
    busy.insert(key)
    let place = nextPlace
    nextPlace += 1
    let objects = objects
    group.addTask {
      let outcome: Outcome
      do throws(ImportFailure) {
        outcome = .success(try await objects.apply(manifest))
      } catch {
        outcome = .failure(error)
      }
      return Finished(place: place, key: key, manifest: manifest, outcome: outcome)
    }
  }

  /// Puts what is wrong with an object or a file in its place between the others.
  mutating func add(_ errors: [ManifestError]) { add(.refused(errors)) }

  /// Puts what was tolerated in its place in front of the object.
  mutating func add(warnings: [ManifestError]) {
    if !warnings.isEmpty { add(.warned(warnings)) }
  }

  private mutating func add(_ slot: Slot) {
    waiting[nextPlace] = slot
    nextPlace += 1
  }

  /// Takes in what a task handed back.
  mutating func finish(_ finished: Finished) {
    busy.remove(finished.key)
    waiting[finished.place] = .done(finished.manifest, finished.outcome)
  }

  /// What is next in order; nil if it is not done yet, or if there is nothing.
  mutating func takeNext() -> Slot? {
    guard let slot = waiting.removeValue(forKey: nextReport) else { return nil }
    nextReport += 1
    return slot
  }
}
