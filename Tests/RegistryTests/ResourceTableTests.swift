import Primitives
import Testing

@testable import Registry

@Suite("The table of kinds")
struct ResourceTableTests {
  let table = ResourceTable.kubernetes

  @Test(
    "objects lie where kube-apiserver keeps them",
    arguments: [
      ("v1", "Pod", "/registry/pods/ns/x"), ("v1", "Node", "/registry/minions/x"),
      ("v1", "Service", "/registry/services/specs/ns/x"),
      ("v1", "Endpoints", "/registry/services/endpoints/ns/x"),
      ("v1", "ReplicationController", "/registry/controllers/ns/x"),
      ("v1", "Namespace", "/registry/namespaces/x"), ("v1", "Event", "/registry/events/ns/x"),
      ("events.k8s.io/v1", "Event", "/registry/events/ns/x"),
      ("apps/v1", "Deployment", "/registry/deployments/ns/x"),
      ("networking.k8s.io/v1", "Ingress", "/registry/ingress/ns/x"),
      ("networking.k8s.io/v1", "IngressClass", "/registry/ingressclasses/x"),
      ("rbac.authorization.k8s.io/v1", "ClusterRole", "/registry/clusterroles/x"),
      ("coordination.k8s.io/v1", "Lease", "/registry/leases/ns/x"),
      (
        "apiextensions.k8s.io/v1", "CustomResourceDefinition",
        "/registry/apiextensions.k8s.io/customresourcedefinitions/x"
      ),
      (
        "apiregistration.k8s.io/v1", "APIService",
        "/registry/apiregistration.k8s.io/apiservices/x"
      ),
      ("autoscaling/v1", "HorizontalPodAutoscaler", "/registry/horizontalpodautoscalers/ns/x"),
    ])
  func paths(apiVersion: String, kind: String, path: String) throws {
    let type = try #require(table.type(apiVersion: apiVersion, kind: kind))
    let key = type.key(namespace: type.isNamespaced ? "ns" : nil, name: "x")
    #expect(String(decoding: key, as: UTF8.self) == path)
    let identity = try #require(type.identity(ofKey: key))
    #expect(identity.name == "x")
    #expect(identity.namespace == (type.isNamespaced ? "ns" : nil))
  }

  @Test(
    "words on the command line find their kind",
    arguments: [
      ("pods", "Pod"), ("pod", "Pod"), ("po", "Pod"), ("Pod", "Pod"), ("PODS", "Pod"),
      ("deploy", "Deployment"), ("deployments.apps", "Deployment"),
      ("deployment.v1.apps", "Deployment"), ("pods.v1.", "Pod"), ("svc", "Service"),
      ("netpol", "NetworkPolicy"), ("hpa", "HorizontalPodAutoscaler"), ("no", "Node"),
      ("crd", "CustomResourceDefinition"), ("crds", "CustomResourceDefinition"),
      ("ing", "Ingress"), ("sc", "StorageClass"), ("cj", "CronJob"), ("ev", "Event"),
      ("roles.rbac.authorization.k8s.io", "Role"), ("pc", "PriorityClass"),
    ])
  func words(word: String, kind: String) {
    #expect(table.type(named: word)?.kind == kind)
  }

  @Test("events are those of the core group unless the other is named")
  func events() {
    #expect(table.type(named: "events")?.group == "")
    #expect(table.type(named: "events.events.k8s.io")?.group == "events.k8s.io")
  }

  @Test("the newest stable version comes first")
  func versions() {
    #expect(table.type(named: "hpa")?.versions == ["v2", "v1"])
    #expect(table.type(named: "resourceclaims")?.versions == ["v1", "v1beta2", "v1beta1"])
    #expect(table.types.count == 68)
  }

  @Test("no word means a kind in another version or group")
  func absent() {
    #expect(table.type(named: "deployments.v1beta1.apps") == nil)
    #expect(table.type(named: "deployments.extensions") == nil)
    #expect(table.type(named: "pods.v1.apps") == nil)
    #expect(table.type(named: "") == nil)
    #expect(table.type(named: ".") == nil)
    #expect(table.type(apiVersion: "apps/v1beta1", kind: "Deployment") == nil)
    #expect(table.type(apiVersion: "apps/v1", kind: "deployment") == nil)
    #expect(table.complaint(word: "deploymnets").contains("did you mean deployments?"))
  }

  @Test("keys that are no objects of a kind are left out")
  func identities() throws {
    let pods = try #require(table.type(named: "pods"))
    for key in ["/registry/pods/x", "/registry/pods/a/b/c", "/registry/podtemplates/a/b", ""] {
      #expect(pods.identity(ofKey: Bytes(key.utf8)) == nil)
    }
    #expect(pods.identity(ofKey: Bytes("/registry/pods/a/".utf8) + [0xff]) == nil)
  }

  @Test("a definition adds a kind, and cannot take over one of Kubernetes")
  func definitions() throws {
    var table = table
    let definition = try documents(
      """
      spec:
        group: example.com
        scope: Namespaced
        names: {kind: Coupon, plural: coupons, shortNames: [cp]}
        versions:
        - {name: v1, served: true, storage: true, subresources: {status: {}}}
        - {name: v0, served: false, storage: false}
      """)[0].value
    let defined = table.define(definition)
    let type = try #require(defined)
    #expect(table.type(named: "cp") == type)
    #expect(table.type(apiVersion: "example.com/v1", kind: "Coupon") == type)
    #expect(table.type(apiVersion: "example.com/v0", kind: "Coupon") == nil)
    #expect(type.subresources == ["status"])
    #expect(
      type.key(namespace: "a", name: "b") == Bytes("/registry/example.com/coupons/a/b".utf8))
    let older = try documents(
      """
      spec: {group: example.com, scope: Cluster, version: v1beta1, names: {kind: Old, plural: olds}}
      """)[0].value
    let cluster = table.define(older)
    #expect(cluster?.versions == ["v1beta1"])
    let thief = try documents(
      "spec: {group: apps, scope: Cluster, version: v1, names: {kind: Deployment, plural: x}}")[0]
      .value
    let stolen = table.define(thief)
    #expect(stolen == nil)
    let empty = table.define(.null)
    #expect(empty == nil)
  }
}
