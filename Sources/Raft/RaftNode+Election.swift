internal import Primitives

/// Terms, votes and roles: section 5.2 of the Raft paper, with pre-vote (section 9.6 of the
/// dissertation) and check-quorum (section 6.2).
extension RaftNode {
  // MARK: Time

  mutating func tick(into effects: inout [Effect]) {
    // A member that decides alone needs no time.
    if role == .leader, isAlone, configuration.learners.isEmpty { return }
    electionElapsed += 1
    if role == .leader {
      leaderTick(into: &effects)
    } else {
      followReads(into: &effects)
      if electionElapsed >= electionTimeout {
        electionElapsed = 0
        // Who cannot stand has lost its leader all the same, and must not go on refusing others its vote.
        if !mayCampaign { becomeFollower(term: currentTerm, leader: .none, &effects) }
        campaign()
      }
    }
  }

  private mutating func leaderTick(into effects: inout [Effect]) {
    if electionElapsed >= settings.electionTicks {
      electionElapsed = 0
      // Who has not finished a transfer in this time will not.
      transferee = .none
      let isHeard = configuration.hasQuorum { member in
        member == id || progress.contains { $0.member == member && $0.isActive }
      }
      guard isHeard else { return becomeFollower(term: currentTerm, leader: .none, &effects) }
      for place in progress.indices { progress[place].isActive = false }
    }
    heartbeatElapsed += 1
    if heartbeatElapsed >= settings.heartbeatTicks {
      heartbeatElapsed = 0
      sendHeartbeats()
    }
  }

  mutating func drawElectionTimeout() {
    electionElapsed = 0
    electionTimeout = settings.electionTicks + random.next(below: settings.electionTicks)
  }

  /// Whether a leader was heard lately, so that others' elections would only disturb.
  private var hearsLeader: Bool {
    leader != .none && electionElapsed < settings.electionTicks
  }

  // MARK: Standing for election

  /// Whether the member may stand: it votes, and no membership change that might alter that is
  /// committed and waits.
  private var mayCampaign: Bool {
    configuration.isVoter(id) && !log.hasCommittedMembership && installing == nil
      && forgetfulLife == nil
  }

  mutating func campaign() {
    guard role != .leader, mayCampaign else { return }
    if isAlone { return stand(isTransfer: false) }
    role = .preCandidate
    leader = .none
    votes = VoteCount()
    votes.add(id, isGranted: true)
    drawElectionTimeout()
    askForVotes(isPreVote: true, isTransfer: false, term: currentTerm.next)
  }

  private mutating func stand(isTransfer: Bool) {
    currentTerm = currentTerm.next
    role = .candidate
    leader = .none
    votedFor = id
    votes = VoteCount()
    drawElectionTimeout()
    // Its own vote counts only once it cannot be forgotten, and so do those that it asks for.
    promise(.voteAnswer(VoteAnswer(isGranted: true)), to: id)
    askForVotes(isPreVote: false, isTransfer: isTransfer, term: currentTerm)
  }

  private mutating func askForVotes(isPreVote: Bool, isTransfer: Bool, term: Term) {
    let request = VoteRequest(
      last: log.last, isPreVote: isPreVote, isTransfer: isTransfer, committed: log.lastCommitted)
    for voter in configuration.voters where voter != id {
      send(.voteRequest(request), to: voter, term: term)
    }
  }

  /// The leader wants this member to take over.
  mutating func campaignForTransfer(of sender: MemberID) {
    guard role == .follower, sender == leader, mayCampaign else { return }
    stand(isTransfer: true)
  }

  // MARK: Voting

  mutating func receive(_ message: Message, into effects: inout [Effect]) {
    invariant(message.to == id, "a message for \(message.to) reached \(id)")
    learnCommitted(from: message.content)
    if message.term > currentTerm {
      guard enterTerm(of: message, into: &effects) else { return }
    } else if message.term < currentTerm {
      return answerEarlierTerm(message)
    }
    if let forgetfulLife, !has(.forgetfulVoter) {
      return receive(message, havingForgotten: forgetfulLife, into: &effects)
    }
    switch message.content {
    case .voteRequest(let request): vote(on: request, from: message.from, term: message.term)
    case .voteAnswer(let answer):
      count(answer, from: message.from, term: message.term, into: &effects)
    case .append(let request):
      guard follow(message.from, &effects) else { return }
      append(request, from: message.from)
    case .heartbeat(let commit, let round):
      guard follow(message.from, &effects) else { return }
      log.commit(through: min(commit, lastIndex))
      send(.heartbeatAnswer(round: round), to: message.from)
    case .snapshot(let mark):
      guard follow(message.from, &effects) else { return }
      take(mark, from: message.from, into: &effects)
    case .appendAnswer(let answer): take(answer, from: message.from, into: &effects)
    case .heartbeatAnswer(let round): take(round, from: message.from, into: &effects)
    case .readRequest(let context, let confirms):
      take(context, confirms: confirms, from: message.from, into: &effects)
    case .readAnswer(let context, let index): take(context, index: index, into: &effects)
    case .campaignNow: campaignForTransfer(of: message.from)
    case .forgot(let life): take(life, from: message.from, into: &effects)
    case .deposed, .demoted: break
    }
  }

