import Primitives
import Testing

@testable import Registry

@Suite("The schema")
struct SchemaTests {
  let schema = Schema.kubernetes

  @Test("a Deployment's fields are known down to its containers")
  func deployment() throws {
    let deployment = try #require(schema.type(apiVersion: "apps/v1", kind: "Deployment"))
    #expect(deployment.name == "io.k8s.api.apps.v1.Deployment")
    #expect(
      deployment.fields.map(\.name) == ["apiVersion", "kind", "metadata", "spec", "status"])
    let spec = try #require(deployment.field(named: "spec")?.type.innermostStructure)
    #expect(spec.field(named: "selector")?.isRequired == true)
    #expect(spec.field(named: "replicas")?.type == .int32)
    #expect(spec.field(named: "replica") == nil)
    let template = try #require(spec.field(named: "template")?.type.innermostStructure)
    let pod = try #require(template.field(named: "spec")?.type.innermostStructure)
    #expect(pod.shortName == "PodSpec")
    let containers = try #require(pod.field(named: "containers"))
    #expect(containers.isRequired)
    #expect(containers.listType == .map(keys: ["name"]))
    #expect(
      containers.patchStrategy
        == PatchStrategy(merges: true, retainsKeys: false, mergeKey: "name"))
    #expect(pod.field(named: "restartPolicy")?.enumeration == ["Always", "Never", "OnFailure"])
    #expect(
      pod.field(named: "volumes")?.patchStrategy
        == PatchStrategy(merges: true, retainsKeys: true, mergeKey: "name"))
    let container = try #require(containers.type.innermostStructure)
    #expect(
      container.field(named: "ports")?.listType == .map(keys: ["containerPort", "protocol"]))
    #expect(
      spec.field(named: "strategy")?.patchStrategy
        == PatchStrategy(merges: false, retainsKeys: true, mergeKey: nil))
  }

  @Test("special types are told apart")
  func specialTypes() throws {
    func type(_ name: String, _ field: String) throws -> FieldType? {
      try #require(Schema.type(named: name)).field(named: field)?.type
    }
    #expect(try type("io.k8s.api.core.v1.ServicePort", "targetPort") == .intOrString)
    #expect(try type("io.k8s.api.core.v1.ResourceRequirements", "limits") == .map(.quantity))
    #expect(try type("io.k8s.api.coordination.v1.LeaseSpec", "renewTime") == .microTime)
    #expect(try type("io.k8s.api.core.v1.Secret", "data") == .map(.bytes))
    #expect(try type("io.k8s.api.apps.v1.ControllerRevision", "data") == .any)
    #expect(try type("io.k8s.api.core.v1.RangeAllocation", "data") == .bytes)
    let definitions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
    let props = try #require(Schema.type(named: definitions))
    #expect(
      props.field(named: "items")?.type == .either(.structure(props), .list(.structure(props))))
    #expect(props.field(named: "maximum")?.type == .double)
  }

  @Test("defaults are values, and enumerations may hold the empty text")
  func defaults() throws {
    let port = try #require(Schema.type(named: "io.k8s.api.core.v1.ServicePort"))
    #expect(port.field(named: "protocol")?.defaultValue == "TCP")
    #expect(port.field(named: "port")?.defaultValue == 0)
    let path = try #require(Schema.type(named: "io.k8s.api.core.v1.HostPathVolumeSource"))
    #expect(path.field(named: "type")?.enumeration.first == "")
  }

  @Test(
    "every field of a kind that is stored as protobuf has its number, and all lists are in order")
  func consistency() {
    #expect(Schema.release == "1.36.2")
    #expect(Schema.types.count == 575)
    for type in Schema.types {
      let names = type.fields.map(\.name)
      #expect(
        zip(names, names.dropFirst()).allSatisfy { isOrdered($0, before: $1) }, "\(type.name)")
      guard type.hasMessage else { continue }
      for field in type.fields
      where !(type.kind != nil && ["apiVersion", "kind"].contains(field.name)) {
        #expect(field.wire != nil, "\(type.name).\(field.name)")
      }
    }
    for type in ResourceTable.kubernetes.types where type.isStoredAsProtobuf {
      #expect(schema.type(apiVersion: type.storageVersion, kind: type.kind)?.hasMessage == true)
    }
  }

  @Test("resources tell their versions, verbs, categories and columns")
  func resources() throws {
    let table = ResourceTable.kubernetes
    let pods = try #require(table.type(named: "po"))
    #expect(pods.categories == ["all"])
    #expect(pods.verbs.count == 8)
    #expect(pods.storageVersion == "v1")
    let columns = try #require(pods.columns["v1"])
    #expect(columns.map(\.name).prefix(5) == ["Name", "Ready", "Status", "Restarts", "Age"])
    #expect(columns.first?.format == "name")
    #expect(columns.filter { $0.priority == 0 }.count == 5)
    let scalers = try #require(table.type(named: "hpa"))
    #expect(scalers.storageVersion == "autoscaling/v2")
    #expect(scalers.columns.keys.sorted() == ["v1", "v2"])
    let definitions = try #require(table.type(named: "crd"))
    #expect(definitions.storageVersion == "apiextensions.k8s.io/v1beta1")
    #expect(!definitions.isStoredAsProtobuf)
    #expect(try !#require(table.type(named: "apiservices")).isStoredAsProtobuf)
  }

  static let definition = """
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: boats.harbour.example}
    spec:
      group: harbour.example
      scope: Namespaced
      names: {plural: boats, kind: Boat, categories: [all]}
      versions:
      - name: v1
        served: true
        storage: true
        additionalPrinterColumns:
        - {name: Length, type: integer, jsonPath: .spec.length, priority: 1}
        schema:
          openAPIV3Schema:
            type: object
            required: [spec]
            properties:
              spec:
                type: object
                required: [length]
                properties:
                  length: {type: integer, minimum: 1, default: 4}
                  berth: {x-kubernetes-int-or-string: true, nullable: true}
                  rig: {type: string, enum: [sloop, ketch]}
                  crew:
                    type: array
                    x-kubernetes-list-type: map
                    x-kubernetes-list-map-keys: [name]
                    items: {type: object, properties: {name: {type: string}}}
                  labels: {type: object, additionalProperties: {type: string}}
                  extra: {type: object, x-kubernetes-preserve-unknown-fields: true}
                  engine:
                    type: object
                    x-kubernetes-embedded-resource: true
                    properties: {power: {type: number}}
      - {name: v0, served: false, storage: false}
    """

  @Test("a stored definition makes types of its own")
  func customTypes() throws {
    var table = ResourceTable.kubernetes
    let definition = try #require(try documents(Self.definition).first).value
    table.define(definition)
    let boats = try #require(table.type(named: "boats"))
    #expect(boats.columns["v1"]?.first?.jsonPath == ".spec.length")
    #expect(boats.columns["v1"]?.first?.kind == .integer)
    #expect(boats.categories == ["all"])
    #expect(boats.storageVersion == "harbour.example/v1")
    let boat = try #require(table.schema.type(apiVersion: "harbour.example/v1", kind: "Boat"))
    #expect(boat.fields.map(\.name) == ["apiVersion", "kind", "metadata", "spec"])
    #expect(boat.field(named: "spec")?.isRequired == true)
    #expect(boat.field(named: "metadata")?.type.innermostStructure?.shortName == "ObjectMeta")
    let spec = try #require(boat.field(named: "spec")?.type.innermostStructure)
    #expect(spec.field(named: "length")?.defaultValue == 4)
    #expect(spec.field(named: "length")?.openAPI?["minimum"] == 1)
    #expect(spec.field(named: "berth")?.type == .intOrString)
    #expect(spec.field(named: "berth")?.isNullable == true)
    #expect(spec.field(named: "rig")?.enumeration == ["sloop", "ketch"])
    #expect(spec.field(named: "crew")?.listType == .map(keys: ["name"]))
    #expect(spec.field(named: "labels")?.type == .map(.string))
    #expect(spec.field(named: "extra")?.type.innermostStructure?.keepsUnknownFields == true)
    let engine = try #require(spec.field(named: "engine")?.type.innermostStructure)
    #expect(engine.fields.map(\.name) == ["apiVersion", "kind", "metadata", "power"])
    let old = try #require(table.schema.type(apiVersion: "harbour.example/v0", kind: "Boat"))
    #expect(old.keepsUnknownFields)
    #expect(Schema.kubernetes.type(apiVersion: "harbour.example/v1", kind: "Boat") == nil)
  }

  @Test("a definition in the older form, as kube-apiserver stores it, makes the same types")
  func olderDefinitions() throws {
    let text = """
      apiVersion: apiextensions.k8s.io/v1beta1
      kind: CustomResourceDefinition
      spec:
        group: harbour.example
        version: v1
        scope: Cluster
        names: {plural: buoys, kind: Buoy}
        versions: [{name: v1, served: true, storage: true}]
        additionalPrinterColumns: [{name: Light, type: string, JSONPath: .spec.light}]
        validation:
          openAPIV3Schema:
            type: object
            properties: {spec: {type: object, properties: {light: {type: string}}}}
      """
    var table = ResourceTable.kubernetes
    table.define(try #require(try documents(text).first).value)
    #expect(table.type(named: "buoys")?.columns["v1"]?.first?.jsonPath == ".spec.light")
    let type = try #require(table.schema.type(apiVersion: "harbour.example/v1", kind: "Buoy"))
    let spec = try #require(type.field(named: "spec")?.type.innermostStructure)
    #expect(spec.field(named: "light")?.type == .string)
    #expect(!type.keepsUnknownFields)
  }

  @Test("no definition changes what Kubernetes' own kinds are made of")
  func protectedKinds() throws {
    var schema = Schema.kubernetes
    schema.define(
      .object([
        "spec": .object([
          "group": "apps", "names": .object(["kind": "Deployment", "plural": "deployments"]),
          "versions": .array([.object(["name": "v1"])]),
        ])
      ]))
    #expect(
      schema.type(apiVersion: "apps/v1", kind: "Deployment")?.name
        == "io.k8s.api.apps.v1.Deployment")
  }
}
