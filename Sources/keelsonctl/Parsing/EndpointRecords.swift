internal import ServiceRecords

/// The servers of a cluster as DNS names them: `--discovery-srv` and `--discovery-srv-name`.
struct EndpointRecords {
  /// The domain that has the records.
  var domain: String
  /// What the names of the services end with, behind a hyphen.
  var suffix: String?
  /// Whether servers without encryption are accepted.
  var acceptsPlain: Bool
  /// Asks for the records of a service.
  var records: (_ service: String) throws(ServiceLookupError) -> [ServiceRecord]

  init(domain: String, suffix: String?, acceptsPlain: Bool) {
    self.domain = domain
    self.suffix = suffix
    self.acceptsPlain = acceptsPlain
    records = { (service) throws(ServiceLookupError) in
      try ServiceLookup.records(of: service, in: domain)
    }
  }

  /// The URLs that the records name, encrypted ones first, and those that are left out.
  func endpoints() throws(Failure) -> (used: [String], ignored: [String]) {
    let ending = suffix.map { $0.isEmpty ? "" : "-" + $0 } ?? ""
    var used: [String] = []
    var ignored: [String] = []
    var problems: [String] = []
    for (scheme, service) in [("https", "etcd-client-ssl"), ("http", "etcd-client")] {
      do throws(ServiceLookupError) {
        let urls = try records(service + ending).map { "\(scheme)://\($0.address)" }
        if scheme == "https" || acceptsPlain { used += urls } else { ignored += urls }
      } catch {
        problems.append("\(error)")
      }
    }
    if used.isEmpty, ignored.isEmpty {
      throw .badArguments("--discovery-srv: \(problems.joined(separator: "; "))")
    }
    return (used, ignored)
  }
}
