internal import Primitives

/// The annotation in which an object carries what was applied last, as kubectl writes and reads it.
enum LastApplied {
  /// The annotation's key.
  static let annotation = "kubectl.kubernetes.io/last-applied-configuration"

  /// Bytes that all annotations of an object may have, as the API bounds them.
  static let annotationBytesMax = 256 * 1024

  /// The object with the annotation, which holds the object itself as JSON; without it if it would not fit into what an
  /// object's annotations may have together, for an API server would refuse every later change.
  static func annotated(_ object: Value) -> Value {
    guard case .object(var root) = object, case .object(var metadata)? = root["metadata"] else {
      fatalError("a manifest has no metadata")
    }
    var annotations = metadata["annotations"]?.object ?? Value.Object()
    annotations[annotation] = nil
    metadata["annotations"] = .object(annotations)
    root["metadata"] = .object(metadata)
    let configuration = Value.object(root).json + [0x0a]
    let bytes = annotations.members.reduce(annotation.utf8.count + configuration.count) {
      $0 + $1.name.utf8.count + ($1.value.text?.utf8.count ?? 0)
    }
    guard bytes <= annotationBytesMax else { return .object(root) }
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
