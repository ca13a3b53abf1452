public import Primitives

/// The instances of a service at one revision.
public struct ServiceView: Sendable, Hashable {
  /// One instance.
  public struct Instance: Sendable, Hashable {
    /// What tells it from the others.
    public var name: Bytes
    /// Where it is, as it says.
    public var value: Bytes
    /// The lease that it lives with; none if it was written without.
    public var lease: LeaseID
  }

  /// In the order of their names.
  public var instances: [Instance]
  /// At which revision these were all.
  public var revision: Revision
}

extension StoreClient {
  /// The instances of a service, now.
  public func instances(
    of service: some BytesConvertible
  ) async throws(KeelsonError) -> ServiceView {
    var directory = ServiceDirectory(service.storedBytes)
    directory.take(try await range(RangeRequest(.prefix(directory.prefix))))
    return directory.view
  }

  /// The instances of a service, now and after each change, until the task is cancelled.
  ///
  /// ```swift
  /// for try await view in client.discover("/services/web") { balancer.use(view.instances) }
  /// ```
  /// Nothing is missed across lost connections; what happened while nobody took views is in the next one.
  public func discover(_ service: some BytesConvertible) -> Discovery {
    Discovery(client: self, service: service.storedBytes)
  }
}

/// The instances of a service as they change.
public struct Discovery: AsyncSequence, Sendable {
  let client: StoreClient
  let service: Bytes

  /// Begins with the instances that are there.
  public func makeAsyncIterator() -> Iterator {
    Iterator(client: client, directory: ServiceDirectory(service))
  }

  /// Takes views.
  public struct Iterator: AsyncIteratorProtocol {
    private let client: StoreClient
    private var directory: ServiceDirectory
    private var watch: Watch.Iterator?

    fileprivate init(client: StoreClient, directory: ServiceDirectory) {
      self.client = client
      self.directory = directory
    }

    /// The instances after the next change; nil when the task is cancelled.
    public mutating func next() async throws(KeelsonError) -> ServiceView? {
      while true {
        guard watch != nil else { return try await list() }
        do throws(KeelsonError) {
          guard let response = try await watch?.next() else { return nil }
          if directory.take(response) { return directory.view }
        } catch {
          // What was missed is compacted away: the whole is read again.
          if error.code != .compacted { throw error }
          watch = nil
        }
      }
    }

    /// The instances after the next change; nil when the task is cancelled.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(KeelsonError) -> ServiceView? { try await next() }

    private mutating func list() async throws(KeelsonError) -> ServiceView {
      directory.take(try await client.range(RangeRequest(.prefix(directory.prefix))))
      watch = client.watch(.prefix(directory.prefix), from: directory.revision.next)
        .makeAsyncIterator()
      return directory.view
    }
  }
}

/// What is known of a service's instances.
private struct ServiceDirectory: Sendable {
  let prefix: Bytes
  private(set) var revision = Revision.zero
  private var records: [Bytes: KeyValue] = [:]

  init(_ service: Bytes) { prefix = service + [UInt8(ascii: "/")] }

  mutating func take(_ answer: RangeResponse) {
    records = Dictionary(
      answer.records.map { ($0.key, $0) }, uniquingKeysWith: { _, later in later })
    revision = answer.header.revision
  }

  /// Returns whether anything has changed.
  mutating func take(_ response: WatchResponse) -> Bool {
    for event in response.events {
      records[event.record.key] = event.kind == .delete ? nil : event.record
      revision = max(revision, event.record.modRevision)
    }
    return !response.events.isEmpty
  }

  var view: ServiceView {
    let ordered = records.values.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return ServiceView(
      instances: ordered.map {
        ServiceView.Instance(
          name: Bytes($0.key.dropFirst(prefix.count)), value: $0.value, lease: $0.lease)
      }, revision: revision)
  }
}
