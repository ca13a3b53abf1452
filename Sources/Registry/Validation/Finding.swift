/// How severe the checks are.
public enum ValidationMode: String, Hashable, Sendable, CaseIterable {
  /// Whatever is wrong with an object keeps it from being stored.
  case strict
  /// Fields that the type does not have are named and left out; elements that occur twice are named.
  case warn
  /// Fields that the type does not have are left out.
  case ignore
}

/// Something that is wrong with an object, and where.
struct Finding: Hashable, Sendable {
  var position: Position
  var message: String
  /// Whether the object can be stored without what was found: only strict validation refuses it.
  var isTolerable = false
}

extension FieldPath {
  /// Whether it is the object itself.
  var isRoot: Bool { steps.isEmpty }

  /// Whether it leads into the object's status.
  var isInStatus: Bool {
    if case .field("status")? = steps.first { true } else { false }
  }
}
