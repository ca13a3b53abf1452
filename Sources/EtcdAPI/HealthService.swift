internal import EtcdProtocol
internal import HTTPTransport
internal import Member
internal import SwiftProtobuf

/// `grpc.health.v1.Health`, for load balancers and client libraries.
struct HealthService: Sendable {
  let context: APIContext
  let services: Set<String>

  func register(in router: inout CallRouter) {
    router.unary("/grpc.health.v1.Health/Check") {
      (request: Grpc_Health_V1_HealthCheckRequest, call: ServerCall) in
      guard let state = state(of: request.service) else {
        return call.finish(CallStatus(.notFound, "unknown service"))
      }
      call.answer(Grpc_Health_V1_HealthCheckResponse.with { $0.status = state })
    }
    router.register("/grpc.health.v1.Health/Watch") { call in
      guard context.streams.add(call) else { return }
      call.onRequest { message in
        guard let request = call.decoded(message, as: Grpc_Health_V1_HealthCheckRequest.self)
        else { return }
        // The state holds until the member stops, and then the stream ends.
        let state = state(of: request.service) ?? .serviceUnknown
        call.send(Grpc_Health_V1_HealthCheckResponse.with { $0.status = state })
      }
    }
  }

  private func state(of service: String) -> Grpc_Health_V1_HealthCheckResponse.ServingStatus? {
    guard service.isEmpty || services.contains(service) else { return nil }
    return context.member.isReady ? .serving : .notServing
  }
}
