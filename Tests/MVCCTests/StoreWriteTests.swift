import Engine
import MVCC
import Primitives
import Testing

@Suite("Writing to a store")
struct StoreWriteTests {
  @Test("a transaction is one revision however much it writes; what writes nothing is none")
  func revisions() throws {
    let step = try SteppedStore()
    #expect(step.revision == 1)
    try step.transact {
      $0.success = [
        .put(SteppedStore.put("a", "1")), .put(SteppedStore.put("b", "2")),
        .range(SteppedStore.range("a", end: "z")),
      ]
    }
    #expect(step.revision == 2)
    #expect(try step.get("a")?.revision == SubRevision(main: Revision(2), sub: 0))
    #expect(try step.get("b")?.revision == SubRevision(main: Revision(2), sub: 1))
    #expect(try step.delete("nothing") == .deleted(0, previous: [], revision: 2))
    try step.transact { $0.success = [.range(SteppedStore.range("a"))] }
    #expect(step.revision == 2)
    #expect(try step.delete("a", end: "z") == .deleted(2, previous: [], revision: 3))
    #expect(step.revision == 3)
  }

  @Test("version and create revision count a key's life, and begin anew after a deletion")
  func lives() throws {
    let step = try SteppedStore()
    try step.put("a", "1")
    try step.put("a", "2")
    let second = try #require(try step.get("a"))
    #expect((second.create, second.revision.main, second.version) == (2, Revision(3), 2))
    try step.delete("a")
    #expect(try step.get("a") == nil)
    try step.put("a", "3")
    let third = try #require(try step.get("a"))
    #expect((third.create, third.revision.main, third.version) == (5, Revision(5), 1))
    #expect(try step.value("a", at: 2) == "1")
    #expect(try step.value("a", at: 4) == nil)
  }

  @Test("a put moves its key between leases; an unknown lease is refused before a missing key")
  func leases() throws {
    let step = try SteppedStore()
    try step.apply(.grantLease(LeaseID(7), seconds: 60))
    try step.apply(.grantLease(LeaseID(8), seconds: 60))
    try step.put("b", "1", lease: 7)
    try step.put("a", "1", lease: 7)
    #expect(step.store.keys(of: LeaseID(7)) == [bytes("a"), bytes("b")])
    try step.put("a", "2", lease: 8)
    #expect(step.store.keys(of: LeaseID(7)) == [bytes("b")])
    try step.put("a", "3")
    #expect(step.store.keys(of: LeaseID(8)) == [])
    #expect(throws: StoreError.leaseNotFound) { try step.put("a", "4", lease: 9) }
    var put = SteppedStore.put("missing", "", lease: 9)
    put.ignoresValue = true
    #expect(throws: StoreError.leaseNotFound) { try step.apply(.put(put)) }
    step.store.checkInvariants()
  }

  @Test("a revoked lease takes its keys along, in their order and as one revision")
  func revoke() throws {
    let step = try SteppedStore()
    try step.apply(.grantLease(LeaseID(7), seconds: 60))
    for key in ["c", "a", "b"] { try step.put(key, "1", lease: 7) }
    #expect(try step.apply(.revokeLease(LeaseID(7))) == .revoked(5))
    let events = try step.store.historyEvents(
      from: Revision(5), through: Revision(5), maxEvents: 10
    ).events
    #expect(events.map { $0.record.key } == [bytes("a"), bytes("b"), bytes("c")])
    #expect(events.map(\.revision.sub) == [0, 1, 2])
    #expect(events.allSatisfy { $0.record.isTombstone && $0.previous?.version == 1 })
    #expect(throws: StoreError.leaseNotFound) { try step.apply(.revokeLease(LeaseID(7))) }
    try step.apply(.grantLease(LeaseID(7), seconds: 60))
    #expect(try step.apply(.revokeLease(LeaseID(7))) == .revoked(5))
  }

  @Test("grants are refused for too long a time first, then for a lease that exists")
  func grants() throws {
    let step = try SteppedStore()
    try step.apply(.grantLease(LeaseID(7), seconds: Limits.leaseSeconds))
    #expect(throws: StoreError.leaseTimeTooLong) {
      try step.apply(.grantLease(LeaseID(7), seconds: Limits.leaseSeconds + 1))
    }
    #expect(throws: StoreError.leaseExists) {
      try step.apply(.grantLease(LeaseID(7), seconds: 1))
    }
  }

  @Test("leases, what they have left and their keys survive a restart")
  func leasesStay() throws {
    var step = try SteppedStore()
    try step.apply(.grantLease(LeaseID(-3), seconds: 60))
    try step.put("a", "1", lease: -3)
    let checkpoint = LeaseCheckpoint(lease: LeaseID(-3), remainingSeconds: 20)
    let unknown = LeaseCheckpoint(lease: LeaseID(5), remainingSeconds: 20)
    try step.apply(.checkpointLeases([checkpoint, unknown]))
    _ = try step.store.flush()
    step.engine.crash()
    try step.reopen()
    #expect(step.store.leases() == [Lease(id: LeaseID(-3), seconds: 60, remainingSeconds: 20)])
    #expect(step.store.keys(of: LeaseID(-3)) == [bytes("a")])
  }

  @Test("a put that keeps value or lease needs the key")
  func ignoring() throws {
    let step = try SteppedStore()
    try step.apply(.grantLease(LeaseID(7), seconds: 60))
    try step.put("a", "1", lease: 7)
    var put = SteppedStore.put("a", "")
    put.ignoresValue = true
    try step.apply(.put(put))
    #expect(try step.value("a") == "1")
    #expect(step.store.keys(of: LeaseID(7)) == [])
    try step.put("a", "2", lease: 7)
    put = SteppedStore.put("a", "3")
    put.ignoresLease = true
    try step.apply(.put(put))
    #expect(try step.get("a")?.lease == 7)
    put.key = bytes("b")
    #expect(throws: StoreError.keyNotFound) { try step.apply(.put(put)) }
  }

  @Test("a single deletion and a ranged one answer what they deleted")
  func deletions() throws {
    let step = try SteppedStore()
    for key in ["a", "b", "c"] { try step.put(key, key) }
    var deletion = DeleteRangeOperation(KeyRange(bytes("a"), end: bytes("c")))
    deletion.returnsPrevious = true
    guard case .deleted(2, let previous, 5) = try step.apply(.deleteRange(deletion)) else {
      Issue.record("two keys at revision 5")
      return
    }
    #expect(previous.map(\.key) == [bytes("a"), bytes("b")])
  }
}
