/// A program that serves the etcd API, and how it is started.
struct ServerProgram: Sendable {
  /// What the tables call it.
  let name: String
  /// Where it lies.
  let path: String
  /// How clients are told apart; nil: they are not.
  var security: ServerSecurity?

  /// The flags of one member with its data in a folder; the same for both programs.
  func arguments(folder: String, port: Int) -> [String] {
    let client = "\(security?.tls == nil ? "http" : "https")://127.0.0.1:\(port)"
    let peer = "http://127.0.0.1:\(port + 1)"
    return [
      "--name", name, "--data-dir", folder,
      "--listen-client-urls", client, "--advertise-client-urls", client,
      "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
      "--initial-cluster", "\(name)=\(peer)",
      "--quota-backend-bytes", "\(16 * 1024 * 1024 * 1024)",
    ] + (security?.flags ?? [])
  }
}
