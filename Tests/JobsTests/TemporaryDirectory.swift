import Glibc

/// A directory of its own below the system's temporary one; it is removed with everything in it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/keelson-jobs-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      guard mkdtemp(buffer.baseAddress!) != nil else { fatalError("no temporary directory") }
      return String(cString: buffer.baseAddress!)
    }
  }

  deinit { _ = system("rm -rf \(path)") }

  /// The names below a folder of it, hidden ones included, in order.
  func names(in folder: String) -> [String] {
    guard let stream = opendir(path + "/" + folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes a file, or replaces its content.
  func write(_ text: String, to name: String) {
    guard let file = fopen(path + "/" + name, "w") else { fatalError("\(name) cannot be written") }
    fputs(text, file)
    fclose(file)
  }
}
