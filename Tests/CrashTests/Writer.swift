import EtcdProtocol
import Foundation
import ProcessHarness
import SwiftProtobuf

/// A client that writes until its server is gone.
struct Writer: Sendable {
  let number: Int
  let ledger: Ledger
  /// A lease that some of its keys belong to.
  let lease: Int64
  /// Whether it also deletes.
  var deletes = true
  var generator: SeededGenerator

  /// Writes one after the other; returns when a write fails, whose outcome is then unknown.
  mutating func run(_ client: WireClient) async {
    while !Task.isCancelled {
      let key = "w\(number)/\(Int.random(in: 0..<20, using: &generator))"
      let value = "v\(ledger.nextAttempt())"
      do {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0 where deletes: try await delete(client, key)
        case 1: try await pair(client, key, value)
        case 2:
          let answer = try await client.put("leased/" + key, value, lease: lease)
          ledger.acknowledge(
            [.init(key: "leased/" + key, value: value)], at: answer.header.revision)
        case 3:
          let long =
            value + String(repeating: ".", count: Int.random(in: 0..<60_000, using: &generator))
          let answer = try await client.put(key, long)
          ledger.acknowledge([.init(key: key, value: long)], at: answer.header.revision)
        default:
          let answer = try await client.put(key, value)
          ledger.acknowledge([.init(key: key, value: value)], at: answer.header.revision)
        }
      } catch {
        return
      }
    }
  }

  private func delete(_ client: WireClient, _ key: String) async throws {
    let answer: Etcdserverpb_DeleteRangeResponse = try await client.call(
      "KV/DeleteRange", Etcdserverpb_DeleteRangeRequest.with { $0.key = Data(key.utf8) })
    // Deleting nothing takes no revision.
    if answer.deleted == 1 {
      ledger.acknowledge([.init(key: key, value: nil)], at: answer.header.revision)
    }
  }

  /// Two keys in one revision.
  private func pair(_ client: WireClient, _ key: String, _ value: String) async throws {
    let writes = [
      Ledger.Write(key: key, value: value),
      Ledger.Write(key: key + "/twin", value: value + "-twin"),
    ]
    let answer = try await client.commit(
      .with {
        $0.success = writes.map { write in
          .with {
            $0.requestPut = .with {
              $0.key = Data(write.key.utf8)
              $0.value = Data((write.value ?? "").utf8)
            }
          }
        }
      })
    ledger.acknowledge(writes, at: answer.header.revision)
  }
}

/// A watcher that goes on after each restart from the revision behind the last one it saw.
struct Watcher: Sendable {
  let key: String
  /// The end of its range; empty for one key.
  let end: String
  var seen: [Ledger.Event] = []

  init(key: String, end: String) {
    self.key = key
    self.end = end
  }

  /// Whether it should have seen an event of this key.
  func watches(_ other: String) -> Bool { other >= key && other < end }

  /// Collects events until the server is gone or `revision` is reached.
  mutating func run(_ client: WireClient, through revision: Int64 = .max) async {
    do {
      let watch = try await client.watches()
      let next = (seen.last?.revision ?? 0) + 1
      let (key, end) = (key, end)
      try await watch.create {
        $0.key = Data(key.utf8)
        $0.rangeEnd = Data(end.utf8)
        $0.startRevision = next
      }
      while (seen.last?.revision ?? 0) < revision {
        let response = try await watch.next(seconds: 60)
        if response.canceled { return }
        seen += response.events.map(Ledger.Event.init)
      }
    } catch {
      return
    }
  }
}
