internal import Member
internal import Primitives
internal import Synchronization
public import Telemetry

extension PeerTransport {
  /// Adds what is counted of the traffic with other members, under etcd's names.
  public func register(in registry: MetricRegistry) {
    registerTraffic(in: registry)
    registerStates(in: registry)
    registerConnections(in: registry)
  }

  private typealias CounterPath = any KeyPath<PeerCounters, Counter> & Sendable

  private func counter(
    _ name: String, _ help: String, _ label: String, _ path: CounterPath,
    in registry: MetricRegistry
  ) {
    let counters = counters
    registry.collected(name, help: help, isCounter: true) {
      counters.all.map { member, counters in
        ([(label, "\(member)")], Double(counters[keyPath: path].value))
      }
    }
  }

  private func registerTraffic(in registry: MetricRegistry) {
    counter(
      "etcd_network_peer_sent_bytes_total", "Bytes sent to other members.", "To", \.sentBytes,
      in: registry)
    counter(
      "etcd_network_peer_received_bytes_total", "Bytes received from other members.", "From",
      \.receivedBytes, in: registry)
    counter(
      "etcd_network_peer_sent_failures_total",
      "Messages that were dropped on their way to other members.", "To", \.sendFailures,
      in: registry)
    counter(
      "etcd_network_peer_received_failures_total",
      "Frames of other members that could not be read.", "From", \.receiveFailures, in: registry)
    let counters = counters
    registry.collectedHistograms(
      "etcd_network_peer_round_trip_time_seconds",
      help: "Time that pings between members and their answers took, in seconds."
    ) {
      counters.all.map { member, counters in
        counters.roundTrips.sample(labels: [("To", "\(member)")])
      }
    }
  }

  private func registerStates(in registry: MetricRegistry) {
    counter(
      "etcd_network_snapshot_send_success", "States that other members took.", "To",
      \.statesSent, in: registry)
    counter(
      "etcd_network_snapshot_send_failures", "States that other members did not take.", "To",
      \.statesFailed, in: registry)
    counter(
      "etcd_network_snapshot_receive_success", "States taken from other members.", "From",
      \.statesReceived, in: registry)
    counter(
      "etcd_network_snapshot_receive_failures", "States of other members that were refused.",
      "From", \.statesRefused, in: registry)
    let counters = counters
    registry.collected(
      "etcd_network_snapshot_send_inflights_total", help: "States that are being sent."
    ) {
      counters.all.map {
        (
          [("To", "\($0.member)")], $0.counters.sendsState.load(ordering: .relaxed) ? 1 : 0
        )
      }
    }
  }

  private func registerConnections(in registry: MetricRegistry) {
    let (local, counters) = ("\(localMember)", counters)
    registry.collected(
      "etcd_network_active_peers", help: "Whether another member is connected."
    ) { [weak self] in
      (self?.peers ?? []).map {
        ([("Local", local), ("Remote", "\($0.member)")], $0.isConnected ? 1 : 0)
      }
    }
    registry.collected("etcd_network_known_peers", help: "The other members.") { [weak self] in
      (self?.peers ?? []).map { ([("Local", local), ("Remote", "\($0.member)")], 1) }
    }
    registry.collected(
      "etcd_network_disconnected_peers_total", help: "Connections to other members that broke.",
      isCounter: true
    ) {
      counters.all.map {
        (
          [("Local", local), ("Remote", "\($0.member)")],
          Double($0.counters.disconnections.value)
        )
      }
    }
  }
}
