internal import Synchronization
public import Telemetry

/// What is known of a member's backups, and how it is measured.
public final class BackupRecord: Sendable {
  /// The newest good file, and what happened since the member started.
  public struct State: Hashable, Sendable {
    /// Unix time at which the newest good file was begun, of an earlier process as well; 0: there is none.
    public var lastTime: Int64 = 0
    /// The revision that it holds.
    public var lastRevision: Int64 = 0
    /// Its bytes.
    public var lastBytes: Int64 = 0
    /// Seconds that writing and checking it took; 0 if an earlier process did.
    public var lastSeconds: Double = 0
    /// Good files that were written.
    public var successes = 0
    /// Attempts that failed.
    public var failures = 0
  }

  private let state = Mutex(State())
  private let intervalSeconds: Int64

  init(intervalSeconds: Int64) { self.intervalSeconds = intervalSeconds }

  /// What is known now.
  public var current: State { state.withLock { $0 } }

  func update(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

  /// Adds the metrics; a member without a schedule shows them at zero.
  public func register(in registry: MetricRegistry) {
    let interval = Double(intervalSeconds)
    registry.computed(
      "keelson_backup_interval_seconds", help: "Time between two backups; 0 without a schedule."
    ) { interval }
    let gauges: [(String, String, @Sendable (State) -> Double)] = [
      (
        "keelson_backup_last_success_timestamp_seconds",
        "When the newest good backup was begun, Unix time.", { Double($0.lastTime) }
      ),
      (
        "keelson_backup_last_success_size_bytes", "Bytes of the newest good backup.",
        { Double($0.lastBytes) }
      ),
      (
        "keelson_backup_last_success_revision", "The revision in the newest good backup.",
        { Double($0.lastRevision) }
      ),
      (
        "keelson_backup_last_success_duration_seconds",
        "Time that writing and checking the newest good backup took.", { $0.lastSeconds }
      ),
    ]
    for (name, help, value) in gauges {
      registry.computed(name, help: help) { value(self.current) }
    }
    registry.computed(
      "keelson_backup_successes_total", help: "Backups that were written and found good.",
      isCounter: true
    ) { Double(self.current.successes) }
    registry.computed(
      "keelson_backup_failures_total", help: "Backups that failed.", isCounter: true
    ) { Double(self.current.failures) }
  }
}
