import Testing

@testable import ServiceRecords

@Suite("SRV records")
struct ServiceLookupTests {
  private static let name = "_etcd-server._tcp.example.org"

  /// A host's or a service's name as it travels.
  private static func wire(_ name: String) -> [UInt8] {
    name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  private static func short(_ number: UInt16) -> [UInt8] {
    [UInt8(number >> 8), UInt8(number & 255)]
  }

  /// An answer of a name server: a question, and records of type and content.
  private static func answer(_ records: [(type: UInt16, data: [UInt8])]) -> [UInt8] {
    let head = [7, 0x8180, 1, UInt16(records.count), 0, 0].flatMap(short)
    let question = wire(name) + short(33) + short(1)
    return records.reduce(head + question) { bytes, record in
      // The owner's name points back to the question's.
      bytes + short(0xC00C) + short(record.type) + short(1) + [0, 0, 0, 60]
        + short(UInt16(record.data.count)) + record.data
    }
  }

  private static func service(
    _ host: String, _ port: UInt16, priority: UInt16 = 0, weight: UInt16 = 0
  ) -> (type: UInt16, data: [UInt8]) {
    (33, [priority, weight, port].flatMap(short) + wire(host))
  }

  @Test(
    "come in the order in which they are to be tried, and what else was answered is passed over")
  func order() throws {
    let answer = Self.answer([
      Self.service("late.example.org", 2380, priority: 9, weight: 50),
      (type: 5, data: Self.wire("alias.example.org")),
      Self.service("light.example.org", 2381, priority: 1, weight: 2),
      Self.service("heavy.example.org", 2382, priority: 1, weight: 3),
    ])
    let records = try ServiceLookup.parse(answer, of: Self.name)
    #expect(
      records.map(\.address) == [
        "heavy.example.org:2382", "light.example.org:2381", "late.example.org:2380",
      ])
    #expect(
      records.last == ServiceRecord(host: "late.example.org", port: 2380, priority: 9, weight: 50))
  }

  @Test("that name no host mean that there is no such service")
  func root() {
    for answer in [Self.answer([]), Self.answer([Self.service("", 0)])] {
      #expect(throws: ServiceLookupError(name: Self.name, reason: .unknown)) {
        try ServiceLookup.parse(answer, of: Self.name)
      }
    }
  }

  @Test("are refused where the answer ends early or is none")
  func hostile() {
    let whole = Self.answer([Self.service("host.example.org", 2380)])
    for end in 0..<whole.count {
      #expect(throws: ServiceLookupError.self) {
        try ServiceLookup.parse(Array(whole[..<end]), of: Self.name)
      }
    }
    // A name that points at itself, and data too short for a record.
    let loop = Self.answer([(33, [0, 0, 0, 0, 9, 9] + Self.short(0xC000 | UInt16(whole.count)))])
    let brief = Self.answer([(33, [0, 0, 0, 0])])
    for answer in [loop, brief] {
      #expect(throws: ServiceLookupError(name: Self.name, reason: .malformed)) {
        try ServiceLookup.parse(answer, of: Self.name)
      }
    }
  }

  @Test("hosts have their addresses, and an address has itself")
  func addresses() {
    #expect(ServiceLookup.addresses(of: "127.0.0.1") == ["127.0.0.1"])
    #expect(ServiceLookup.addresses(of: "::1") == ["::1"])
    #expect(!ServiceLookup.addresses(of: "localhost").isEmpty)
    #expect(ServiceLookup.addresses(of: "no host").isEmpty)
  }
}
