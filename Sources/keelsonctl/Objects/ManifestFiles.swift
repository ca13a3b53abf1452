internal import Descriptors
internal import Glibc
internal import Primitives
internal import Registry

/// Finds the files that `-f` names.
enum ManifestFiles {
  /// Folders inside one another. Beyond: an error.
  private static let depthMax = 64
  private static let endings = [".yaml", ".yml", ".json"]

  /// - Parameter names: files, folders, or `-` for standard input.
  /// - Parameter isRecursive: whether folders inside folders are meant too.
  static func find(
    _ names: [String], isRecursive: Bool
  ) throws(Failure) -> [any ManifestFile] {
    var files: [any ManifestFile] = []
    for name in names {
      if name == "-" {
        files.append(try SpooledFile(copying: STDIN_FILENO, name: "-"))
        continue
      }
      if name.hasPrefix("http://") || name.hasPrefix("https://") {
        throw Failure(.error, "\(name): addresses cannot be read; download the file first")
      }
      switch try kind(of: name) {
      case S_IFDIR:
        let found = try list(name, isRecursive: isRecursive, depth: 1)
        if found.isEmpty {
          throw Failure(
            .error, "\(name): no file in the folder ends in \(endings.joined(separator: ", "))")
        }
        files += found
      case S_IFREG: files.append(PathFile(path: name))
      default:
        // A pipe can be read only once.
        let descriptor = unsafe open(name, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(name) }
        defer { close(descriptor) }
        files.append(try SpooledFile(copying: descriptor, name: name))
      }
    }
    return files
  }

  private static func list(
    _ folder: String, isRecursive: Bool, depth: Int
  ) throws(Failure) -> [PathFile] {
    guard depth <= depthMax else {
      throw Failure(.inputOutput, "\(folder): folders lie deeper than \(depthMax) levels")
    }
    guard let stream = unsafe opendir(folder) else { throw failure(folder) }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    var files: [PathFile] = []
    for name in names.sorted() {
      let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
      switch try kind(of: path) {
      case S_IFREG where endings.contains { name.hasSuffix($0) }: files.append(PathFile(path: path))
      case S_IFDIR where isRecursive && !isLink(path):
        files += try list(path, isRecursive: true, depth: depth + 1)
      default: break
      }
    }
    return files
  }

  private static func kind(of path: String) throws(Failure) -> mode_t {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw failure(path) }
    return status.st_mode & S_IFMT
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func failure(_ path: String) -> Failure {
    Failure(.inputOutput, "\(path): \(unsafe String(cString: strerror(errno)).lowercased())")
  }
}

/// A file that is opened each time it is read.
struct PathFile: ManifestFile {
  let path: String

  var name: String { path }

  var byteCount: Int? {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  func open() throws(SourceError) -> any DocumentSource {
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SourceError.lastError }
    return DescriptorSource(descriptor, isOwned: true)
  }
}

/// What can be read only once, copied to a file without a name that vanishes with the program.
final class SpooledFile: ManifestFile {
  /// What a copy may have. Beyond: an error.
  private static let bytesMax = 1024 * 1024 * 1024

  let name: String
  private let descriptor: Int32

  init(copying input: Int32, name: String) throws(Failure) {
    self.name = name
    let folder = Session.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var path = Array("\(folder)/keelsonctl-XXXXXX".utf8CString)
    descriptor = unsafe path.withUnsafeMutableBufferPointer { unsafe mkstemp($0.baseAddress!) }
    guard descriptor >= 0 else {
      throw Failure(
        .inputOutput, "no temporary file can be made in \(folder): \(SourceError.lastError.message)"
      )
    }
    _ = unsafe path.withUnsafeBufferPointer { unsafe unlink($0.baseAddress!) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let source = DescriptorSource(input, isOwned: false)
    var total = 0
    do throws(SourceError) {
      while true {
        let bytes = try source.read(upTo: 65_536)
        if bytes.isEmpty { return }
        total += bytes.count
        guard total <= Self.bytesMax else {
          throw SourceError("the text is longer than \(Self.bytesMax) bytes")
        }
        try write(bytes)
      }
    } catch {
      throw Failure(.inputOutput, "\(name): \(error.message)")
    }
  }

  deinit { close(descriptor) }

  var byteCount: Int? {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : nil
  }

  private func write(_ bytes: Bytes) throws(SourceError) {
    guard Descriptor.write(bytes, to: descriptor) else { throw SourceError.lastError }
  }

  func open() throws(SourceError) -> any DocumentSource {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw SourceError.lastError }
    return DescriptorSource(descriptor, isOwned: false)
  }
}

/// Reads an open file from where it stands.
final class DescriptorSource: DocumentSource {
  private let descriptor: Int32
  private let isOwned: Bool

  /// - Parameter isOwned: whether the file is closed with this.
  init(_ descriptor: Int32, isOwned: Bool) {
    self.descriptor = descriptor
    self.isOwned = isOwned
  }

  deinit { if isOwned { close(descriptor) } }

  func read(upTo count: Int) throws(SourceError) -> Bytes {
    while true {
      var result = 0
      let bytes = unsafe Bytes(unsafeUninitializedCapacity: count) { buffer, initialized in
        result = unsafe Glibc.read(descriptor, buffer.baseAddress, count)
        initialized = max(0, result)
      }
      if result >= 0 { return bytes }
      if errno != EINTR { throw SourceError.lastError }
    }
  }
}

extension SourceError {
  /// The system's words for what just failed.
  static var lastError: SourceError {
    SourceError(unsafe String(cString: strerror(errno)).lowercased())
  }
}
