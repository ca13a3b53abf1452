internal import ArgumentParser
internal import Glibc
internal import Primitives
internal import Registry

/// `keelsonctl kube encode`
struct KubeEncode: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Writes one object in the form in which kube-apiserver stores it.",
    usage: "keelsonctl kube encode [options] < object",
    discussion: """
      The object comes as YAML or JSON and is written to standard output: built-in kinds as protobuf, all \
      others as JSON. Nothing is filled in; keelsonctl apply does that. Fields that the form has no place \
      for are errors unless --drop-unknown is given.

      Example:
        keelsonctl kube encode -f pod.yaml > pod.bin
        keelsonctl kube encode -f pod.yaml -o json
      """)

  @Option(
    name: [.customShort("f"), .long], parsing: .unconditional,
    help: ArgumentHelp("The file (default: - for standard input).", valueName: "file"))
  var filename = "-"

  @Option(
    name: [.customShort("o"), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "storage, protobuf or json (default: storage, the form that kube-apiserver would choose).",
      valueName: "form"))
  var output = "storage"

  @Flag(help: "Leave out fields that the form has no place for, and tell them.")
  var dropUnknown = false

  @Argument(help: .hidden)
  var words: [String] = []

  @OptionGroup(title: "Global options") var global: ConnectionOptions

  func run() async throws {
    guard words.isEmpty else {
      throw Failure.badArguments("kube encode command accepts no arguments: name a file with -f")
    }
    guard output == "storage" || ObjectCodec.Form(rawValue: output) != nil else {
      throw Failure(
        .badFeature, "kube encode writes storage, protobuf or json, not \"\(output)\"")
    }
    let object = try readObject()
    let encoded: ObjectCodec.Encoded
    do throws(CodecError) {
      encoded = try encode(object)
    } catch {
      throw Failure(.invalidInput, "\(filename): \(error)")
    }
    for issue in encoded.issues { Output.writeError("\(filename): \(issue)\n") }
    guard encoded.issues.isEmpty || dropUnknown else {
      throw Failure(
        .invalidInput,
        "fields without a place are not written; --drop-unknown leaves them out, -o json keeps them"
      )
    }
    guard encoded.form == .json || isatty(STDOUT_FILENO) == 0 else {
      throw Failure(.error, "protobuf is not written to a terminal: direct it to a file or a pipe")
    }
    Output.write(encoded.bytes)
  }

  private func encode(_ object: Value) throws(CodecError) -> ObjectCodec.Encoded {
    if let form = ObjectCodec.Form(rawValue: output) {
      return try ObjectCodec.encode(object, as: form)
    }
    let apiVersion = object["apiVersion"]?.text ?? ""
    guard
      let type = ResourceTable.kubernetes.type(
        apiVersion: apiVersion, kind: object["kind"]?.text ?? "")
    else { return try ObjectCodec.encode(object, as: .json) }
    return try ObjectCodec.encodeForStorage(object, type)
  }

  /// The one object that the file holds.
  private func readObject() throws(Failure) -> Value {
    guard let file = try ManifestFiles.find([filename], isRecursive: false).first else {
      throw .badArguments("kube encode command needs one file")
    }
    var objects: [Value] = []
    do {
      var reader = DocumentReader(try file.open())
      while let node = try reader.next() {
        if !node.isNull { objects.append(node.value) }
      }
    } catch let error as SyntaxError {
      throw Failure(.invalidInput, "\(filename):\(error.position): \(error.message)")
    } catch {
      throw Failure(.inputOutput, "\(filename): \(error)")
    }
    guard objects.count == 1, let object = objects.first else {
      throw Failure(.invalidInput, "\(filename): holds \(objects.count) objects, not one")
    }
    guard object["kind"]?.text != nil, object["apiVersion"]?.text != nil else {
      throw Failure(.invalidInput, "\(filename): the object has no apiVersion and kind")
    }
    return object
  }
}
