/// The syntax of namespaces' names.
public enum NamespaceName {
  /// What is wrong with a name; nil if nothing is.
  public static func complaint(_ name: String) -> String? {
    NameRules.complaint(name: name, rule: .label)
  }
}

/// The syntax of names, labels and annotations, as the Kubernetes API checks it.
enum NameRules {
  /// What the names of a kind must be.
  enum Rule {
    /// Labels with dots between them, at most 253 characters (RFC 1123).
    case subdomain
    /// Lower-case letters, digits and dashes, at most 63 characters (RFC 1123).
    case label
    /// The same, beginning with a letter (RFC 1035).
    case serviceLabel
    /// Anything that can be one part of a path.
    case pathSegment
  }

  /// The rule for a kind. Longer limits, and names that are made of fields, are checked with the fields.
  static func rule(for type: ResourceType) -> Rule {
    switch (type.group, type.kind) {
    case ("", "Namespace"): .label
    case ("", "Service"): .serviceLabel
    case ("rbac.authorization.k8s.io", _), ("certificates.k8s.io", "ClusterTrustBundle"),
      ("internal.apiserver.k8s.io", _), ("networking.k8s.io", "IPAddress"):
      .pathSegment
    default: .subdomain
    }
  }

  /// What is wrong with a name; nil if nothing is.
  static func complaint(name: String, rule: Rule) -> String? {
    switch rule {
    case .subdomain:
      isSubdomain(name)
        ? nil
        : "must be at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at "
          + "both ends and around each '.'"
    case .label:
      isLabel(name)
        ? nil
        : "must be at most 63 lower-case letters, digits and '-', with a letter or digit at both ends"
    case .serviceLabel:
      isLabel(name) && !isDigit(name.utf8.first ?? 0)
        ? nil
        : "must be at most 63 lower-case letters, digits and '-', with a letter in front and a letter "
          + "or digit at the end"
    case .pathSegment:
      !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
        && !name.utf8.contains(UInt8(ascii: "%"))
        ? nil : "must not be '.' or '..' and must not contain '/' or '%'"
    }
  }

  static func isLabel(_ text: String) -> Bool {
    isLabel(text.utf8[...])
  }

  private static func isLabel(_ text: Substring.UTF8View) -> Bool {
    guard let first = text.first, let last = text.last, text.count <= 63 else { return false }
    return isLowerOrDigit(first) && isLowerOrDigit(last)
      && text.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
  }

  static func isSubdomain(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 253 else { return false }
    return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy { part in
        guard let first = part.first, let last = part.last else { return false }
        return isLowerOrDigit(first) && isLowerOrDigit(last)
          && part.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
      }
  }

  /// What is wrong with the key of a label or an annotation; nil if nothing is.
  static func complaint(qualifiedName text: String) -> String? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2 else { return "must have at most one '/'" }
    if parts.count == 2, !isSubdomain(parts[0]) {
      return "must have a DNS name in front of the '/'"
    }
    guard isWord(parts.last ?? "", atMost: 63) else {
      return
        "must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"
    }
    return nil
  }

  /// What is wrong with the value of a label; nil if nothing is.
  static func complaint(labelValue text: String) -> String? {
    text.isEmpty || isWord(text, atMost: 63)
      ? nil
      : "must be at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends"
  }

  /// Whether a text may be a name inside a ConfigMap or a Secret.
  static func isDataKey(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 253 && text != "." && !text.hasPrefix("..")
      && text.utf8.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
  }

  private static func isWord(_ text: String, atMost count: Int) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= count else {
      return false
    }
    return isLetterOrDigit(first) && isLetterOrDigit(last)
      && text.utf8.allSatisfy { isLetterOrDigit($0) || "-_.".utf8.contains($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7a).contains(byte)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    isLowerOrDigit(byte) || (0x41...0x5a).contains(byte)
  }
}
