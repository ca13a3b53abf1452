internal import KeelsonClient
internal import Primitives
internal import Registry

/// Shows the objects of a kind, and then each that changes, until the program is interrupted.
struct ObjectWatch {
  let client: StoreClient
  let catalogue: Catalogue<KeelsonStore>
  let request: KubeQuery.Request
  let filter: ObjectFilter
  let namespace: String?
  var printer: ObjectPrinter

  /// - Parameter revision: which state to begin with; zero for the newest.
  /// - Parameter listsFirst: whether the objects are shown that are there already.
  mutating func run(from revision: Revision, listsFirst: Bool) async throws {
    var next: Revision
    if listsFirst {
      next = try await list(at: revision).next
    } else if revision != .zero {
      next = revision.next
    } else {
      next = .zero
    }
    while true {
      do {
        try await follow(from: next)
      } catch let error as KeelsonError where error.code == .compacted {
        // What happened meanwhile is gone, what it led to is not.
        Output.writeError(
          "changes were compacted before they were read: here is what there is now\n")
        next = try await list(at: .zero).next
      }
    }
  }

  /// Shows what is there; returns the revision that was read.
  private mutating func list(at revision: Revision) async throws -> Revision {
    var pages = catalogue.pages(request.type, namespace: namespace, revision: revision)
    while let page = try await reaching({ () async throws(StoreFailure) in try await pages.next() })
    {
      for object in filter.matching(page) where isNamed(object) {
        try printer.add(object, event: "ADDED")
      }
    }
    printer.flush()
    return pages.revision
  }

  private func isNamed(_ object: StoredObject) -> Bool {
    request.names.isEmpty || request.names.contains(object.name)
  }

  private mutating func follow(from revision: Revision) async throws {
    var keys = KeySelection.prefix(request.type.prefix(namespace: namespace))
    if let name = request.names.first {
      keys = .key(request.type.key(namespace: namespace, name: name))
    }
    var watch = WatchRequest(keys, startRevision: revision)
    watch.returnsPrevious = true
    for try await response in client.watch(watch) {
      for event in response.events { try show(event) }
      printer.flush()
    }
    throw Failure(.interrupted, "watch is canceled by the server")
  }

  /// An object that no longer fits the selectors is gone for this watch, one that begins to fit has come.
  private mutating func show(_ event: WatchEvent) throws(Failure) {
    let before = event.previous.flatMap { StoredObject(StoredRecord($0), type: request.type) }
    let wasThere = before.map { !filter.matching([$0]).isEmpty } ?? false
    if event.kind == .put, let object = StoredObject(StoredRecord(event.record), type: request.type)
    {
      if !filter.matching([object]).isEmpty {
        try printer.add(object, event: wasThere ? "MODIFIED" : "ADDED")
        return
      }
      if !wasThere { return }
      try printer.add(object, event: "DELETED")
      return
    }
    if let before, wasThere { try printer.add(before, event: "DELETED") }
  }
}
