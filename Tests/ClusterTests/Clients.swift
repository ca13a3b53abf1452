import EtcdProtocol
import Foundation
import HTTPTransport
import ProcessHarness
import SwiftProtobuf
import Synchronization

/// A client that writes and reads, at one member after the other when one fails it.
struct LoadClient: Sendable {
  let cluster: TestCluster
  let history: History
  var generator: SeededGenerator

  /// Goes on until the task is cancelled.
  mutating func run() async {
    while !Task.isCancelled {
      let node = cluster.nodes.randomElement(using: &generator) ?? cluster.nodes[0]
      guard let client = try? await node.client() else {
        try? await Task.sleep(for: .milliseconds(20))
        continue
      }
      // A failed request's outcome is not known, and does not matter: only what was acknowledged does.
      do { while !Task.isCancelled { try await step(client) } } catch {}
      await client.connection.close()
    }
  }

  private mutating func step(_ client: WireClient) async throws {
    let key = "k\(Int.random(in: 0..<12, using: &generator))"
    let begin = ContinuousClock.now
    if Int.random(in: 0..<3, using: &generator) == 0 {
      let answer: Etcdserverpb_RangeResponse = try await client.call(
        "KV/Range", Etcdserverpb_RangeRequest.with { $0.key = Data(key.utf8) }, seconds: 3)
      history.add(
        .init(
          key: key, value: answer.kvs.first.map { String(decoding: $0.value, as: UTF8.self) },
          isWrite: false, revision: answer.header.revision, begin: begin, end: .now))
    } else {
      let value = history.nextValue()
      let answer: Etcdserverpb_PutResponse = try await client.call(
        "KV/Put",
        Etcdserverpb_PutRequest.with {
          $0.key = Data(key.utf8)
          $0.value = Data(value.utf8)
        }, seconds: 3)
      history.add(
        .init(
          key: key, value: value, isWrite: true, revision: answer.header.revision, begin: begin,
          end: .now))
    }
  }
}

/// Watches everything at one member, and goes on behind the last event whenever the stream ends.
final class FollowingWatcher: Sendable {
  private struct State {
    var events: [History.Event] = []
    var next: Int64 = 1
  }

  let node: Node
  private let state = Mutex(State())

  init(_ node: Node) { self.node = node }

  var events: [History.Event] { state.withLock { $0.events } }

  /// Goes on until the task is cancelled.
  func run() async {
    while !Task.isCancelled {
      do { try await follow() } catch { try? await Task.sleep(for: .milliseconds(30)) }
    }
  }

  private func follow() async throws {
    let client = try await node.client()
    let watch = try await client.watches()
    let next = state.withLock { $0.next }
    try await watch.create {
      $0.key = Data([0])
      $0.rangeEnd = Data([0])
      $0.startRevision = next
    }
    while !Task.isCancelled {
      let response = try await watch.next(seconds: 3)
      if response.canceled { throw HarnessError(response.cancelReason) }
      state.withLock { state in
        for event in response.events {
          let revision = event.kv.modRevision
          state.events.append(
            .init(
              revision: revision, key: String(decoding: event.kv.key, as: UTF8.self),
              value: String(decoding: event.kv.value, as: UTF8.self)))
          state.next = revision + 1
        }
      }
    }
  }
}
