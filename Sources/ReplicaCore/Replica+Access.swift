internal import Access
internal import MVCC
internal import Primitives

/// Users and roles at apply: who may have an entry carried out, and what changes them.
extension Replica {
  /// Why an entry is not carried out, or nil. Between the proposal and this moment users, roles and what hangs on
  /// leases may have changed, so everything is checked again.
  func refusal(of command: Command, by author: Author) -> AccessError? {
    switch author {
    case .member: return nil
    case .unknown: if !command.needsAuthor { return nil }
    case .user: break
    }
    do throws(AccessError) {
      try access.subject(author.caller).check(command, in: store)
      return nil
    } catch {
      return error
    }
  }

  func apply(
    _ change: AccessChange, into effects: inout [ReplicaEffect]
  ) -> Result<CommandResult, ProposalError> {
    switch access.apply(change) {
    case .failure(let error): return .failure(.access(error))
    case .success(let outcome):
      if !outcome.isEmpty {
        AccessTable.put(outcome, of: access.snapshot, into: &batch)
        effects.append(.accessChanged(outcome.voidTokens))
      }
      return .success(.accessChanged)
    }
  }

  /// The entry's place makes the token tell, on any member, whether it has been applied there.
  func issue(
    _ token: Bytes, to user: AccessName, checkedAt revision: AuthRevision, at index: LogIndex,
    into effects: inout [ReplicaEffect]
  ) -> Result<CommandResult, ProposalError> {
    do throws(AccessError) {
      try access.checkToken(of: user, checkedAt: revision)
    } catch {
      return .failure(.access(error))
    }
    let token = token + Bytes(".\(index)".utf8)
    if index > replayEnd { effects.append(.tokenIssued(token, user: user)) }
    return .success(.tokenIssued(token))
  }
}
