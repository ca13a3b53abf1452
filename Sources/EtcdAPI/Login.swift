internal import Access
internal import EtcdProtocol
internal import HTTPTransport
internal import Identity
internal import Member
internal import Primitives
internal import ReplicaCore
internal import SwiftProtobuf

/// One `Authenticate` call: the password is compared off the event loop, and then a token is made. A simple one
/// becomes an entry of the log, so that all members know it; a signed one needs no one to know it.
final class Login: Sendable {
  private let user: AccessName
  private let password: Bytes
  private let call: ServerCall
  private let context: APIContext
  /// Users or roles may change while a password is compared; then it is compared again, but not for ever.
  private static let attemptsMax = 8

  init(_ request: Etcdserverpb_AuthenticateRequest, _ call: ServerCall, _ context: APIContext) {
    user = AccessName(request.name)
    password = Bytes(request.password.utf8)
    self.call = call
    self.context = context
  }

  func start() { attempt(1) }

  private func attempt(_ number: Int) {
    if number > Self.attemptsMax { return call.finish(.authRevisionOld) }
    context.afterReadBarrier(for: call) { self.compare(number) }
  }

  private func compare(_ number: Int) {
    guard context.access.isEnabled else { return call.finish(.authenticationNotEnabled) }
    let (found, revision) = context.member.access.userAndRevision(user)
    if let found, found.passwordHash == nil { return call.finish(.noPasswordUser) }
    let isTaken = context.authenticator.verify(password, against: found?.passwordHash) { isRight in
      if isRight, self.context.authenticator.signsTokens {
        self.sign(checkedAt: revision, number)
      } else {
        self.call.execute {
          if isRight {
            self.issue(checkedAt: revision, number)
          } else {
            self.call.finish(.authenticationFailed)
          }
        }
      }
    }
    if !isTaken { call.finish(.tooManyRequests) }
  }

  private func issue(checkedAt revision: AuthRevision, _ number: Int) {
    let token = context.authenticator.makeTokenPrefix()
    let command = Command.issueToken(token, user: user, checkedAt: revision)
    context.member.propose(command) { result, _ in
      self.call.execute {
        switch result {
        case .success(.tokenIssued(let token)): self.answer(token)
        case .success(let other): self.call.finish(.mismatched(other))
        case .failure(.access(.revisionOld)): self.attempt(number + 1)
        case .failure(let error): self.call.finish(CallStatus(error))
        }
      }
    }
  }

  /// On the thread that compared the password: signing takes as long.
  private func sign(checkedAt revision: AuthRevision, _ number: Int) {
    let token: Bytes
    do throws(IdentityError) {
      token = try context.authenticator.signToken(for: user, at: revision)
    } catch {
      let status = CallStatus(.unknown, "\(error)")
      return call.execute { self.call.finish(status) }
    }
    call.execute {
      let present = self.context.member.access.userAndRevision(self.user)
      if present.revision == revision { self.answer(token) } else { self.attempt(number + 1) }
    }
  }

  private func answer(_ token: Bytes) {
    call.answer(
      Etcdserverpb_AuthenticateResponse.with {
        $0.header = context.header().message
        $0.token = String(decoding: token, as: UTF8.self)
      })
  }
}

extension CallStatus {
  /// etcd has no status for this, and lets its own words through.
  fileprivate static let noPasswordUser = CallStatus(
    .unknown, "auth: authentication failed, password was given for no password user")
}
