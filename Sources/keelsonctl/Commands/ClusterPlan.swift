internal import Certificates
internal import Descriptors
internal import Glibc
internal import Primitives

/// The members of a cluster that is about to begin, and the files that they are started with.
struct ClusterPlan {
  /// A member to be.
  struct Member: Equatable {
    var name: String
    var host: String
    var clientPort = 2379
    var peerPort = 2380

    /// The host as it stands in a URL.
    private var urlHost: String { host.contains(":") ? "[\(host)]" : host }
    var clientURL: String { "https://\(urlHost):\(clientPort)" }
    var peerURL: String { "https://\(urlHost):\(peerPort)" }
  }

  let members: [Member]
  private let folder: String
  private let install: String?
  private let dataDirectory: String?
  private let token: String
  private let validSeconds: Int64

  private static let membersMax = 9
  private static let days = 1...36_500
  private static let authorityDays: Int64 = 3_650

  init(words: [String], _ options: ClusterBootstrap) throws(Failure) {
    var members: [Member] = []
    for word in words { members.append(try Self.member(word)) }
    guard (1...Self.membersMax).contains(members.count) else {
      throw .badArguments(
        "cluster bootstrap command requires 1 to \(Self.membersMax) members as name=host, best 3 or 5"
      )
    }
    for (place, member) in members.enumerated() {
      for other in members[..<place] {
        if other.name == member.name {
          throw .badArguments("two members are called \(member.name)")
        }
        let ports = [other.clientPort, other.peerPort]
        if other.host == member.host,
          ports.contains(member.clientPort) || ports.contains(member.peerPort)
        {
          throw .badArguments(
            "\(other.name) and \(member.name) share a port of \(member.host); give each its own, as in"
              + " \(member.name)=\(member.host),2389,2390")
        }
      }
    }
    guard Self.days.contains(options.days) else {
      throw .badArguments("--days is \(options.days); a number from 1 to 36500 is expected")
    }
    for path in [options.dir, options.install ?? "", options.dataDir ?? ""]
    where path.contains(where: { $0 == "\n" || $0 == "'" || $0 == "\"" || $0 == "\\" }) {
      throw .badArguments("a folder's name has a quotation mark, backslash or line break in it")
    }
    self.members = members
    folder = try Self.absolute(options.dir)
    install = options.install
    dataDirectory = options.dataDir
    token = options.initialClusterToken ?? Self.randomToken()
    validSeconds = Int64(options.days) * 86_400
  }

  private static func member(_ word: String) throws(Failure) -> Member {
    let wrong = Failure.badArguments(
      "\"\(word)\" does not describe a member: name=host or name=host,client-port,peer-port is expected"
    )
    guard let sign = word.firstIndex(of: "=") else { throw wrong }
    let name = String(word[..<sign])
    let parts = word[word.index(after: sign)...].split(
      separator: ",", omittingEmptySubsequences: false)
    guard CertificateFiles.isName(name), name != "pki", name != "client",
      !name.contains(where: { " ,='\"\\\n".contains($0) }),
      parts.count == 1 || parts.count == 3, let host = parts.first, !host.isEmpty,
      host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-:_".contains($0)) })
    else { throw wrong }
    var member = Member(name: name, host: String(host))
    if parts.count == 3 {
      guard let client = UInt16(parts[1]), let peer = UInt16(parts[2]), client > 0, peer > 0,
        client != peer
      else { throw wrong }
      (member.clientPort, member.peerPort) = (Int(client), Int(peer))
    }
    return member
  }

  private static func absolute(_ path: String) throws(Failure) -> String {
    if path.hasPrefix("/") { return path }
    guard let here = unsafe getcwd(nil, 0) else {
      throw Failure(.inputOutput, "the working directory is gone")
    }
    defer { unsafe free(here) }
    return unsafe String(cString: here) + "/" + path
  }

  private static func randomToken() -> String {
    "cluster-" + String(UInt64.random(in: 0...UInt64.max), radix: 16)
  }

  // MARK: Files

