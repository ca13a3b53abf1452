import Primitives
import Testing

@testable import Registry

/// A message put together by hand.
private struct Message {
  var bytes: Bytes = []

  init(_ parts: Bytes...) { bytes = parts.flatMap(\.self) }

  static func number(_ field: UInt64, _ value: UInt64) -> Bytes {
    var writer = ByteWriter()
    writer.appendVarint(field << 3)
    writer.appendVarint(value)
    return writer.bytes
  }

  static func text(_ field: UInt64, _ text: String) -> Bytes { part(field, Bytes(text.utf8)) }

  static func part(_ field: UInt64, _ content: Bytes) -> Bytes {
    var writer = ByteWriter()
    writer.appendLengthDelimited(field, length: content.count)
    writer.append(content)
    return writer.bytes
  }

  static func part(_ field: UInt64, _ message: Message) -> Bytes { part(field, message.bytes) }

  /// In kube-apiserver's envelope.
  func stored(_ apiVersion: String, _ kind: String) -> Bytes {
    [0x6b, 0x38, 0x73, 0x00]
      + Message(
        Self.part(1, Message(Self.text(1, apiVersion), Self.text(2, kind))), Self.part(2, bytes),
        Self.text(3, ""), Self.text(4, "")
      ).bytes
  }
}

@Suite("Objects in their stored forms")
struct ObjectCodecTests {
  @Test("every type comes back unchanged from YAML, JSON and protobuf", arguments: 1...4)
  func roundTrips(seed: Int) throws {
    var messages = 0
    for type in Schema.types {
      var generator = ObjectGenerator(seed: UInt64(seed * 10_000 + messages))
      let value = generator.object(type)
      #expect(try Value(json: value.json) == value, "\(type.name) as JSON")
      #expect(try documents(value.yaml).map(\.value) == [value], "\(type.name) as YAML")
      guard type.hasMessage else { continue }
      messages += 1
      var issues: [FieldIssue] = []
      let read: Value
      if type.kind != nil {
        let encoded = try ObjectCodec.encode(value, as: .protobuf)
        let decoded = try ObjectCodec.decode(encoded.bytes)
        issues = encoded.issues + decoded.issues
        read = decoded.value
      } else {
        var encoder = MessageEncoder()
        let bytes = try encoder.message(value, as: type)
        var decoder = MessageDecoder(bytes)
        read = .object(try decoder.object(type, in: 0..<bytes.count))
        issues = encoder.issues + decoder.issues
      }
      #expect(issues == [], "\(type.name) with seed \(seed)")
      #expect(read == value, "\(type.name) as protobuf with seed \(seed)")
    }
    #expect(messages == 574)
  }

