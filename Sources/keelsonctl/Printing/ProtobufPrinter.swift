internal import EtcdProtocol
internal import SwiftProtobuf

/// Answers as the message that the server sent.
enum ProtobufPrinter {
  /// The message; nil for answers that are not one message.
  static func message(_ answer: Answer) -> (any Message)? {
    switch answer {
    case .put(let message): message
    case .range(let message, _): message
    case .delete(let message): message
    case .transaction(let message): message
    case .watch(let message): message
    case .leaseGrant(let message): message
    case .leaseRevoke(let message, lease: _): message
    case .leaseRenewal(let message): message
    case .leaseTimeToLive(let message, withKeys: _): message
    case .leases(let message): message
    case .members(let message), .memberChange(let message, member: _, done: _): message
    case .memberAdd(let message, name: _): message
    case .movedLeader(let message, from: _, to: _): message
    case .downgrade(let message, _): message
    case .alarms(let message): message
    case .authChange(let message, _): message
    case .authStatus(let message): message
    case .user(let message, name: _): message
    case .users(let message): message
    case .role(let message, name: _): message
    case .roles(let message): message
    case .statuses, .healths, .hashes, .snapshot, .fileHash: nil
    }
  }
}
