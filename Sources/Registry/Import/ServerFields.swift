/// Fills in what an API server fills in, so that kube-apiserver finds a complete object.
struct ServerFields: Sendable {
  /// Seconds since 1970.
  var now: @Sendable () -> Int64
  /// Random numbers for unique identifiers.
  var random: @Sendable () -> UInt64

  /// The object that is created from a manifest.
  func created(_ manifest: Manifest) -> Value {
    guard case .object(var object) = filled(manifest),
      case .object(var metadata)? = object["metadata"]
    else { fatalError("a manifest has no metadata") }
    metadata["uid"] = .string(uniqueIdentifier())
    metadata["creationTimestamp"] = .string(Timestamp.text(now()))
    if countsGenerations(manifest) { metadata["generation"] = .integer(1) }
    object["metadata"] = .object(metadata)
    if dropsStatus(manifest) { object["status"] = nil }
    return .object(object)
  }

  /// The object that replaces an existing one: what the manifest says, and what belongs to others.
  func replaced(_ existing: Value, by manifest: Manifest) -> Value {
    guard case .object(var object) = filled(manifest),
      case .object(var metadata)? = object["metadata"]
    else { fatalError("a manifest has no metadata") }
    let old = existing["metadata"]
    metadata["uid"] = old?["uid"] ?? .string(uniqueIdentifier())
    metadata["creationTimestamp"] = old?["creationTimestamp"] ?? .string(Timestamp.text(now()))
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink"] {
      metadata[field] = old?[field]
    }
    for field in ["finalizers", "ownerReferences"] where metadata[field] == nil {
      metadata[field] = old?[field]
    }
    if manifest.type.subresources.contains("status"), let status = existing["status"] {
      object["status"] = status
    } else if dropsStatus(manifest) {
      object["status"] = nil
    }
    var generation = old?["generation"]?.wholeNumber
    if countsGenerations(manifest) {
      let isSame = Self.withoutMetadata(.object(object)) == Self.withoutMetadata(existing)
      generation = isSame ? generation ?? 1 : (generation ?? 0) &+ 1
    }
    metadata["generation"] = generation.map(Value.integer)
    object["metadata"] = .object(metadata)
    return .object(object)
  }

  /// What a generation counts the changes of, as bytes: texts are compared byte by byte.
  private static func withoutMetadata(_ object: Value) -> [UInt8] {
    guard case .object(var object) = object else { return [] }
    object["metadata"] = nil
    object["status"] = nil
    object["apiVersion"] = nil
    return Value.object(object).json
  }

  /// The API server counts generations where a controller follows a spec.
  private func countsGenerations(_ manifest: Manifest) -> Bool {
    guard manifest.object["spec"] != nil else { return false }
    return !manifest.type.group.isEmpty
      || ["Pod", "ReplicationController"].contains(manifest.type.kind)
  }

  /// Whether a manifest's status is left out: it is for controllers to write. A node brings its own, and a namespace
  /// begins with one.
  private func dropsStatus(_ manifest: Manifest) -> Bool {
    manifest.type.subresources.contains("status")
      && !(manifest.type.group.isEmpty && ["Node", "Namespace"].contains(manifest.type.kind))
  }

  /// The manifest's object with what its kind always has.
  private func filled(_ manifest: Manifest) -> Value {
    guard manifest.type.group.isEmpty, manifest.type.kind == "Namespace",
      case .object(var object) = manifest.object
    else { return manifest.object }
    // Every namespace carries its name as a label, is held back by one finalizer, and begins in this phase.
    var metadata = object["metadata"]?.object ?? Value.Object()
    var labels = metadata["labels"]?.object ?? Value.Object()
    labels["kubernetes.io/metadata.name"] = .string(manifest.name)
    metadata["labels"] = .object(labels)
    object["metadata"] = .object(metadata)
    var spec = object["spec"]?.object ?? Value.Object()
    if spec["finalizers"] == nil { spec["finalizers"] = .array(["kubernetes"]) }
    object["spec"] = .object(spec)
    object["status"] = .object(["phase": "Active"])
    return .object(object)
  }

  /// A random identifier (RFC 9562, version 4).
  private func uniqueIdentifier() -> String {
    let high = random() & ~0xf000 | 0x4000
    let low = random() & ~(3 << 62) | (2 << 62)
    func hexadecimal(_ number: UInt64, _ digits: Int) -> String {
      let text = String(number, radix: 16)
      return String(repeating: "0", count: digits - text.count) + text
    }
    return hexadecimal(high >> 32, 8) + "-" + hexadecimal(high >> 16 & 0xffff, 4) + "-"
      + hexadecimal(high & 0xffff, 4) + "-" + hexadecimal(low >> 48, 4) + "-"
      + hexadecimal(low & 0xffff_ffff_ffff, 12)
  }
}
