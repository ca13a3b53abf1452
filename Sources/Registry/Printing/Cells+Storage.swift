extension Cells {
  /// Kinds about volumes.
  static let storage: [String: [String: Cell]] = [
    "persistentvolumes": [
      "Capacity": { object, _ in object.text("spec", "capacity", "storage") },
      "Access Modes": { object, _ in modes(object.list("spec", "accessModes")) },
      "Reclaim Policy": { object, _ in
        object.text("spec", "persistentVolumeReclaimPolicy", or: "Retain")
      },
      "Status": { object, _ in phase(object) },
      "Claim": { object, _ in
        guard let claim = object[path: "spec", "claimRef"] else { return "" }
        return claim.text("namespace") + "/" + claim.text("name")
      },
      "StorageClass": { object, _ in storageClass(object) },
      "VolumeAttributesClass": { object, _ in
        object.text("spec", "volumeAttributesClassName", or: unset)
      },
      "Reason": { object, _ in object.text("status", "reason") },
      "VolumeMode": { object, _ in object.text("spec", "volumeMode", or: unset) },
    ],
    "persistentvolumeclaims": [
      "Status": { object, _ in phase(object) },
      "Volume": { object, _ in object.text("spec", "volumeName") },
      // What the volume has, not what was asked for.
      "Capacity": { object, _ in
        isBound(object) ? object.text("status", "capacity", "storage", or: "0") : ""
      },
      "Access Modes": { object, _ in
        isBound(object) ? modes(object.list("status", "accessModes")) : ""
      },
      "StorageClass": { object, _ in storageClass(object) },
      "VolumeAttributesClass": { object, _ in
        object.text("spec", "volumeAttributesClassName", or: unset)
      },
      "VolumeMode": { object, _ in object.text("spec", "volumeMode", or: unset) },
    ],
    "storageclasses.storage.k8s.io": [
      "Name": { object, _ in withDefault(object, "storageclass") },
      "Provisioner": { object, _ in object.text("provisioner") },
      "ReclaimPolicy": { object, _ in object.text("reclaimPolicy", or: "Delete") },
      "VolumeBindingMode": { object, _ in object.text("volumeBindingMode", or: "Immediate") },
      "AllowVolumeExpansion": { object, _ in truth(object["allowVolumeExpansion"], or: false) },
    ],
    "volumeattributesclasses.storage.k8s.io": [
      "Name": { object, _ in withDefault(object, "volumeattributesclass") },
      "DriverName": { object, _ in object.text("driverName") },
    ],
    "volumeattachments.storage.k8s.io": [
      "Attacher": { object, _ in object.text("spec", "attacher") },
      "PV": { object, _ in object.text("spec", "source", "persistentVolumeName") },
      "Node": { object, _ in object.text("spec", "nodeName") },
      "Attached": { object, _ in truth(object[path: "status", "attached"], or: false) },
    ],
    "csinodes.storage.k8s.io": [
      "Drivers": { object, _ in String(object.list("spec", "drivers").count) }
    ],
    "csidrivers.storage.k8s.io": [
      "AttachRequired": { object, _ in truth(object[path: "spec", "attachRequired"], or: true) },
      "PodInfoOnMount": { object, _ in truth(object[path: "spec", "podInfoOnMount"], or: false) },
      "StorageCapacity": { object, _ in truth(object[path: "spec", "storageCapacity"], or: false) },
      "TokenRequests": { object, _ in
        let requests = object.list("spec", "tokenRequests").map { $0.text("audience") }
        return requests.isEmpty ? unset : requests.joined(separator: ",")
      },
      "RequiresRepublish": { object, _ in
        truth(object[path: "spec", "requiresRepublish"], or: false)
      },
      "Modes": { object, _ in
        list(object.list("spec", "volumeLifecycleModes").map(GoText.text))
      },
    ],
  ]

  private static func phase(_ object: Value) -> String {
    isDeleted(object) ? "Terminating" : object.text("status", "phase", or: "Pending")
  }

  private static func isBound(_ claim: Value) -> Bool {
    !claim.text("spec", "volumeName").isEmpty
  }

  /// An annotation says it where the field did not exist yet.
  private static func storageClass(_ object: Value) -> String {
    object.text(
      "metadata", "annotations", "volume.beta.kubernetes.io/storage-class",
      or: object.text("spec", "storageClassName"))
  }

  private static func withDefault(_ object: Value, _ kind: String) -> String {
    let isDefault = ["", "beta."].contains { stage in
      object.text("metadata", "annotations", "\(kind).\(stage)kubernetes.io/is-default-class")
        == "true"
    }
    return object.text("metadata", "name") + (isDefault ? " (default)" : "")
  }

  /// The modes' short names, each once, in the order of the API server.
  static func modes(_ modes: [Value]) -> String {
    let given = modes.compactMap(\.text)
    return [
      ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"),
      ("ReadWriteOncePod", "RWOP"),
    ].filter { given.contains($0.0) }.map(\.1).joined(separator: ",")
  }
}
