/// The versions that Keelson goes by.
public enum Version {
  /// This release of Keelson.
  public static let keelson = "0.1.0"
  /// The level of the etcd v3 API that is served: what version probes read.
  public static let etcdAPI = "3.7.1"
  /// The same, as the cluster's version: no patch level.
  public static let etcdCluster = "3.7.0"
}
