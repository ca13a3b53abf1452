/// A part of the benchmark: it measures both servers and adds to the report.
protocol Workload: Sendable {
  /// How `--only` names it; rows within begin with it.
  var id: String { get }
  /// Measures.
  /// - Throws: if nothing can be said; the report notes why.
  func run(_ bench: Bench) async throws
}

extension Bench {
  /// All workloads, in the order of the document.
  static let workloads: [any Workload] = [
    TransportWorkload(), PutWorkload(), LatencyWorkload(), GetWorkload(), RangeWorkload(),
    TransactionWorkload(), MixedWorkload(), FanOutWorkload(), LeaseWorkload(), SizeWorkload(),
    SecurityWorkload(), CompactionWorkload(), ImportWorkload(), IdleWorkload(),
    ClusterWorkload(),
  ]
}
