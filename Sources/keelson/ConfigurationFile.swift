internal import Glibc
internal import Primitives
internal import Registry

/// What `--config-file` names: YAML (or JSON) with the flags' names as keys, and sections for TLS, as etcd takes it.
struct ConfigurationFile: Sendable {
  /// The flags that the file sets, in its order.
  private(set) var values: [(flag: String, value: String)] = []
  /// Keys that change nothing, with the reason.
  private(set) var notices: [(flag: String, reason: String)] = []
  private let path: String

  /// Bytes of a file. Beyond: an error.
  private static let bytesMax = 1 << 20

  /// Keys of etcd's sections whose flags have another name than theirs.
  private static let clientKeys = [
    "crl-file": "client-crl-file", "allowed-hostname": "client-cert-allowed-hostname",
  ]
  private static let peerKeys = [
    "allowed-cn": "peer-cert-allowed-cn", "allowed-hostname": "peer-cert-allowed-hostname",
  ]
  /// What stands in the sections; etcd's are the same for both.
  private static let sectionKeys = [
    "cert-file", "key-file", "client-cert-file", "client-key-file", "client-cert-auth",
    "trusted-ca-file", "crl-file", "auto-tls", "allowed-cn", "allowed-hostname",
    "skip-client-san-verification",
  ]
  /// The v2 proxy's, which etcd's own sample still has.
  private static let retired = [
    "proxy", "proxy-failure-wait", "proxy-refresh-interval", "proxy-dial-timeout",
    "proxy-write-timeout", "proxy-read-timeout",
  ]

  /// Reads a file.
  init(path: String) throws(FlagError) { try self.init(Self.bytes(of: path), path: path) }

  /// Reads a file's text; `path` is what messages call it.
  init(_ bytes: Bytes, path: String) throws(FlagError) {
    self.path = path
    var limits = DocumentLimits()
    limits.bytes = Self.bytesMax
    var reader = DocumentReader(bytes, limits: limits)
    let document: Node?
    do throws(Registry.SyntaxError) {
      document = try reader.next()
      if try reader.next() != nil {
        throw Registry.SyntaxError(.start, "one document is expected, and there are several")
      }
    } catch {
      throw failure(error.position, error.message)
    }
    guard let document, !document.isNull else { return }
    guard let members = document.members else {
      throw failure(
        document.position,
        "a map of flags is expected, such as \"name: m1\", not \(document.kindName)")
    }
    for member in members { try take(member) }
  }

  private mutating func take(_ member: Node.Member) throws(FlagError) {
    switch member.name {
    case "client-transport-security": try takeSection(member, Self.clientKeys, prefix: "")
    case "peer-transport-security": try takeSection(member, Self.peerKeys, prefix: "peer-")
    case "config-file":
      throw failure(member.position, "a configuration file names no other one")
    case let name where Self.retired.contains(name):
      if !member.node.isNull { notices.append((name, "there is no v2 proxy")) }
    default:
      guard let flag = FlagDefinition.named(member.name) else {
        let known =
          FlagDefinition.all.map(\.name) + [
            "client-transport-security", "peer-transport-security",
          ]
        throw unknown(member, known)
      }
      try take(member.node, for: flag)
    }
  }

  private mutating func takeSection(
    _ section: Node.Member, _ names: [String: String], prefix: String
  ) throws(FlagError) {
    if section.node.isNull { return }
    guard let members = section.node.members else {
      throw failure(
        section.node.position, "\(section.name) is a map, not \(section.node.kindName)")
    }
    for member in members {
      guard Self.sectionKeys.contains(member.name) else { throw unknown(member, Self.sectionKeys) }
      let name = names[member.name] ?? prefix + member.name
      guard let flag = FlagDefinition.named(name) else {
        if member.node.isNull { continue }
        throw failure(
          member.position, "\(member.name) has no effect in \(section.name), and is refused")
      }
      try take(member.node, for: flag)
    }
  }

  private mutating func take(_ node: Node, for flag: FlagDefinition) throws(FlagError) {
    // A key without a value is one that is not there: so etcd's sample has it.
    if node.isNull { return }
    if let elements = node.elements {
      guard case .list = flag.kind else {
        throw failure(node.position, "\(flag.name) takes one value, not a list")
      }
      var items: [String] = []
      for element in elements { items.append(try text(of: element, for: flag)) }
      values.append((flag.name, items.joined(separator: ",")))
    } else {
      values.append((flag.name, try text(of: node, for: flag)))
    }
    do throws(FlagError) {
      try FlagValues.check(values[values.count - 1].value, of: flag)
    } catch {
      throw failure(node.position, error.description)
    }
  }

  private func text(of node: Node, for flag: FlagDefinition) throws(FlagError) -> String {
    switch node.value {
    case .string(let text): return text
    case .bool(let truth): return truth ? "true" : "false"
    case .integer(let number):
      // etcd's files have durations in nanoseconds.
      if case .duration = flag.kind { return number == 0 ? "0" : "\(number)ns" }
      return String(number)
    case .number(let number): return "\(number)"
    case .null, .array, .object:
      throw failure(node.position, "\(flag.name) takes a value, not \(node.kindName)")
    }
  }

  private func unknown(_ member: Node.Member, _ known: [String]) -> FlagError {
    let nearest = FlagValues.nearest(to: member.name, among: known)
    return failure(member.position, "unknown key \(member.name); did you mean \(nearest)?")
  }

  private func failure(_ position: Position, _ message: String) -> FlagError {
    FlagError(description: "--config-file \(path):\(position): \(message)")
  }

  private static func bytes(of path: String) throws(FlagError) -> Bytes {
    func failure() -> FlagError {
      let reason = unsafe String(cString: strerror(errno))
      return FlagError(description: "--config-file \(path): \(reason)")
    }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw failure() }
    defer { close(descriptor) }
    var bytes: Bytes = []
    var buffer = Bytes(repeating: 0, count: 65_536)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw failure() }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      if bytes.count > bytesMax {
        throw FlagError(description: "--config-file \(path): it has more than \(bytesMax) bytes")
      }
    }
  }
}
