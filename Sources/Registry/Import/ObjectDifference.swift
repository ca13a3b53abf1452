/// What applying a manifest changes, as a unified difference of YAML.
enum ObjectDifference {
  /// Empty if nothing changes.
  static func text(_ manifest: Manifest, _ result: ImportResult) -> String {
    guard result.action != .unchanged, let after = result.after else { return "" }
    let place = [
      manifest.object["apiVersion"]?.text?.split(separator: "/").joined(separator: "."),
      manifest.type.kind, manifest.namespace, manifest.name,
    ].compactMap { $0 }.joined(separator: ".")
    return LineDiff.unified(
      result.before.map { shown($0).yaml } ?? "", shown(after).yaml, oldName: "LIVE/\(place)",
      newName: "MERGED/\(place)")
  }

  /// Without what only repeats the object or books its changes.
  private static func shown(_ object: Value) -> Value {
    guard case .object(var root) = object, case .object(var metadata)? = root["metadata"] else {
      return object
    }
    if case .object(var annotations)? = metadata["annotations"] {
      annotations[LastApplied.annotation] = nil
      metadata["annotations"] = annotations.isEmpty ? nil : .object(annotations)
    }
    metadata["managedFields"] = nil
    root["metadata"] = .object(metadata)
    if root["kind"] == "Secret", let data = root["data"]?.object {
      root["data"] = masked(data)
    }
    return .object(root)
  }

  /// Secrets are not shown; that one changed is, by a digest of few bits.
  private static func masked(_ data: Value.Object) -> Value {
    let members = data.members.map { member in
      Value.Object.Member(member.name, .string("*** (\(fingerprint(member.value.text ?? "")))"))
    }
    return Value.Object(unordered: members).map(Value.object) ?? .emptyObject
  }

  /// Differs with the text, of which it tells nothing, within this process.
  private static func fingerprint(_ text: String) -> String {
    var hasher = Hasher()
    hasher.combine(text)
    return String(UInt16(truncatingIfNeeded: hasher.finalize()), radix: 16)
  }
}
