internal import Primitives

/// Linearizable reads: read index, section 6.4 of Ongaro's dissertation. No clock plays a part: what a
/// round confirms is only what arrived before it began, whatever pauses lie between.
extension RaftNode {
  // MARK: As a leader

  mutating func take(_ read: ReadID, into effects: inout [Effect]) {
    if role == .leader {
      guard rounds.count < settings.waitingReads else { return refuse([read], into: &effects) }
      rounds.add(.local(read))
      beginRound(into: &effects)
    } else {
      guard leader != .none, forwarded.count < settings.waitingReads else {
        return refuse([read], into: &effects)
      }
      forwarded.add(read)
      if !forwarded.isUnderWay { ask() }
    }
  }

  /// A follower asks. A question that is lost, here too, is asked again.
  ///
  /// All who wait for it came before it was sent, and then the follower was still in this term. Where the two
  /// are a majority, no later leader had been elected by that moment: no round could show more.
  mutating func take(
    _ context: ReadContext, confirms: Bool, from member: MemberID, into effects: inout [Effect]
  ) {
    guard role == .leader, rounds.count < settings.waitingReads else { return }
    if confirms, commitIndex >= termStart,
      configuration.hasQuorum({ $0 == id || $0 == member })
    {
      return send(.readAnswer(context, index: commitIndex), to: member)
    }
    rounds.add(.remote(member, context))
    beginRound(into: &effects)
  }

  /// Begins the next round if readers wait, none is under way, and an entry of this term is committed.
  mutating func beginRound(into effects: inout [Effect]) {
    guard role == .leader, commitIndex >= termStart, !rounds.isUnderWay, !rounds.waiting.isEmpty
    else { return }
    rounds.begin(at: commitIndex)
    if isAlone || has(.unconfirmedRead) { return endRound(into: &effects) }
    sendHeartbeats()
  }

  /// A member confirms a round.
  mutating func confirm(_ round: ReadRound, into effects: inout [Effect]) {
    guard rounds.isUnderWay, round >= rounds.number else { return }
    let isConfirmed = configuration.hasQuorum { member in
      member == id || progress.contains { $0.member == member && $0.round >= rounds.number }
    }
    if isConfirmed { endRound(into: &effects) }
  }

  private mutating func endRound(into effects: inout [Effect]) {
    let index = rounds.index
    var reads: [ReadID] = []
    for reader in rounds.confirm() {
      switch reader {
      case .local(let read): reads.append(read)
      case .remote(let member, let context): send(.readAnswer(context, index: index), to: member)
      }
    }
    if !reads.isEmpty { effects.append(.serveReads(reads, at: index)) }
    beginRound(into: &effects)
  }

  // MARK: As a follower

  private mutating func ask() {
    forwarded.begin()
    sendRequest()
  }

  private mutating func sendRequest() {
    send(.readRequest(forwarded.context, confirms: forgetfulLife == nil), to: leader)
  }

  /// Asks again what may have been lost, and gives up in the end.
  mutating func followReads(into effects: inout [Effect]) {
    guard forwarded.isUnderWay else { return }
    forwarded.age += 1
    if forwarded.age >= 2 * settings.electionTicks {
      refuse(forwarded.removeAll(), into: &effects)
    } else if forwarded.age % max(2, settings.electionTicks / 3) == 0, leader != .none {
      sendRequest()
    }
  }

  mutating func take(_ context: ReadContext, index: LogIndex, into effects: inout [Effect]) {
    guard role == .follower, forwarded.isUnderWay, context == forwarded.context else { return }
    effects.append(.serveReads(forwarded.confirm(), at: index))
    if !forwarded.waiting.isEmpty { ask() }
  }

  func refuse(_ reads: [ReadID], into effects: inout [Effect]) {
    if !reads.isEmpty { effects.append(.refuseReads(reads)) }
  }
}
