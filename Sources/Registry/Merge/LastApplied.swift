internal import Primitives

/// The annotation in which an object carries what was applied last, as kubectl writes and reads it.
enum LastApplied {
  /// The annotation's key.
  static let annotation = "kubectl.kubernetes.io/last-applied-configuration"

  /// The object with the annotation, which holds the object itself as JSON.
  static func annotated(_ object: Value) -> Value {
    guard case .object(var root) = object, case .object(var metadata)? = root["metadata"] else {
      fatalError("a manifest has no metadata")
    }
    var annotations = metadata["annotations"]?.object ?? Value.Object()
    annotations[annotation] = nil
    metadata["annotations"] = .object(annotations)
    root["metadata"] = .object(metadata)
    let configuration = Value.object(root).json + [0x0a]
    annotations[annotation] = .string(String(decoding: configuration, as: UTF8.self))
    metadata["annotations"] = .object(annotations)
    root["metadata"] = .object(metadata)
    return .object(root)
  }

  /// What was applied last to a stored object; nil if nobody did, or if it cannot be read.
  static func configuration(of object: Value) -> Value? {
    guard let text = object[path: "metadata", "annotations", annotation]?.text,
      let value = try? Value(json: Bytes(text.utf8)), value.object != nil
    else { return nil }
    return value
  }

  /// Whether a stored object has been applied from a manifest.
  static func isIn(_ object: Value) -> Bool {
    object[path: "metadata", "annotations", annotation]?.text != nil
  }
}