  /// Writes everything; returns what to do next.
  func write() throws -> String {
    guard unsafe mkdir(folder, 0o700) == 0 else {
      throw Failure(
        .inputOutput, "cannot make the folder \(folder): \(unsafe String(cString: strerror(errno)))"
      )
    }
    let clients = try authority("clients")
    let peers = try authority("peers")
    for member in members {
      let own = CertificateFolder("\(folder)/\(member.name)")
      let names = [member.host] + (member.host == "127.0.0.1" ? [] : ["127.0.0.1"]) + ["localhost"]
      try own.write(
        try issue(member.host, names, [.server, .client], clients), "server.crt", "server.key")
      try own.write(
        try issue(member.name, [member.host], [.server, .client], peers), "peer.crt", "peer.key")
      try write(clients.certificate, to: "\(member.name)/ca.crt", 0o644)
      try write(peers.certificate, to: "\(member.name)/peer-ca.crt", 0o644)
      try write(Bytes(settings(of: member).utf8), to: "\(member.name)/keelson.env", 0o644)
      try write(Bytes(Self.script.utf8), to: "\(member.name)/start", 0o755)
    }
    try CertificateFolder("\(folder)/client").write(
      try issue("root", [], [.client], clients), "root.crt", "root.key")
    try write(clients.certificate, to: "client/ca.crt", 0o644)
    return advice
  }

  private func authority(_ name: String) throws(CertificateError) -> CertifiedKey {
    let made = try CertificateMaker.makeAuthority(
      commonName: "keelson \(name)", validSeconds: max(validSeconds, Self.authorityDays * 86_400))
    try CertificateFolder("\(folder)/pki").write(made, "\(name).crt", "\(name).key")
    return made
  }

  private func issue(
    _ subject: String, _ hosts: [String], _ usage: CertificateDescription.Usage,
    _ authority: CertifiedKey
  ) throws(CertificateError) -> CertifiedKey {
    try CertificateMaker.issue(
      CertificateDescription(
        commonName: subject, alternativeNames: hosts, usage: usage, validSeconds: validSeconds),
      by: authority)
  }

  /// The member's folder on its machine.
  private func place(of member: Member) -> String { install ?? "\(folder)/\(member.name)" }

  private func settings(of member: Member) -> String {
    let place = place(of: member)
    let pairs = [
      ("NAME", member.name), ("DATA_DIR", dataDirectory ?? "\(place)/data"),
      ("LISTEN_CLIENT_URLS", member.clientURL), ("ADVERTISE_CLIENT_URLS", member.clientURL),
      ("LISTEN_PEER_URLS", member.peerURL), ("INITIAL_ADVERTISE_PEER_URLS", member.peerURL),
      ("INITIAL_CLUSTER", members.map { "\($0.name)=\($0.peerURL)" }.joined(separator: ",")),
      ("INITIAL_CLUSTER_TOKEN", token), ("INITIAL_CLUSTER_STATE", "new"),
      ("CERT_FILE", "\(place)/server.crt"), ("KEY_FILE", "\(place)/server.key"),
      ("TRUSTED_CA_FILE", "\(place)/ca.crt"), ("CLIENT_CERT_AUTH", "true"),
      ("PEER_CERT_FILE", "\(place)/peer.crt"), ("PEER_KEY_FILE", "\(place)/peer.key"),
      ("PEER_TRUSTED_CA_FILE", "\(place)/peer-ca.crt"), ("PEER_CLIENT_CERT_AUTH", "true"),
    ]
    return pairs.map { "KEELSON_\($0)=\"\($1)\"\n" }.joined()
  }

  private static let script = """
    #!/bin/sh
    # Starts the member whose settings lie beside this script.
    set -eu
    set -a
    . "$(dirname "$0")/keelson.env"
    set +a
    exec keelson "$@"

    """

  /// Makes a file that is not there yet, and has it on the disk.
  private func write(_ bytes: Bytes, to file: String, _ mode: mode_t) throws(Failure) {
    let path = folder + "/" + file
    func failure() -> Failure {
      Failure(.inputOutput, "cannot write \(path): \(unsafe String(cString: strerror(errno)))")
    }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    guard Descriptor.write(bytes, to: descriptor), fsync(descriptor) == 0 else { throw failure() }
  }

  private var advice: String {
    var lines: [String] = []
    for member in members {
      let copy = install.map {
        "copy \(folder)/\(member.name) to \($0) on \(member.host); there run "
      }
      lines.append("\(member.name): \(copy ?? "run ")\(place(of: member))/start")
    }
    let endpoints = members.map(\.clientURL).joined(separator: ",")
    lines += [
      "",
      "When they run:",
      "  keelsonctl --endpoints \(endpoints) --cacert \(folder)/client/ca.crt"
        + " --cert \(folder)/client/root.crt --key \(folder)/client/root.key endpoint status -w table",
      "",
      "Who has the keys in \(folder)/pki can make certificates: keep them where no member runs.",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}
