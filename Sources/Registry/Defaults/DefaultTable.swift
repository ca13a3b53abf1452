/// What the API server fills in where a manifest says nothing, type by type.
///
/// The schema's own defaults are mostly zero values, which fill nothing in; these are the ones that Kubernetes sets in
/// code, and that its controllers, and the tools that read objects, rely on.
enum DefaultTable {
  /// A field and what it is by default.
  struct Entry: Sendable {
    var field: String
    var value: Value
  }

  /// What the type has by default; nil if that is nothing. Types are named without `io.k8s.api.`.
  static func entries(for type: SchemaType) -> [Entry]? { byType[type.contents.name] }

  private static let byType: [String: [Entry]] = {
    var entries: [String: [Entry]] = [:]
    for (names, fields) in table {
      for name in names.split(separator: " ") {
        entries["io.k8s.api.\(name)"] = fields.members.map {
          Entry(field: $0.name, value: $0.value)
        }
      }
    }
    return entries
  }()

  /// The full names of the types that the table knows.
  static var names: [String] { byType.keys.sorted() }

  private static let yes = Value.bool(true)
  private static let no = Value.bool(false)
  private static let none = Value.emptyObject

  private static let table: KeyValuePairs<String, Value.Object> = [
    // Pods and what is in them.
    "core.v1.PodSpec": [
      "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler",
      "securityContext": none, "terminationGracePeriodSeconds": 30, "enableServiceLinks": yes,
    ],
    "core.v1.Container core.v1.EphemeralContainer": [
      "resources": none, "terminationMessagePath": "/dev/termination-log",
      "terminationMessagePolicy": "File",
    ],
    "core.v1.ContainerPort": ["protocol": "TCP"],
    "core.v1.Probe": [
      "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
    ],
    "core.v1.HTTPGetAction": ["path": "/", "scheme": "HTTP"],
    "core.v1.ObjectFieldSelector": ["apiVersion": "v1"],
    "core.v1.ResourceFieldSelector": ["divisor": "0"],
    "core.v1.ServiceAccountTokenProjection": ["expirationSeconds": 3607],
    "core.v1.SecretVolumeSource core.v1.ConfigMapVolumeSource core.v1.DownwardAPIVolumeSource core.v1.ProjectedVolumeSource":
      ["defaultMode": 420],
    "core.v1.HostPathVolumeSource": ["type": ""],
    "core.v1.ISCSIVolumeSource core.v1.ISCSIPersistentVolumeSource": ["iscsiInterface": "default"],
    "core.v1.RBDVolumeSource core.v1.RBDPersistentVolumeSource": [
      "pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring",
    ],
    "core.v1.AzureDiskVolumeSource": [
      "cachingMode": "ReadWrite", "fsType": "ext4", "kind": "Shared", "readOnly": no,
    ],
    "core.v1.ScaleIOVolumeSource core.v1.ScaleIOPersistentVolumeSource": [
      "fsType": "xfs", "storageMode": "ThinProvisioned",
    ],
    // Services, volumes and the rest of the core.
    "core.v1.ServiceSpec": [
      "type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster",
    ],
    "core.v1.ServicePort": ["protocol": "TCP"],
    "core.v1.ClientIPConfig": ["timeoutSeconds": 10_800],
    "core.v1.EndpointPort": ["protocol": "TCP"],
    "core.v1.PersistentVolumeClaimSpec": ["volumeMode": "Filesystem"],
    "core.v1.PersistentVolumeSpec": [
      "volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Retain",
    ],
    "core.v1.ReplicationControllerSpec": ["replicas": 1],
    "core.v1.Secret": ["type": "Opaque"],
    // Workloads.
    "apps.v1.DeploymentSpec": [
      "replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600, "strategy": none,
    ],
    "apps.v1.DeploymentStrategy": ["type": "RollingUpdate"],
    "apps.v1.ReplicaSetSpec": ["replicas": 1],
    "apps.v1.StatefulSetSpec": [
      "replicas": 1, "revisionHistoryLimit": 10, "podManagementPolicy": "OrderedReady",
      "updateStrategy": none, "persistentVolumeClaimRetentionPolicy": none,
    ],
    "apps.v1.StatefulSetUpdateStrategy": ["type": "RollingUpdate"],
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": [
      "whenDeleted": "Retain", "whenScaled": "Retain",
    ],
    "apps.v1.DaemonSetSpec": ["revisionHistoryLimit": 10, "updateStrategy": none],
    "apps.v1.DaemonSetUpdateStrategy": ["type": "RollingUpdate"],
    "batch.v1.JobSpec": [
      "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": no,
      "podReplacementPolicy": "TerminatingOrFailed",
    ],
    "batch.v1.CronJobSpec": [
      "concurrencyPolicy": "Allow", "suspend": no, "successfulJobsHistoryLimit": 3,
      "failedJobsHistoryLimit": 1,
    ],
    "autoscaling.v1.HorizontalPodAutoscalerSpec autoscaling.v2.HorizontalPodAutoscalerSpec": [
      "minReplicas": 1
    ],
    // Networks.
    "networking.v1.NetworkPolicyPort": ["protocol": "TCP"],
    "discovery.v1.EndpointPort": ["protocol": "TCP", "name": ""],
    // Access and policy.
    "rbac.v1.RoleRef": ["apiGroup": "rbac.authorization.k8s.io"],
    "scheduling.v1.PriorityClass": ["preemptionPolicy": "PreemptLowerPriority"],
    "storage.v1.StorageClass": ["reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"],
    "storage.v1.CSIDriverSpec": [
      "attachRequired": yes, "podInfoOnMount": no, "storageCapacity": no,
      "fsGroupPolicy": "ReadWriteOnceWithFSType", "requiresRepublish": no,
      "volumeLifecycleModes": .array(["Persistent"]), "seLinuxMount": no,
    ],
    "flowcontrol.v1.FlowSchemaSpec": ["matchingPrecedence": 1000],
    "admissionregistration.v1.ValidatingWebhook": webhook,
    "admissionregistration.v1.MutatingWebhook": mutatingWebhook,
    "admissionregistration.v1.RuleWithOperations admissionregistration.v1.NamedRuleWithOperations":
      ["scope": "*"],
    "admissionregistration.v1.ServiceReference": ["port": 443],
    "admissionregistration.v1.ValidatingAdmissionPolicySpec": ["failurePolicy": "Fail"],
    "admissionregistration.v1.MatchResources": [
      "matchPolicy": "Equivalent", "namespaceSelector": none, "objectSelector": none,
    ],
    "resource.v1.DeviceToleration": ["operator": "Equal"],
  ]

  private static let webhook: Value.Object = [
    "failurePolicy": "Fail", "matchPolicy": "Equivalent", "namespaceSelector": none,
    "objectSelector": none, "timeoutSeconds": 10,
  ]
  private static let mutatingWebhook: Value.Object = {
    var fields = webhook
    fields["reinvocationPolicy"] = "Never"
    return fields
  }()
}
