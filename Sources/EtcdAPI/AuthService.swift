internal import EtcdProtocol
internal import HTTPTransport
internal import SwiftProtobuf

/// `etcdserverpb.Auth` while authentication is off: a client that brings a name and password is told so, as
/// etcd tells it, and then goes on without; an unimplemented method would end it.
struct AuthService: Sendable {
  let context: APIContext

  func register(in router: inout CallRouter) {
    router.unary("/etcdserverpb.Auth/Authenticate") {
      (_: Etcdserverpb_AuthenticateRequest, call: ServerCall) in
      call.finish(.authenticationNotEnabled)
    }
    router.unary("/etcdserverpb.Auth/AuthStatus") {
      (_: Etcdserverpb_AuthStatusRequest, call: ServerCall) in
      call.answer(
        Etcdserverpb_AuthStatusResponse.with {
          $0.header = context.header().message
          $0.authRevision = 1
        })
    }
  }
}

extension CallStatus {
  static let authenticationNotEnabled = CallStatus(
    .failedPrecondition, "etcdserver: authentication is not enabled")
}
