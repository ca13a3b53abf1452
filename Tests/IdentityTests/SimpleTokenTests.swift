import Access
import Environment
import Identity
import Primitives
import Simulation
import Testing

@Suite("Simple tokens")
struct SimpleTokenTests {
  private let clock = SimulatedClock()
  private let token = Bytes("token".utf8)

  private func tokens(_ maxCount: Int = 8) -> SimpleTokens {
    SimpleTokens(lifetime: .seconds(300), clock: clock, maxCount: maxCount)
  }

  @Test("a token ends so long after its last use")
  func renewal() {
    let tokens = tokens()
    tokens.assign(token, to: "u")
    for _ in 0..<3 {
      clock.advance(by: .seconds(299))
      #expect(tokens.user(of: token) == "u")
    }
    clock.advance(by: .seconds(300))
    #expect(tokens.user(of: token) == nil)
    #expect(tokens.count == 0)
  }

  @Test("an unknown token stands for nobody")
  func unknown() {
    let tokens = tokens()
    tokens.assign(token, to: "u")
    #expect(tokens.user(of: Bytes("toke".utf8)) == nil)
    #expect(tokens.user(of: []) == nil)
  }

  @Test("a user's tokens go together, and others stay")
  func void() {
    let tokens = tokens()
    tokens.assign([1], to: "u")
    tokens.assign([2], to: "u")
    tokens.assign([3], to: "v")
    tokens.void("u")
    #expect(tokens.user(of: [1]) == nil && tokens.user(of: [2]) == nil)
    #expect(tokens.user(of: [3]) == "v")
    tokens.voidAll()
    #expect(tokens.count == 0)
  }

  @Test("at the bound the ended ones go first, and then the one that ends next")
  func bound() {
    let tokens = tokens(2)
    tokens.assign([1], to: "u")
    clock.advance(by: .seconds(1))
    tokens.assign([2], to: "u")
    clock.advance(by: .seconds(1))
    tokens.assign([3], to: "u")
    #expect(tokens.user(of: [1]) == nil)
    #expect(tokens.user(of: [2]) == "u" && tokens.user(of: [3]) == "u")
    clock.advance(by: .seconds(301))
    tokens.assign([4], to: "u")
    #expect(tokens.count == 1)
  }
}
