internal import EtcdAPI
internal import Logging

extension SlowRequest {
  /// What the log says of it.
  var metadata: Logger.Metadata {
    var metadata: Logger.Metadata = [
      "method": "\(path)", "remote": "\(remoteAddress)", "took-ms": "\(nanoseconds / 1_000_000)",
    ]
    for step in steps {
      metadata["\(step.kind.rawValue)-ms"] = "\(step.nanoseconds / 1_000_000)"
    }
    if let longest { metadata["longest"] = "\(longest.rawValue)" }
    if logSyncNanoseconds > 0 { metadata["log-sync-ms"] = "\(logSyncNanoseconds / 1_000_000)" }
    if let request { metadata["request"] = "\(request)" }
    return metadata
  }
}
