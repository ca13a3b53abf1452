import Identity
import Primitives
import Testing

@Suite("Passwords")
struct PasswordHashTests {
  private static let salt = Bytes(1...16)

  @Test("a hash is one of bcrypt's as etcd writes them, and only its password matches")
  func roundTrip() {
    let hash = PasswordHash.make(Bytes("secret".utf8), cost: 4, random: Self.salt)
    #expect(hash.count == 60 && hash.starts(with: "$2a$04$".utf8))
    #expect(PasswordHash.verify(Bytes("secret".utf8), against: hash))
    for wrong in ["", "Secret", "secret ", "secre", "secret\0"] {
      #expect(!PasswordHash.verify(Bytes(wrong.utf8), against: hash), "\(wrong)")
    }
  }

  @Test(
    "known hashes match, whatever their minor version",
    arguments: [
      ("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
      ("U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
      ("U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
      ("", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
    ])
  func vectors(password: String, hash: String) {
    #expect(PasswordHash.verify(Bytes(password.utf8), against: Bytes(hash.utf8)))
    #expect(!PasswordHash.verify(Bytes("other".utf8), against: Bytes(hash.utf8)))
  }

  @Test("what is no hash matches nothing")
  func noHash() {
    let short = Bytes("$2a$04$abc".utf8)
    let other = Bytes("$6$".utf8) + Bytes(repeating: 0x61, count: 57)
    let odd = Bytes("$2a$zz$".utf8) + Bytes(repeating: 0x61, count: 53)
    for stored in [[], short, other, odd] as [Bytes] {
      #expect(!PasswordHash.verify([], against: stored))
      #expect(!PasswordHash.verify(Bytes("a".utf8), against: stored))
    }
  }

  @Test("passwords that bcrypt would cut short are not accepted")
  func bounds() {
    #expect(PasswordHash.accepts([]))
    #expect(PasswordHash.accepts(Bytes(repeating: 0x61, count: 72)))
    #expect(!PasswordHash.accepts(Bytes(repeating: 0x61, count: 73)))
    #expect(!PasswordHash.accepts([0x61, 0, 0x62]))
  }
}
