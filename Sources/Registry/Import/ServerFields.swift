/// Fills in what an API server fills in, so that kube-apiserver finds a complete object.
struct ServerFields: Sendable {
  /// Seconds since 1970.
  var now: @Sendable () -> Int64
  /// Random numbers for unique identifiers.
  var random: @Sendable () -> UInt64

  /// The object that is created from a manifest.
  func created(_ manifest: Manifest) -> Value {
    guard case .object(var object) = filled(Self.desired(manifest), manifest),
      case .object(var metadata)? = object["metadata"]
    else { fatalError("a manifest has no metadata") }
    metadata["uid"] = .string(uniqueIdentifier())
    metadata["creationTimestamp"] = .string(Timestamp.text(now()))
    if countsGenerations(manifest.type, .object(object)) { metadata["generation"] = 1 }
    object["metadata"] = .object(metadata)
    if let status = FirstStatus.status(of: manifest.type, object) { object["status"] = status }
    return .object(object)
  }

  /// The object that replaces an existing one: what the manifest says, and what belongs to others; nil if the two are
  /// written in versions between which nobody knows the way.
  func replaced(_ existing: Value, by manifest: Manifest) -> Value? {
    let version = existing["apiVersion"]?.text ?? ""
    let original = LastApplied.configuration(of: existing)
      .map { StorageVersion.converted(Self.asked($0, manifest.type), to: version) }
    let desired = StorageVersion.converted(Self.desired(manifest), to: version)
    guard desired["apiVersion"]?.text == version else { return nil }
    var manifest = manifest
    if manifest.object["apiVersion"]?.text != version {
      manifest.schema = StorageVersion.schema(of: manifest.type, version, in: .kubernetes)
    }
    let merged = ThreeWayMerge.merged(
      original: original?["apiVersion"]?.text == version ? original : nil, modified: desired,
      current: existing, type: manifest.schema, isCustom: manifest.type.isCustom)
    guard case .object(var object) = filled(merged, manifest),
      case .object(var metadata)? = object["metadata"]
    else { fatalError("a manifest has no metadata") }
    // An object that somebody wrote without an identity gets one.
    if metadata["uid"] == nil { metadata["uid"] = .string(uniqueIdentifier()) }
    if metadata["creationTimestamp"] == nil {
      metadata["creationTimestamp"] = .string(Timestamp.text(now()))
    }
    metadata["resourceVersion"] = nil
    if !LastApplied.isIn(desired), case .object(var annotations)? = metadata["annotations"] {
      // What an earlier, shorter manifest said is no longer what was applied last.
      annotations[LastApplied.annotation] = nil
      metadata["annotations"] = .object(annotations)
    }
    if countsGenerations(manifest.type, .object(object)) {
      let generation = metadata["generation"]?.wholeNumber
      let isSame = Self.withoutMetadata(.object(object)) == Self.withoutMetadata(existing)
      metadata["generation"] = .integer(isSame ? generation ?? 1 : (generation ?? 0) &+ 1)
    }
    object["metadata"] = .object(metadata)
    return .object(object)
  }

  /// What a manifest asks for, with the annotation that says so.
  private static func desired(_ manifest: Manifest) -> Value {
    let value = asked(LastApplied.annotated(manifest.object), manifest.type)
    guard manifest.isNamespace, case .object(var object) = value else { return value }
    if case .object(var metadata)? = object["metadata"] {
      // Every namespace carries its name as a label, and is held back by one finalizer.
      var labels = metadata["labels"]?.object ?? Value.Object()
      labels["kubernetes.io/metadata.name"] = .string(manifest.name)
      metadata["labels"] = .object(labels)
      object["metadata"] = .object(metadata)
      var spec = object["spec"]?.object ?? Value.Object()
      if spec["finalizers"] == nil { spec["finalizers"] = .array(["kubernetes"]) }
      object["spec"] = .object(spec)
    }
    return .object(object)
  }

  /// What a manifest's object asks for: nothing of a status that controllers write, and texts as data.
  private static func asked(_ value: Value, _ type: ResourceType) -> Value {
    guard case .object(var object) = value else { return value }
    if dropsStatus(type) { object["status"] = nil }
    return folded(.object(object), type)
  }

  /// A Secret's `stringData` is a way to write `data`, and wins over it.
  private static func folded(_ value: Value, _ type: ResourceType) -> Value {
    guard type.group.isEmpty, type.kind == "Secret", case .object(var secret) = value else {
      return value
    }
    if let texts = secret["stringData"]?.object {
      var data = secret["data"]?.object ?? Value.Object()
      for member in texts.members {
        data[member.name] = .string(Base64.encoded(Array((member.value.text ?? "").utf8)))
      }
      secret["data"] = .object(data)
    }
    secret["stringData"] = nil
    return .object(secret)
  }

  private func filled(_ object: Value, _ manifest: Manifest) -> Value {
    manifest.schema.map { ObjectDefaults.filled(object, $0) } ?? object
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
  private func countsGenerations(_ type: ResourceType, _ object: Value) -> Bool {
    guard object["spec"] != nil else { return false }
    return !type.group.isEmpty || ["Pod", "ReplicationController"].contains(type.kind)
  }

  /// Whether a manifest's status is left out: it is for controllers to write. A node brings its own.
  private static func dropsStatus(_ type: ResourceType) -> Bool {
    type.subresources.contains("status") && !(type.group.isEmpty && type.kind == "Node")
  }

  private static let digits = Array("0123456789abcdef".utf8)

  /// A random identifier (RFC 9562, version 4).
  private func uniqueIdentifier() -> String {
    let high = random() & ~0xf000 | 0x4000
    let low = random() & ~(3 << 62) | (2 << 62)
    return unsafe String(unsafeUninitializedCapacity: 36) { buffer in
      var place = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          unsafe buffer[place] = UInt8(ascii: "-")
          place += 1
        }
        let word = index < 16 ? high : low
        unsafe buffer[place] =
          Self.digits[Int(truncatingIfNeeded: word >> (60 - 4 * (index & 15))) & 15]
        place += 1
      }
      return 36
    }
  }
}

/// The status that an API server gives a new object, before any controller has seen it.
enum FirstStatus {
  /// Nil for kinds that begin without one.
  static func status(of type: ResourceType, _ object: Value.Object) -> Value? {
    guard type.group.isEmpty else { return nil }
    switch type.kind {
    case "Namespace": return .object(["phase": "Active"])
    case "PersistentVolumeClaim", "PersistentVolume": return .object(["phase": "Pending"])
    case "Pod":
      return .object(["phase": "Pending", "qosClass": .string(qualityOfService(object["spec"]))])
    default: return nil
    }
  }

  /// How a node treats a pod when memory gets short: by whether its containers say what they need, and no more.
  private static func qualityOfService(_ spec: Value?) -> String {
    let containers =
      (spec?["containers"]?.elements ?? []) + (spec?["initContainers"]?.elements ?? [])
    var isGuaranteed = true
    var asksForAny = false
    for container in containers {
      let requests = container[path: "resources", "requests"]
      let limits = container[path: "resources", "limits"]
      for name in ["cpu", "memory"] {
        let request = requests?[name]?.text
        let limit = limits?[name]?.text
        if request != nil || limit != nil { asksForAny = true }
        if limit == nil || limit != request { isGuaranteed = false }
      }
    }
    return asksForAny ? (isGuaranteed ? "Guaranteed" : "Burstable") : "BestEffort"
  }
}
