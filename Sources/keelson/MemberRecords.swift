internal import Member
internal import ServiceRecords

/// The members of a cluster as DNS names them: `--discovery-srv` and `--discovery-srv-name`.
struct MemberRecords: Sendable {
  /// The domain that has the records.
  var domain: String
  /// What the names of the services end with, behind a hyphen; empty: nothing.
  var suffix: String
  /// Asks for the records of a service.
  var records: @Sendable (_ service: String) throws(ServiceLookupError) -> [ServiceRecord]
  /// Asks for a host's addresses.
  var addresses: @Sendable (_ host: String) -> Set<String> = {
    ServiceLookup.addresses(of: $0)
  }

  init(domain: String, suffix: String) {
    self.domain = domain
    self.suffix = suffix
    records = { (service) throws(ServiceLookupError) in
      try ServiceLookup.records(of: service, in: domain)
    }
  }

  /// All members under the URLs that the records give them, with names that are the same whichever member asks:
  /// each tells its own when it has started.
  func members() throws(FlagError) -> [InitialMember] {
    let ending = suffix.isEmpty ? "" : "-" + suffix
    var urls: [String] = []
    var problems: [String] = []
    for (scheme, service) in [("https", "etcd-server-ssl"), ("http", "etcd-server")] {
      do throws(ServiceLookupError) {
        urls += try records(service + ending).map { "\(scheme)://\($0.address)" }
      } catch {
        problems.append("\(error)")
      }
    }
    guard !urls.isEmpty else {
      throw FlagError(description: "--discovery-srv: \(problems.joined(separator: "; "))")
    }
    return Set(urls).sorted().map { InitialMember(name: $0, peerURLs: [$0]) }
  }

  /// Which of the URLs is this member's: the one that it advertises, or one that leads to the same address.
  func own(of urls: [String], advertised: [String]) throws(FlagError) -> String {
    if let own = urls.first(where: advertised.contains) { return own }
    var near: String?
    for known in advertised.compactMap(Location.init) {
      let addresses = addresses(known.host)
      for url in urls {
        guard let other = Location(url), other.port == known.port else { continue }
        guard other.host == known.host || !self.addresses(other.host).isDisjoint(with: addresses)
        else { continue }
        if other.scheme == known.scheme { return url }
        near = url
      }
    }
    let mine = advertised.joined(separator: ",")
    if let near {
      throw FlagError(
        description: "--discovery-srv has \(near) for this member, and"
          + " --initial-advertise-peer-urls \(mine): the schemes differ")
    }
    throw FlagError(
      description: "--discovery-srv: cannot find the local member among the SRV records of"
        + " \(domain), \(urls.joined(separator: ",")); --initial-advertise-peer-urls is \(mine)")
  }

  /// The parts of a URL.
  private struct Location {
    let scheme: String
    let host: String
    let port: String

    init?(_ url: String) {
      guard let mark = url.range(of: "://") else { return nil }
      scheme = String(url[..<mark.lowerBound])
      let rest = url[mark.upperBound...].prefix { $0 != "/" }
      guard let colon = rest.lastIndex(of: ":") else { return nil }
      port = String(rest[rest.index(after: colon)...])
      host = rest[..<colon].filter { $0 != "[" && $0 != "]" }.lowercased()
    }
  }
}