  @Test("an object is written byte for byte as kube-apiserver's envelope and messages have it")
  func exactBytes() throws {
    let value = try Value(
      json: Bytes(
        #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"b","#.utf8)
        + Bytes(
          #""creationTimestamp":"2023-11-14T22:13:20Z"},"data":{"k":"v"},"binaryData":{"z":"AQ=="}}"#
            .utf8))
    let expected = Message(
      Message.part(
        1,
        Message(
          Message.text(1, "a"), Message.text(3, "b"),
          Message.part(8, Message(Message.number(1, 1_700_000_000), Message.number(2, 0))))),
      Message.part(2, Message(Message.text(1, "k"), Message.text(2, "v"))),
      Message.part(3, Message(Message.text(1, "z"), Message.part(2, [1])))
    ).stored("v1", "ConfigMap")
    #expect(try ObjectCodec.encode(value, as: .protobuf).bytes == expected)
    #expect(try ObjectCodec.decode(expected).value == value)
  }

  @Test("zeros that Go writes for absent fields are left out, and those that mean something stay")
  func zeros() throws {
    let spec = Message(
      Message.number(1, 0),  // replicas, a pointer
      Message.part(
        3,
        Message(
          Message.part(1, Message(Message.text(1, ""), Message.text(2, ""), Message.part(8, []))),
          Message.part(
            2,
            Message(
              Message.part(
                2, Message(Message.text(1, "web"), Message.text(2, ""), Message.part(8, []))),
              Message.text(3, ""), Message.number(11, 0), Message.number(21, 0))))),
      Message.part(4, Message(Message.text(1, ""))),  // strategy
      Message.number(5, 0), Message.number(7, 0))
    let bytes = Message(Message.part(2, spec)).stored("apps/v1", "Deployment")
    let decoded = try ObjectCodec.decode(bytes)
    #expect(decoded.issues == [])
    #expect(
      String(decoding: decoded.value.json, as: UTF8.self)
        == #"{"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":0,"strategy":{},"#
        + #""template":{"metadata":{},"spec":{"automountServiceAccountToken":false,"#
        + #""containers":[{"name":"web","resources":{}}]}}}}"#)
  }

  @Test("fields that no message has are named, each with its place")
  func unknownFields() throws {
    let container = Message(Message.text(1, "c"), Message.text(200, "new"))
    let pod = Message(
      Message.part(2, Message(Message.part(2, container), Message.number(99, 7))))
    let decoded = try ObjectCodec.decode(pod.stored("v1", "Pod"))
    #expect(
      decoded.issues.map(\.description) == [
        "spec.containers[0]: the type Container has no field 200, whose 4 bytes are left out",
        "spec: the type PodSpec has no field 99, whose 1 bytes are left out",
      ])
    let value = try Value(
      json: Bytes(
        #"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"c","nme":1}]}}"#.utf8))
    let encoded = try ObjectCodec.encode(value, as: .protobuf)
    #expect(
      encoded.issues.map(\.description)
        == ["spec.containers[0].nme: the type Container has no such field"])
  }

  @Test(
    "values that do not fit their fields are refused with their place",
    arguments: [
      (#"{"spec":{"replicas":"3"}}"#, "spec.replicas: must be a whole number, not text"),
      (
        #"{"spec":{"replicas":3000000000}}"#,
        "spec.replicas: must lie between -2147483648 and 2147483647, not 3000000000"
      ),
      (#"{"spec":{"paused":"yes"}}"#, "spec.paused: must be true or false, not text"),
      (
        #"{"metadata":{"creationTimestamp":"today"}}"#,
        "metadata.creationTimestamp: must be a time such as 2006-01-02T15:04:05Z, not text"
      ),
      (#"{"metadata":{"labels":{"a":1}}}"#, "metadata.labels[a]: must be text, not a number"),
      (
        #"{"spec":{"template":{"spec":{"containers":[{"resources":{"limits":{"cpu":"1x"}}}]}}}}"#,
        "spec.template.spec.containers[0].resources.limits[cpu]: must be an amount such as 100m or "
          + "2Gi, not text"
      ),
      (#"{"spec":{"template":[]}}"#, "spec.template: must be a map, not a list"),
      (
        #"{"spec":{"template":{"spec":{"containers":{}}}}}"#,
        "spec.template.spec.containers: must be a list, not a map"
      ),
    ])
  func misfits(text: String, message: String) throws {
    guard case .object(var object) = try Value(json: Bytes(text.utf8)) else { return }
    object["apiVersion"] = "apps/v1"
    object["kind"] = "Deployment"
    let error = #expect(throws: CodecError.self) {
      try ObjectCodec.encode(.object(object), as: .protobuf)
    }
    #expect(error?.description == message)
  }

  @Test("values in other forms are told apart")
  func otherForms() throws {
    #expect(
      StoredValue(Bytes("k8s:enc:aescbc:v1:key1:abc".utf8)).name == "encrypted (aescbc:v1:key1)")
    #expect(
      StoredValue(Bytes("k8s:enc:kms:v2:vault:\u{1}\u{2}".utf8)).name == "encrypted (kms:v2:vault)")
    #expect(StoredValue(Bytes("k8s:enc:".utf8)).name == "encrypted")
    #expect(StoredValue([0xd9, 0xd9, 0xf7, 0xa0]).name == "CBOR")
    #expect(StoredValue(Bytes("[1]".utf8)).name == "not an object")
    #expect(StoredValue(Message().stored("v2", "Pod")).object == nil)
    #expect(
      throws: CodecError("the Kubernetes protobuf holds a Pod of v2, whose message is not known")
    ) { try ObjectCodec.decode(Message().stored("v2", "Pod")) }
    #expect(throws: CodecError("the value is CBOR")) { try ObjectCodec.decode([0xd9, 0xd9, 0xf7]) }
  }

  @Test("an object inside another is read, and bytes that are no JSON are named")
  func nestedObjects() throws {
    func revision(_ data: Bytes) throws -> DecodedObject {
      try ObjectCodec.decode(
        Message(Message.part(2, Message(Message.part(1, data))), Message.number(3, 1))
          .stored("apps/v1", "ControllerRevision"))
    }
    let inner = Message(Message.part(1, Message(Message.text(1, "x")))).stored("v1", "Node")
    #expect(try revision(inner).value[path: "data", "metadata", "name"] == "x")
    #expect(try revision(Bytes(#"{"a":[1,null]}"#.utf8)).value["data"]?["a"] == .array([1, .null]))
    let broken = try revision(Bytes("{".utf8))
    #expect(broken.value["data"] == nil)
    #expect(broken.issues.first?.path == "data")
  }

  @Test("messages deeper than the bound, and damaged ones, are refused")
  func hostileBytes() throws {
    var schema = Message(Message.text(1, "x"))
    for _ in 0..<200 { schema = Message(Message.part(28, schema)) }
    let type = try #require(
      Schema.type(
        named: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"))
    var decoder = MessageDecoder(schema.bytes)
    #expect(throws: CodecError.self) {
      try decoder.object(type, in: 0..<schema.bytes.count)
    }
    let value = Message(Message.part(1, Message(Message.text(1, "a")))).stored("v1", "Node")
    for count in 4..<value.count {
      // Some beginnings are whole messages; none may crash.
      _ = try? ObjectCodec.decode(Bytes(value[..<count]))
    }
    var nested = Message().stored("v1", "Node")
    for _ in 0..<200 {
      nested = Message(Message.part(2, Message(Message.part(1, nested))))
        .stored("apps/v1", "ControllerRevision")
    }
    #expect(throws: CodecError.self) { try ObjectCodec.decode(nested) }
  }

  @Test("no mangled protobuf breaks the reader, and what is read can be written", arguments: 1...2)
  func mutations(seed: Int) throws {
    var generator = ObjectGenerator(seed: UInt64(seed))
    let kinds = ResourceTable.kubernetes.types.filter(\.isStoredAsProtobuf)
    for _ in 0..<600 {
      let kind = kinds.randomElement(using: &generator.random)!
      let type = try #require(
        Schema.kubernetes.type(apiVersion: kind.storageVersion, kind: kind.kind))
      var bytes = try ObjectCodec.encode(generator.object(type), as: .protobuf).bytes
      for _ in 0..<Int.random(in: 1...4, using: &generator.random) {
        let place = Int.random(in: 4..<bytes.count, using: &generator.random)
        if generator.chance(3) {
          bytes.remove(at: place)
        } else {
          bytes[place] = UInt8.random(in: 0...255, using: &generator.random)
        }
        if bytes.count < 8 { break }
      }
      fuzzStoredObject(bytes)
    }
  }

