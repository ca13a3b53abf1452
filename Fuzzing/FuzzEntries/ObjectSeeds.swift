internal import Primitives
internal import Registry

/// Objects of several kinds, with most forms of fields, as kube-apiserver stores them.
enum ObjectSeeds {
  static let all: [Bytes] =
    texts.compactMap { text in
      guard let value = try? Value(json: Bytes(text.utf8)) else { return nil }
      return try? ObjectCodec.encode(value, as: .protobuf).bytes
    } + [Bytes("k8s:enc:aescbc:v1:key1:....".utf8), [0xd9, 0xd9, 0xf7, 0xa0]]

  private static let texts = [
    """
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"b": "c"},
      "creationTimestamp": "2023-11-14T22:13:20Z", "managedFields": [{"fieldsV1": {"f:spec": {}}}]},
      "spec": {"containers": [{"name": "c", "args": ["", "x"], "resources": {"limits": {"cpu": "1"}},
        "livenessProbe": {"httpGet": {"port": "http"}, "periodSeconds": 1}}],
      "volumes": [{"name": "v", "emptyDir": {}}, {"name": "w", "configMap": {"name": "m"}}]}}
    """,
    """
    {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
      "spec": {"renewTime": "2023-11-14T22:13:20.000001Z", "leaseDurationSeconds": 15}}
    """,
    """
    {"apiVersion": "v1", "kind": "Secret", "data": {"a": "AAEC"}, "immutable": false}
    """,
    """
    {"apiVersion": "apps/v1", "kind": "ControllerRevision", "revision": 3, "data": {"a": [1, null]}}
    """,
    """
    {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {"versions":
      [{"name": "v1", "schema": {"openAPIV3Schema": {"properties": {"a": {"maximum": 1.5, "items":
      {"type": "string"}, "additionalProperties": true, "enum": [1, "b", null],
      "dependencies": {"d": ["e"]}}}}}}]}}
    """,
    """
    {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
      "spec": {"extra": {"a": ["b", "c"]}, "request": "AA==", "signerName": "s"}}
    """,
  ]
}
