import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf

/// Requests of every shape, valid and not, over few keys so that they meet each other.
struct RandomRequests {
  var generator: SeededGenerator
  /// The revision of the store, as far as it is known; requests go a little beyond.
  var revision: Int64 = 1
  /// The compacted revision.
  var floor: Int64 = 0
  private var values = 0

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// A method and its request.
  mutating func next() -> (method: String, request: any Message) {
    switch number(below: 100) {
    case 0..<38: ("KV/Range", range(sorts: true))
    case 38..<60: ("KV/Put", put())
    case 60..<68: ("KV/DeleteRange", delete())
    case 68..<90: ("KV/Txn", transaction(depth: 0))
    case 90..<92:
      (
        "KV/Compact",
        Etcdserverpb_CompactionRequest.with {
          $0.revision =
            chance(3)
            ? Int64(number(below: Int(revision - floor) / 4 + 1)) + floor : revision + 1
          if chance(2) { $0.revision = Int64(number(below: Int(floor) + 2)) - 1 }
          // The answer then waits for the removal, so that no hash comes before it.
          $0.physical = true
        }
      )
    case 92..<94:
      (
        "Lease/LeaseGrant",
        Etcdserverpb_LeaseGrantRequest.with {
          $0.id = lease()
          $0.ttl = 7_200
          if $0.id == 0 { $0.id = 9 }
        }
      )
    case 94: ("Lease/LeaseRevoke", Etcdserverpb_LeaseRevokeRequest.with { $0.id = lease() })
    case 95..<97:
      (
        "Maintenance/HashKV",
        Etcdserverpb_HashKVRequest.with {
          $0.revision = chance(2) ? 0 : Int64(number(below: Int(revision) + 2))
          // The peer refuses the hash at the compacted revision itself, its later releases do not.
          if $0.revision == floor { $0.revision = 0 }
        }
      )
    default:
      (
        "Lease/LeaseTimeToLive",
        Etcdserverpb_LeaseTimeToLiveRequest.with {
          $0.id = lease()
          $0.keys = true
        }
      )
    }
  }

  /// A watch from somewhere in the past.
  mutating func watch() -> Etcdserverpb_WatchCreateRequest {
    .with {
      $0.key = key()
      $0.rangeEnd = end()
      $0.startRevision = revision - Int64(number(below: Int(revision)))
      $0.prevKv = chance(2)
      if chance(4) { $0.filters = [chance(2) ? .noput : .nodelete] }
    }
  }

  private mutating func number(below bound: Int) -> Int {
    Int.random(in: 0..<bound, using: &generator)
  }

  /// True once in `many`.
  private mutating func chance(_ many: Int) -> Bool { number(below: many) == 0 }

  private mutating func lease() -> Int64 { Int64(number(below: 6)) }

  private mutating func key() -> Data {
    switch number(below: 40) {
    case 0: Data()
    case 1: Data([0])
    case 2: Data([0xff])
    case 3: Data([0xff, 0xff])
    case 4: Data([0x61, 0x00])
    default:
      Data("abc".utf8.randomElement(using: &generator).map { [$0] } ?? [])
        + Data("/0123".utf8.randomElement(using: &generator).map { [$0] } ?? [])
    }
  }

  private mutating func end() -> Data {
    switch number(below: 6) {
    case 0, 1: Data()
    case 2: Data([0])
    case 3: Data("b".utf8)
    default: key()
    }
  }

  private mutating func bound() -> Int64 { chance(6) ? Int64(number(below: Int(revision) + 2)) : 0 }

  /// - Parameter sorts: whether the order may depend on anything but the key. etcd's sort is not stable, so
  ///   equal ones come in any order, and with a limit any of them.
  private mutating func range(sorts: Bool = false) -> Etcdserverpb_RangeRequest {
    .with {
      $0.key = key()
      $0.rangeEnd = end()
      $0.limit = chance(2) ? 0 : Int64(number(below: 5)) - 1
      if chance(3) { $0.revision = Int64(number(below: Int(revision) + 3)) - 1 }
      if chance(3) { $0.sortOrder = .init(rawValue: number(below: 3)) ?? .none }
      if sorts, $0.limit <= 0, chance(3) {
        $0.sortTarget = .init(rawValue: number(below: 5)) ?? .key
      }
      $0.serializable = chance(4)
      $0.keysOnly = chance(5)
      $0.countOnly = chance(8)
      $0.minModRevision = bound()
      $0.maxModRevision = bound()
      $0.minCreateRevision = bound()
      $0.maxCreateRevision = bound()
    }
  }

  private mutating func put() -> Etcdserverpb_PutRequest {
    .with {
      $0.key = key()
      values += 1
      if !chance(8) { $0.value = Data("v\(values % 7)".utf8) }
      if chance(5) { $0.lease = lease() }
      $0.prevKv = chance(3)
      $0.ignoreValue = chance(12)
      $0.ignoreLease = chance(12)
    }
  }

  private mutating func delete() -> Etcdserverpb_DeleteRangeRequest {
    .with {
      $0.key = key()
      $0.rangeEnd = chance(3) ? end() : Data()
      $0.prevKv = chance(2)
    }
  }

  private mutating func compare() -> Etcdserverpb_Compare {
    .with {
      $0.key = key()
      $0.rangeEnd = chance(4) ? end() : Data()
      $0.result = .init(rawValue: number(below: 4)) ?? .equal
      $0.target = .init(rawValue: number(below: 5)) ?? .version
      let value = Int64(number(below: chance(2) ? 3 : Int(revision) + 1))
      // Now and then the value is of another kind than the target, or missing.
      switch chance(20) ? number(below: 6) : $0.target.rawValue {
      case 0: $0.version = value
      case 1: $0.createRevision = value
      case 2: $0.modRevision = value
      case 3: $0.value = Data("v\(number(below: 7))".utf8)
      case 4: $0.lease = lease()
      default: break
      }
    }
  }

  private mutating func operations(depth: Int) -> [Etcdserverpb_RequestOp] {
    (0..<number(below: 4)).map { _ in
      .with {
        switch number(below: depth < 2 ? 10 : 9) {
        case 0..<4: $0.requestRange = range()
        case 4..<7: $0.requestPut = put()
        case 7..<9:
          $0.requestDeleteRange = delete()
          // A deletion from a key on overlaps nothing for etcd, which then accepts what it refuses for
          // every other range; Keelson refuses it too.
          if $0.requestDeleteRange.rangeEnd == Data([0]) { $0.requestDeleteRange.rangeEnd = Data() }
        default: $0.requestTxn = transaction(depth: depth + 1)
        }
      }
    }
  }

  private mutating func transaction(depth: Int) -> Etcdserverpb_TxnRequest {
    .with {
      $0.compare = (0..<number(below: 3)).map { _ in compare() }
      $0.success = operations(depth: depth)
      $0.failure = operations(depth: depth)
    }
  }
}
