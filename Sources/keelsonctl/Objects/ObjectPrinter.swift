internal import Primitives
internal import Registry

/// Prints objects in the format that was asked for, as they come in from the store.
///
/// What needs all objects at once (a template over the list, an order of its own) is refused beyond
/// `heldBytesMax`.
struct ObjectPrinter {
  /// How objects are printed.
  struct Options {
    var style: OutputStyle
    var table: TableStyle
    var showsTitles = true
    /// What is around objects in JSON and YAML.
    var form = ListPrinter.Form.list
    var keepsManagedFields = false
    /// What the objects of a kind are ordered by.
    var order: ObjectOrder?
    /// Whether the first column says what happened, in a watch.
    var showsEvents = false
  }

  /// Bytes of stored values that may be held at once.
  private static let heldBytesMax = 64 << 20

  private let options: Options
  private var table: TablePrinter
  private var list: ListPrinter
  private var held: [StoredObject] = []
  private var heldBytes = 0
  /// Objects that were printed.
  private(set) var count = 0
  /// Objects that could not be shown.
  private(set) var unreadable = 0

  init(_ options: Options) {
    self.options = options
    var columns: CustomColumns?
    if case .columns(let own) = options.style { columns = own }
    table = TablePrinter(
      options.table, columns: columns, showsTitles: options.showsTitles,
      showsEvents: options.showsEvents)
    var isJSON = false
    if case .json = options.style { isJSON = true }
    list = ListPrinter(isJSON: isJSON, form: options.form)
  }

  /// Objects of one type, in the order of their keys, perhaps a part of them.
  mutating func add(_ objects: [StoredObject]) throws(Failure) {
    for object in objects {
      if options.order != nil || needsAll { try hold(object) } else { try write(object) }
    }
  }

  /// The objects of a type are complete.
  mutating func endType() throws(Failure) {
    guard let order = options.order else { return }
    let sorted: [StoredObject]
    do throws(SelectionError) {
      sorted = try order.sorted(held)
    } catch {
      throw Failure(.error, error.message)
    }
    if needsAll {
      ordered += sorted
    } else {
      for object in sorted { try write(object) }
    }
    held = []
  }

  private var ordered: [StoredObject] = []

  /// All objects are complete.
  mutating func finish() throws(Failure) {
    switch options.style {
    case .table, .columns: table.finish()
    case .json, .yaml: list.finish()
    case .name: break
    case .jsonPath, .jsonPathAsJSON:
      let objects = (ordered + held).compactMap { shown($0) }
      if case .one = options.form {
        if let object = objects.first { try evaluate(object) }
      } else {
        try evaluate(ListPrinter.list(of: objects))
      }
    }
  }

  /// One object by itself: what a watch prints.
  mutating func add(_ object: StoredObject, event: String) throws(Failure) {
    if needsAll {
      if let value = shown(object) { try evaluate(value) }
    } else {
      try write(object, event: event)
    }
  }

  /// Prints rows that wait for others to be laid out with.
  mutating func flush() { table.flush() }

  /// Whether it prints tables for people, who are told when there is nothing.
  var isTable: Bool { options.style.isTable }

  /// Whether all objects are needed before any can be printed.
  private var needsAll: Bool {
    switch options.style {
    case .jsonPath, .jsonPathAsJSON: true
    case .table, .name, .json, .yaml, .columns: false
    }
  }

  private mutating func hold(_ object: StoredObject) throws(Failure) {
    heldBytes += object.byteCount
    guard heldBytes <= Self.heldBytesMax else {
      throw Failure(
        .error,
        "the objects are more than the \(Self.heldBytesMax >> 20) MiB that can be held for a template or "
          + "an order: name a namespace or a selector, or print them one by one with -o json")
    }
    held.append(object)
  }

  private mutating func write(_ object: StoredObject, event: String = "") throws(Failure) {
    do throws(SelectionError) {
      switch options.style {
      case .table: try table.add(object, nil, event: event)
      case .columns:
        guard let value = shown(object) else { return }
        try table.add(object, value, event: event)
      case .name: Output.write(TerminalText.printable(object.title) + "\n")
      case .json, .yaml:
        guard let value = shown(object) else { return }
        list.add(value)
      case .jsonPath, .jsonPathAsJSON: return
      }
      count += 1
    } catch {
      throw Failure(.error, error.message)
    }
  }

  private mutating func evaluate(_ value: Value) throws(Failure) {
    do throws(SelectionError) {
      switch options.style {
      case .jsonPath(let path): Output.write(try path.render(value))
      case .jsonPathAsJSON(let path): Output.write(try path.renderJSON(value))
      case .table, .name, .json, .yaml, .columns: return
      }
      count += 1
    } catch {
      throw Failure(.error, error.message)
    }
  }

  /// The object as it is printed; nil, and a message, if it cannot be read.
  private mutating func shown(_ object: StoredObject) -> Value? {
    guard let value = object.stored.object else {
      unreadable += 1
      let key = TerminalText.printable(String(decoding: object.key, as: UTF8.self))
      Output.writeError("\(key) is \(object.stored.name) and cannot be shown\n")
      return nil
    }
    return options.keepsManagedFields ? value : value.withoutManagedFields
  }
}
