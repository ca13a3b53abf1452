import ClientHistory
import EtcdProtocol
import Foundation
import HTTPTransport
import Primitives
import ProcessHarness
import SwiftProtobuf
import Synchronization

/// A client that writes and reads, at one member after the other when one fails it.
struct LoadClient: Sendable {
  let nodes: [Node]
  let history: History
  var generator: SeededGenerator
  /// How long an answer is waited for.
  var seconds: Int64 = 3

  init(
    cluster: TestCluster, nodes: [Node]? = nil, history: History, generator: SeededGenerator
  ) {
    self.nodes = nodes ?? cluster.nodes
    self.history = history
    self.generator = generator
  }

  /// Goes on until the task is cancelled.
  mutating func run() async {
    while !Task.isCancelled {
      let node = nodes.randomElement(using: &generator) ?? nodes[0]
      guard let client = try? await node.client() else {
        try? await Task.sleep(for: .milliseconds(20))
        continue
      }
      do { while !Task.isCancelled { try await step(client) } } catch {}
      await client.connection.close()
    }
  }

  private mutating func step(_ client: WireClient) async throws {
    let key = "k\(Int.random(in: 0..<12, using: &generator))"
    let isRead = Int.random(in: 0..<3, using: &generator) == 0
    let value = isRead ? "" : history.nextValue()
    let bytes = Bytes(key.utf8)
    let action: ClientOperation.Action =
      isRead ? .read(bytes) : .write(bytes, value: Bytes(value.utf8), ifModifiedAt: nil)
    let begin = history.now
    let outcome: ClientOperation.Outcome
    do {
      outcome = isRead ? try await read(key, client) : try await write(key, value, client)
    } catch {
      history.add(failed: action, begin: begin, error)
      throw error
    }
    history.add(ClientOperation(action, begin: begin, end: history.now, outcome: outcome))
  }

  private func read(_ key: String, _ client: WireClient) async throws -> ClientOperation.Outcome {
    let answer: Etcdserverpb_RangeResponse = try await client.call(
      "KV/Range", Etcdserverpb_RangeRequest.with { $0.key = Data(key.utf8) }, seconds: seconds)
    let version = answer.kvs.first.map {
      RevisionHistory.Version(value: Bytes($0.value), modified: Revision($0.modRevision))
    }
    return .read(version, at: Revision(answer.header.revision))
  }

  private func write(
    _ key: String, _ value: String, _ client: WireClient
  ) async throws -> ClientOperation.Outcome {
    let answer: Etcdserverpb_PutResponse = try await client.call(
      "KV/Put",
      Etcdserverpb_PutRequest.with {
        $0.key = Data(key.utf8)
        $0.value = Data(value.utf8)
      }, seconds: seconds)
    return .written(at: Revision(answer.header.revision))
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
