import Environment
import Glibc
import MVCC
import Primitives
import ReplicaCore
import Synchronization
import Testing

@testable import Member

/// Which thread answered.
private final class Answer: Sendable {
  let thread = Mutex<pthread_t?>(nil)
  let error = Mutex<ProposalError?>(nil)
  let count = Atomic<Int>(0)

  func note(_ result: Result<CommandResult, ProposalError>) {
    thread.withLock { $0 = pthread_self() }
    if case .failure(let failure) = result { error.withLock { $0 = failure } }
    count.add(1, ordering: .releasing)
  }

  /// Waits for it, without leaving the thread.
  func wait() {
    while count.load(ordering: .acquiring) == 0 { usleep(100) }
  }
}

extension Member {
  /// Proposes as an event loop does that has nothing else to do.
  fileprivate func proposeHere(_ command: Command) -> Answer {
    let answer = Answer()
    propose(command, mayTurnHere: true) { result, _ in answer.note(result) }
    return answer
  }

  fileprivate func putHere(_ key: String, _ value: String, lease: LeaseID = .none) -> Answer {
    var operation = PutOperation(key: Bytes(key.utf8), value: Bytes(value.utf8))
    operation.lease = lease
    return proposeHere(.store(.put(operation)))
  }

  /// Proposes one after the other until the caller's own thread has answered.
  fileprivate func settle() -> Bool {
    for number in 0..<30_000 {
      let answer = putHere("settle", "\(number)")
      answer.wait()
      if answer.thread.withLock({ $0 }) == pthread_self() { return true }
    }
    return false
  }
}

@Suite("A turn of the replica on the thread of a request", .timeLimit(.minutes(2)))
struct TurnHereTests {
  let directory = TemporaryDirectory()

  func start() throws -> Member {
    try Member.start(
      configuration: MemberConfiguration(dataDirectory: directory.path + "/data"))
  }

  @Test("runs for a client that makes one request after the other, and is as durable")
  func oneClient() throws {
    var member = try start()
    #expect(member.settle())
    let answer = member.putHere("last", "value")
    answer.wait()
    #expect(answer.error.withLock { $0 } == nil)
    #expect(try member.value("last") == "value")
    let revision = member.store.currentRevision
    member.stop()
    #expect(member.putHere("late", "value").error.withLock { $0 } == .stopped)
    member = try start()
    defer { member.stop() }
    #expect(try member.value("last") == "value")
    #expect(member.store.currentRevision == revision)
  }

  @Test("a lease that was granted there ends in time, though nobody asks for anything more")
  func timers() throws {
    let member = try start()
    defer { member.stop() }
    #expect(member.settle())
    member.proposeHere(.store(.grantLease(LeaseID(7), seconds: 2))).wait()
    for _ in 0..<3_000 where !member.store.leases().isEmpty { usleep(10_000) }
    #expect(member.store.leases().isEmpty)
    #expect(member.statistics.expiredLeases == 1)
  }

  @Test("many threads that would all have their turns are answered once each, to the end")
  func manyThreads() async throws {
    let member = try start()
    let threads = 6
    let answers = await withTaskGroup(of: [Answer].self) { group in
      for thread in 0..<threads {
        group.addTask {
          var answers: [Answer] = []
          for number in 0..<400 {
            let key = "key-\(thread)-\(number % 7)"
            let answer = Answer()
            let operation = PutOperation(key: Bytes(key.utf8), value: Bytes("\(number)".utf8))
            // Every third goes the usual way.
            member.propose(.store(.put(operation)), mayTurnHere: (thread + number) % 3 != 0) {
              result, _ in answer.note(result)
            }
            answers.append(answer)
            if number % 5 != 0 { answer.wait() }
            // The member stops while others still propose.
            if thread == 0, number == 380 { member.stop() }
          }
          return answers
        }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    member.stop()
    for answer in answers { answer.wait() }
    #expect(answers.count == threads * 400)
    #expect(answers.allSatisfy { $0.count.load(ordering: .relaxed) == 1 })
    let errors = answers.compactMap { answer in answer.error.withLock { $0 } }
    #expect(errors.allSatisfy { $0 == .stopped })
    let done = answers.count - errors.count
    let again = try start()
    defer { again.stop() }
    // The first revision is 1, and publishing the member's attributes makes none.
    #expect(again.store.currentRevision == Revision(Int64(1 + done)))
  }

  @Test("does not run while requests meet, or after a turn that took long")
  func pace() {
    var pace = ReplicaPace()
    let start = MonotonicTime(nanoseconds: 1_000_000_000)
    let short = start + .microseconds(200)
    func quieten() {
      for _ in 0..<40 {
        pace.note(submissions: 1, hadWork: true)
        pace.note(submissions: 0, hadWork: false)
      }
    }
    #expect(!pace.allowsTurnHere(at: start))
    quieten()
    #expect(pace.allowsTurnHere(at: start))
    pace.noteTurnHere(from: start, to: short, isCrowded: true)
    #expect(!pace.allowsTurnHere(at: start))
    quieten()
    pace.note(submissions: 2, hadWork: true)
    #expect(!pace.allowsTurnHere(at: start))
    quieten()
    // Found right after a turn: it came during that turn.
    pace.note(submissions: 1, hadWork: true)
    pace.note(submissions: 1, hadWork: true)
    #expect(!pace.allowsTurnHere(at: start))
    quieten()
    let late = start + .milliseconds(100)
    pace.noteTurnHere(from: start, to: late, isCrowded: false)
    #expect(!pace.allowsTurnHere(at: late))
    #expect(pace.allowsTurnHere(at: late + .seconds(1)))
  }
}
