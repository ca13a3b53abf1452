import EtcdProtocol
import Foundation
import HTTPTransport
import SwiftProtobuf

/// One line of the table: a call about a certain range, which every kind of caller makes.
struct AuthorizationRow: Sendable {
  /// How the answer tells whether the call was permitted.
  enum Shape: Sendable {
    /// One answer.
    case unary
    /// The first message of a stream, or its status.
    case stream
    /// The same, where the client goes on sending.
    case conversation
    /// A watch: refused in a message.
    case watch
  }

  /// What a call that was permitted may have spoilt for the next caller.
  enum Repair: Sendable {
    case nothing, keys, seats, alarms, authentication
  }

  /// The call without its package, and what it is about.
  let name: String
  let method: String
  let shape: Shape
  let repair: Repair
  /// Why etcd 3.5.1 may decide otherwise; nil where it must decide the same.
  let difference: String?
  /// Whether etcd 3.5.1 has the call.
  let isKnownToEtcd: Bool
  /// What this caller asks for; the number differs from call to call.
  let request: @Sendable (_ user: String, _ number: Int) -> any Message

  init(
    _ method: String, _ about: String, shape: Shape = .unary, repair: Repair = .nothing,
    difference: String? = nil, isKnownToEtcd: Bool = true,
    request: @escaping @Sendable (_ user: String, _ number: Int) -> any Message
  ) {
    let call = method.split(separator: ".").last.map(String.init) ?? method
    name = about.isEmpty ? call : call + " " + about
    self.method = method.hasPrefix("/") ? method : "/etcdserverpb." + method
    self.shape = shape
    self.repair = repair
    self.difference = difference
    self.isKnownToEtcd = isKnownToEtcd
    self.request = request
  }
}

/// A key or an interval that a row is about, with the name that the table gives it.
struct NamedRange: Sendable {
  let name: String
  let key: Data
  let end: Data

  init(_ name: String, _ key: String, _ end: String = "") {
    self.name = name
    self.key = Data(key.utf8)
    self.end = Data(end.utf8)
  }

  /// Within, at the edge of and beyond what the users of the table are granted.
  static let all = [
    NamedRange("k", "k"), NamedRange("kk", "kk"), NamedRange("z", "z"),
    NamedRange("[k,l)", "k", "l"), NamedRange("[k,m)", "k", "m"), NamedRange("[k,n)", "k", "n"),
    NamedRange("[j,l)", "j", "l"), NamedRange("/p/*", "/p/", "/p0"), NamedRange("/p*", "/p", "/q"),
    NamedRange("[k,..", "k", "\0"), NamedRange("everything", "\0", "\0"),
  ]
}