  /// Takes over the later term of a message; false if the message is to be ignored.
  private mutating func enterTerm(of message: Message, into effects: inout [Effect]) -> Bool {
    var leader = MemberID.none
    switch message.content {
    case .voteRequest(let request):
      // Whoever hears from a leader is not disturbed by one who does not, a removed member for example.
      if hearsLeader, !request.isTransfer { return false }
      if request.isPreVote { return true }
    case .voteAnswer(let answer):
      // The term that was asked about has not begun.
      if answer.isPreVote, answer.isGranted { return true }
    case .append, .heartbeat, .snapshot: leader = message.from
    default: break
    }
    becomeFollower(term: message.term, leader: leader, &effects)
    return true
  }

  /// A leader, or a candidate, that missed a term is told so; anything else is out of date.
  private mutating func answerEarlierTerm(_ message: Message) {
    switch message.content {
    case .append, .heartbeat, .snapshot: send(.deposed, to: message.from)
    case .voteRequest(let request):
      send(answer(to: request, isGranted: false), to: message.from)
    default: break
    }
  }

  /// Takes note of what one who asks for a vote, or answers, knows to be committed.
  ///
  /// Without it there might never be a leader again: one that was promoted, and has not heard that this is
  /// committed, does not stand, and refuses its vote to those whose logs are shorter than its own. A
  /// leader learns of commits by counting, and one that has lost entries has nothing to compare with.
  private mutating func learnCommitted(from content: Message.Content) {
    let committed: EntryMark
    switch content {
    case .voteRequest(let request): committed = request.committed
    case .voteAnswer(let answer): committed = answer.committed
    default: return
    }
    guard role != .leader, installing == nil, forgetfulLife == nil else { return }
    // An entry of the same index and term is the same, and so are all before it.
    if log.terms.contains(committed) { log.commit(through: committed.index) }
  }

  private func answer(to request: VoteRequest, isGranted: Bool) -> Message.Content {
    .voteAnswer(
      VoteAnswer(
        isGranted: isGranted, isPreVote: request.isPreVote, committed: log.lastCommitted))
  }

  private mutating func vote(on request: VoteRequest, from candidate: MemberID, term: Term) {
    let isFree =
      votedFor == candidate || (votedFor == .none && leader == .none)
      || (request.isPreVote && term > currentTerm)
    let isGranted = isFree && request.last.isUpToDate(with: log.last)
    let answer = answer(to: request, isGranted: isGranted)
    if request.isPreVote {
      send(answer, to: candidate, term: isGranted ? term : currentTerm)
      return
    }
    if isGranted {
      votedFor = candidate
      electionElapsed = 0
    }
    promise(answer, to: candidate)
  }

  private mutating func count(
    _ answer: VoteAnswer, from member: MemberID, term: Term, into effects: inout [Effect]
  ) {
    let isAwaited =
      answer.isPreVote
      ? role == .preCandidate && (!answer.isGranted || term == currentTerm.next)
      : role == .candidate && term == currentTerm
    guard isAwaited else { return }
    votes.add(member, isGranted: answer.isGranted)
    switch votes.outcome(configuration) {
    case .open: break
    case .won where role == .preCandidate: stand(isTransfer: false)
    case .won: becomeLeader(into: &effects)
    case .lost: becomeFollower(term: currentTerm, leader: .none, &effects)
    }
  }

  // MARK: Roles

  /// Follows the leader of the current term; false if this member leads it, which cannot be.
  mutating func follow(_ leader: MemberID, _ effects: inout [Effect]) -> Bool {
    invariant(role != .leader, "\(leader) leads term \(currentTerm), as \(id) does")
    if role != .follower || self.leader != leader {
      becomeFollower(term: currentTerm, leader: leader, &effects)
    }
    electionElapsed = 0
    return true
  }

  mutating func becomeFollower(term: Term, leader: MemberID, _ effects: inout [Effect]) {
    if term > currentTerm {
      currentTerm = term
      votedFor = .none
    }
    let hasChanged = self.leader != leader
    role = .follower
    self.leader = leader
    progress = []
    transferee = .none
    uncommitted.removeAll()
    drawElectionTimeout()
    refuse(rounds.removeAllLocal(), into: &effects)
    if hasChanged { refuse(forwarded.removeAll(), into: &effects) }
  }

  private mutating func becomeLeader(into effects: inout [Effect]) {
    role = .leader
    leader = id
    electionElapsed = 0
    heartbeatElapsed = 0
    transferee = .none
    uncommitted.removeAll()
    rounds = ReadRounds()
    refuse(forwarded.removeAll(), into: &effects)
    termStart = lastIndex.next
    progress = configuration.members.sorted().filter { $0 != id }.map {
      Progress(member: $0, nextIndex: lastIndex.next, isActive: true)
    }
    // Entries of earlier terms are committed only below one of its own (section 5.4.2 of the paper).
    propose([ProposedEntry(kind: .empty, payload: [])])
  }
}
