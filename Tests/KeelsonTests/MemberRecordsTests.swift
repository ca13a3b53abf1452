import Member
import ServiceRecords
import Testing

@testable import keelson

@Suite("members that DNS names")
struct MemberRecordsTests {
  private func records(
    _ known: [String: [ServiceRecord]], suffix: String = "",
    addresses: [String: Set<String>] = [:]
  ) -> MemberRecords {
    var records = MemberRecords(domain: "example.org", suffix: suffix)
    records.records = { (service) throws(ServiceLookupError) in
      guard let found = known[service] else {
        throw ServiceLookupError(name: "_\(service)._tcp.example.org", reason: .unknown)
      }
      return found
    }
    records.addresses = { addresses[$0] ?? [] }
    return records
  }

  @Test("are those of both records, each with a name that is the same for all who ask")
  func members() throws {
    let found = try records([
      "etcd-server": [ServiceRecord(host: "b", port: 2380)],
      "etcd-server-ssl": [
        ServiceRecord(host: "c", port: 2380), ServiceRecord(host: "a", port: 1),
      ],
    ]).members()
    #expect(found.map(\.peerURLs) == [["http://b:2380"], ["https://a:1"], ["https://c:2380"]])
    #expect(found.map(\.name) == found.flatMap(\.peerURLs))
  }

  @Test("are looked for under the suffix, behind a hyphen")
  func suffix() throws {
    let known = ["etcd-server-blue": [ServiceRecord(host: "b", port: 2380)]]
    #expect(try records(known, suffix: "blue").members().count == 1)
    #expect {
      try records(known).members()
    } throws: {
      "\($0)".contains("_etcd-server-ssl._tcp.example.org; ")
        && "\($0)".contains("DNS has no SRV records of _etcd-server._tcp.example.org")
    }
  }

  @Test("have this one among them: by its URL, its host's name or its address")
  func own() throws {
    let urls = ["http://a.example.org:2380", "http://b.example.org:2380"]
    let records = records(
      [:],
      addresses: [
        "a.example.org": ["10.0.0.1"], "b.example.org": ["10.0.0.2", "fd00::2"],
        "fd00::2": ["fd00::2"], "10.0.0.2": ["10.0.0.2"],
      ])
    for advertised in [
      "http://b.example.org:2380", "http://B.example.org:2380/", "http://10.0.0.2:2380",
      "http://[fd00::2]:2380",
    ] {
      #expect(
        try records.own(of: urls, advertised: ["http://c:1", advertised]) == urls[1],
        "\(advertised)")
    }
    for (advertised, reason) in [
      ("https://10.0.0.2:2380", "the schemes differ"),
      ("http://10.0.0.2:2381", "cannot find the local member"),
      ("http://10.0.0.3:2380", "cannot find the local member"),
    ] {
      #expect {
        try records.own(of: urls, advertised: [advertised])
      } throws: {
        "\($0)".contains(reason)
      }
    }
  }
}
