package import EtcdProtocol
internal import FoundationEssentials
public import Primitives

/// What to watch.
public struct WatchRequest: Sendable, Hashable {
  /// Which keys.
  public var keys: KeySelection
  /// The first revision whose changes are wanted; zero means from now on.
  public var startRevision: Revision
  /// Whether events bring the record that was there before.
  public var returnsPrevious = false
  /// Whether the server tells from time to time how far it is, when nothing happens.
  public var notifiesProgress = false
  /// Whether the sequence begins with a response without events, once the watch stands.
  public var announcesCreation = false
  /// Leaves puts out.
  public var omitsPuts = false
  /// Leaves deletions out.
  public var omitsDeletions = false

  /// Watches these keys, from now on or from a revision.
  public init(_ keys: KeySelection, startRevision: Revision = .zero) {
    self.keys = keys
    self.startRevision = startRevision
  }

  /// The message that makes the watch, from a revision of its own.
  func message(from revision: Revision) -> Etcdserverpb_WatchRequest {
    var create = Etcdserverpb_WatchCreateRequest()
    create.key = Data(keys.key)
    create.rangeEnd = Data(keys.rangeEnd)
    create.startRevision = revision.rawValue
    create.prevKv = returnsPrevious
    create.progressNotify = notifiesProgress
    create.fragment = true
    if omitsPuts { create.filters.append(.noput) }
    if omitsDeletions { create.filters.append(.nodelete) }
    var message = Etcdserverpb_WatchRequest()
    message.createRequest = create
    return message
  }
}

/// One change of one key.
public struct WatchEvent: Sendable, Hashable {
  /// What happened.
  public enum Kind: Sendable, Hashable {
    /// The key was written.
    case put
    /// The key was deleted, by a request or at the end of its lease.
    case delete
  }

  package var message: Mvccpb_Event

  package init(_ message: Mvccpb_Event) { self.message = message }

  /// What happened.
  public var kind: Kind { message.type == .delete ? .delete : .put }
  /// The record after the change; for a deletion only its key and the revision.
  public var record: KeyValue { KeyValue(message.kv) }
  /// The record before, if it was asked for, there was one and it is not compacted.
  public var previous: KeyValue? { message.hasPrevKv ? KeyValue(message.prevKv) : nil }
}

/// The changes of one or more revisions, in their order, or news of progress.
public struct WatchResponse: Sendable, Hashable {
  package var message: Etcdserverpb_WatchResponse

  package init(_ message: Etcdserverpb_WatchResponse) { self.message = message }

  /// Who answered; everything up to its revision has been delivered if there are no events.
  public var header: ResponseHeader { ResponseHeader(message.header) }
  /// The changes.
  public var events: [WatchEvent] { message.events.map(WatchEvent.init) }
  /// Whether this says only that the watch stands.
  public var isCreation: Bool { message.created }
  /// Whether this says only that everything up to the header's revision has been delivered.
  public var isProgress: Bool {
    message.events.isEmpty && !message.created && !message.canceled
  }
}
