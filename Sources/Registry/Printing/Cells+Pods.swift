extension Cells {
  static let pods: [String: Cell] = [
    "Ready": { object, _ in
      let summary = PodSummary(object)
      return "\(summary.ready)/\(summary.containers)"
    },
    "Status": { object, _ in PodSummary(object).reason },
    "Restarts": { object, context in
      let summary = PodSummary(object)
      guard summary.restarts != 0, let last = summary.lastRestart else {
        return String(summary.restarts)
      }
      return "\(summary.restarts) (\(Age.text(context.now - last)) ago)"
    },
    "IP": { object, _ in
      object.list("status", "podIPs").first?.text("ip", or: none)
        ?? object.text("status", "podIP", or: none)
    },
    "Node": { object, _ in object.text("spec", "nodeName", or: none) },
    "Nominated Node": { object, _ in object.text("status", "nominatedNodeName", or: none) },
    "Readiness Gates": { object, _ in
      let gates = object.list("spec", "readinessGates").map { $0.text("conditionType") }
      if gates.isEmpty { return none }
      return "\(gates.count { isTrue($0, in: object) })/\(gates.count)"
    },
  ]
}

/// What a pod's containers add up to: the one word that stands for its state, and how many are ready.
struct PodSummary {
  /// The state as one word, such as `Running`, `CrashLoopBackOff`, `Init:0/2`, `Terminating`.
  private(set) var reason: String
  private(set) var ready = 0
  private(set) var containers: Int
  private(set) var restarts: Int64 = 0
  /// When a container ended last that was started again, in seconds since 1970.
  private(set) var lastRestart: Int64?

  private var sidecarRestarts: Int64 = 0
  private var lastSidecarRestart: Int64?

  init(_ pod: Value) {
    // A pod that no controller has seen yet waits.
    let phase = pod.text("status", "phase", or: "Pending")
    reason = pod.text("status", "reason", or: phase)
    if pod.list("status", "conditions").contains(where: {
      $0.text("type") == "PodScheduled" && $0.text("reason") == "SchedulingGated"
    }) {
      reason = "SchedulingGated"
    }
    let initial = pod.list("spec", "initContainers")
    let sidecars = initial.filter { $0.text("restartPolicy") == "Always" }.map { $0.text("name") }
    containers = pod.list("spec", "containers").count + sidecars.count
    let isInitializing = summarizeInitial(pod, count: initial.count, sidecars: sidecars)
    if !isInitializing || Cells.isTrue("Initialized", in: pod) { summarizeContainers(pod) }
    guard Cells.isDeleted(pod) else { return }
    if pod.text("status", "reason") == "NodeLost" {
      reason = "Unknown"
    } else if phase != "Failed", phase != "Succeeded" {
      reason = "Terminating"
    }
  }

  /// - Returns: whether a container is still at work, or has failed, that runs before the others.
  private mutating func summarizeInitial(_ pod: Value, count: Int, sidecars: [String]) -> Bool {
    for (index, status) in pod.list("status", "initContainerStatuses").enumerated() {
      let isSidecar = sidecars.contains(status.text("name"))
      restarts &+= status.number("restartCount")
      let last = Self.end(status)
      lastRestart = Self.later(lastRestart, last)
      if isSidecar {
        sidecarRestarts &+= status.number("restartCount")
        lastSidecarRestart = Self.later(lastSidecarRestart, last)
      }
      let terminated = status[path: "state", "terminated"]
      if let terminated, terminated.number("exitCode") == 0 { continue }
      if isSidecar, status["started"]?.truth == true {
        if status["ready"]?.truth == true { ready += 1 }
        continue
      }
      let waiting = status.text("state", "waiting", "reason")
      if let terminated {
        reason = "Init:" + Self.reason(ofEnd: terminated)
      } else if !waiting.isEmpty, waiting != "PodInitializing" {
        reason = "Init:" + waiting
      } else {
        reason = "Init:\(index)/\(count)"
      }
      return true
    }
    return false
  }

  private mutating func summarizeContainers(_ pod: Value) {
    restarts = sidecarRestarts
    lastRestart = lastSidecarRestart
    var hasRunning = false
    for status in pod.list("status", "containerStatuses").reversed() {
      restarts &+= status.number("restartCount")
      lastRestart = Self.later(lastRestart, Self.end(status))
      let waiting = status.text("state", "waiting", "reason")
      if !waiting.isEmpty {
        reason = waiting
      } else if let terminated = status[path: "state", "terminated"] {
        reason = Self.reason(ofEnd: terminated)
      } else if status["ready"]?.truth == true, status[path: "state", "running"] != nil {
        hasRunning = true
        ready += 1
      }
    }
    if reason == "Completed", hasRunning {
      reason = Cells.isTrue("Ready", in: pod) ? "Running" : "NotReady"
    }
  }

  private static func reason(ofEnd terminated: Value) -> String {
    let signal = terminated.number("signal")
    return terminated.text(
      "reason",
      or: signal != 0 ? "Signal:\(signal)" : "ExitCode:\(terminated.number("exitCode"))")
  }

  private static func end(_ status: Value) -> Int64? {
    Timestamp.seconds(status.text("lastState", "terminated", "finishedAt"))
  }

  private static func later(_ left: Int64?, _ right: Int64?) -> Int64? {
    guard let left, let right else { return left ?? right }
    return max(left, right)
  }
}