  @Test("objects are written in the form and the version that kube-apiserver stores")
  func storage() throws {
    let table = ResourceTable.kubernetes
    func stored(_ text: String) throws -> DecodedObject {
      let value = try Value(json: Bytes(text.utf8))
      let type = try #require(
        table.type(
          apiVersion: value["apiVersion"]?.text ?? "", kind: value["kind"]?.text ?? ""))
      let encoded = try ObjectCodec.encodeForStorage(value, type)
      #expect(encoded.issues == [])
      #expect((encoded.form == .protobuf) == (encoded.bytes.first == UInt8(ascii: "k")))
      return try ObjectCodec.decode(encoded.bytes)
    }
    let event = try stored(
      #"{"apiVersion":"events.k8s.io/v1","kind":"Event","note":"hi","deprecatedCount":2,"regarding":{}}"#
    )
    #expect(event.value["apiVersion"] == "v1")
    #expect(event.value["message"] == "hi")
    #expect(event.value["count"] == 2)
    let scaler = try stored(
      #"{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","#
        + #""spec":{"targetCPUUtilizationPercentage":80,"maxReplicas":3}}"#)
    #expect(scaler.value["apiVersion"] == "autoscaling/v2")
    #expect(
      scaler.value["spec"]?["metrics"]?.elements?.first?[
        path: "resource", "target", "averageUtilization"] == 80)
    let address = try stored(
      #"{"apiVersion":"networking.k8s.io/v1beta1","kind":"IPAddress","metadata":{"name":"10.0.0.1"}}"#
    )
    #expect(address.value["apiVersion"] == "networking.k8s.io/v1")
    let claim = try stored(
      #"{"apiVersion":"resource.k8s.io/v1beta1","kind":"ResourceClaim","#
        + #""spec":{"devices":{"requests":[{"name":"a","deviceClassName":"b"}]}}}"#)
    #expect(claim.value["apiVersion"] == "resource.k8s.io/v1beta1")
    let definition = try stored(
      #"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition"}"#)
    #expect(definition.value["apiVersion"] == "apiextensions.k8s.io/v1")
    let lease = try stored(#"{"apiVersion":"coordination.k8s.io/v1beta1","kind":"LeaseCandidate"}"#)
    #expect(lease.value["apiVersion"] == "coordination.k8s.io/v1beta1")
  }

  @Test("a definition that kube-apiserver stored as v1beta1 is shown as v1")
  func servedDefinition() throws {
    let text = """
      apiVersion: apiextensions.k8s.io/v1beta1
      kind: CustomResourceDefinition
      spec:
        group: harbour.example
        version: v1
        names: {plural: buoys, kind: Buoy}
        versions: [{name: v1, served: true, storage: true}]
        additionalPrinterColumns: [{name: Light, type: string, JSONPath: .spec.light}]
        subresources: {status: {}}
        conversion: {strategy: Webhook, webhookClientConfig: {url: u}, conversionReviewVersions: [v1]}
        validation: {openAPIV3Schema: {type: object}}
      """
    let served = StorageVersion.served(try #require(try documents(text).first).value)
    #expect(
      String(decoding: served.json, as: UTF8.self)
        == #"{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":{"#
        + #""conversion":{"strategy":"Webhook","webhook":{"clientConfig":{"url":"u"},"#
        + #""conversionReviewVersions":["v1"]}},"group":"harbour.example","#
        + #""names":{"kind":"Buoy","plural":"buoys"},"versions":[{"additionalPrinterColumns":["#
        + #"{"jsonPath":".spec.light","name":"Light","type":"string"}],"name":"v1","#
        + #""schema":{"openAPIV3Schema":{"type":"object"}},"served":true,"storage":true,"#
        + #""subresources":{"status":{}}}]}}"#)
  }
}
