import EtcdProtocol
import Foundation
import SwiftProtobuf

/// What `-w protobuf` prints, as text.
enum ProtobufOutput {
  /// - Parameter words: the command, which tells the message.
  static func text(_ bytes: Data, of words: [String]) -> String {
    guard !bytes.isEmpty else { return "" }
    guard let type = type(of: words) else { return "no message is known for \(words)" }
    do {
      return try type.init(serializedBytes: bytes).jsonString()
    } catch {
      return "\(bytes.count) bytes that are no \(type): \(error)"
    }
  }

  private static func type(of words: [String]) -> (any Message.Type)? {
    switch words.prefix(2).joined(separator: " ") {
    // Of an answer about a lease etcdctl prints the header alone.
    case "lease grant", "lease timetolive", "lease keep-alive", "lease list":
      Etcdserverpb_ResponseHeader.self
    case "lease revoke": Etcdserverpb_LeaseRevokeResponse.self
    case "member list": Etcdserverpb_MemberListResponse.self
    case "member update": Etcdserverpb_MemberUpdateResponse.self
    case "alarm list", "alarm disarm": Etcdserverpb_AlarmResponse.self
    default:
      switch words.first {
      case "put": Etcdserverpb_PutResponse.self
      case "get": Etcdserverpb_RangeResponse.self
      case "del": Etcdserverpb_DeleteRangeResponse.self
      case "txn": Etcdserverpb_TxnResponse.self
      case "watch": Etcdserverpb_WatchResponse.self
      default: nil
      }
    }
  }
}
