import Foundation
import Synchronization

@testable import Registry

/// As much of an API server as kubectl asks for kinds: what there is, and objects that a test puts there. HTTP/1.1 on a
/// loopback port, one request a connection.
final class DiscoveryServer: Sendable {
  private let listener: Int32
  /// Where it serves.
  let port: Int
  private let answers: [String: Bytes]
  private let requested = Mutex<Set<String>>([])

  private typealias Bytes = [UInt8]

  /// - Parameter objects: objects by the paths at which they are served.
  init(_ table: ResourceTable = .kubernetes, objects: [String: Value] = [:]) throws {
    answers = Self.answers(table).merging(objects.mapValues(\.json)) { $1 }
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in serve() }
  }

  /// The paths that were asked for.
  var paths: Set<String> { requested.withLock { $0 } }

  /// Ends it.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      answer(connection)
      close(connection)
    }
    close(listener)
  }

  private func answer(_ connection: Int32) {
    var request: Bytes = []
    var chunk = Bytes(repeating: 0, count: 4096)
    while !request.contains(sequence: Bytes("\r\n\r\n".utf8)) {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0, request.count < 65_536 else { return }
      request += chunk[..<count]
    }
    let words = String(decoding: request, as: UTF8.self).split(separator: " ")
    let path = words.count > 1 ? String(words[1].prefix { $0 != "?" }) : ""
    requested.withLock { _ = $0.insert(path) }
    let body = answers[path]
    let head =
      "HTTP/1.1 \(body == nil ? "404 Not Found" : "200 OK")\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body?.count ?? 0)\r\nConnection: close\r\n\r\n"
    let bytes = Bytes(head.utf8) + (body ?? [])
    var place = 0
    while place < bytes.count {
      let count = bytes[place...].withUnsafeBytes {
        send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      place += count
    }
  }

  /// What an API server says about its kinds: versions, groups, and the kinds of each version.
  private static func answers(_ table: ResourceTable) -> [String: Bytes] {
    var kinds: [String: [Value]] = [:]
    var versions: [String: [String]] = [:]
    for type in table.types {
      for version in type.versions {
        kinds[type.apiVersion(version), default: []].append(.object(description(of: type)))
        if type.subresources.contains("scale") {
          kinds[type.apiVersion(version), default: []].append(
            .object([
              "name": .string("\(type.plural)/scale"), "namespaced": .bool(type.isNamespaced),
              "group": "autoscaling", "version": "v1", "kind": "Scale",
              "verbs": .array(["get", "patch", "update"]),
            ]))
        }
        if versions[type.group]?.contains(version) != true {
          versions[type.group, default: []].append(version)
        }
      }
    }
    var answers: [String: Bytes] = [
      "/api": Value.object(["kind": "APIVersions", "versions": .array(["v1"])]).json,
      "/version": Value.object(["gitVersion": "v1.36.2", "major": "1", "minor": "36"]).json,
    ]
    for (version, kinds) in kinds {
      let list = Value.object([
        "kind": "APIResourceList", "groupVersion": .string(version), "resources": .array(kinds),
      ])
      answers[version.contains("/") ? "/apis/\(version)" : "/api/\(version)"] = list.json
    }
    let groups = versions.keys.filter { !$0.isEmpty }.sorted().map { group -> Value in
      let list = (versions[group] ?? []).map { version -> Value in
        .object([
          "groupVersion": .string("\(group)/\(version)"), "version": .string(version),
        ])
      }
      return .object([
        "name": .string(group), "versions": .array(list), "preferredVersion": list[0],
      ])
    }
    answers["/apis"] =
      Value.object([
        "kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups),
      ]).json
    return answers
  }

  private static func description(of type: ResourceType) -> Value.Object {
    [
      "name": .string(type.plural), "singularName": .string(type.singular),
      "namespaced": .bool(type.isNamespaced), "kind": .string(type.kind),
      "verbs": .array(type.verbs.map(Value.string)),
      "shortNames": .array(type.shortNames.map(Value.string)),
      "categories": .array(type.categories.map(Value.string)),
    ]
  }
}

extension Collection where Element == UInt8 {
  fileprivate func contains(sequence: [UInt8]) -> Bool {
    indices.contains { self[$0...].starts(with: sequence) }
  }
}
