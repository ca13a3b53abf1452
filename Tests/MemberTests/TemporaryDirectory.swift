import Glibc

/// A directory of its own below the system's temporary one; it is removed with everything in it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/keelson-member-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      guard mkdtemp(buffer.baseAddress!) != nil else { fatalError("no temporary directory") }
      return String(cString: buffer.baseAddress!)
    }
  }

  deinit { _ = system("rm -rf \(path)") }
}

/// Replaces a file's content.
func write(_ text: String, to path: String) {
  guard let file = fopen(path, "w") else { fatalError("\(path) cannot be written") }
  fputs(text, file)
  fclose(file)
}

/// Removes a directory and what it holds.
func removeTree(_ path: String) -> Bool { system("rm -rf \(path)") == 0 }

/// Changes one byte of the first segment in a log's directory.
func flipByte(at offset: Int, inFirstFileOf directory: String) {
  guard let stream = opendir(directory) else { fatalError("\(directory) cannot be read") }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if !name.hasPrefix("."), !name.contains("next") { names.append(name) }
  }
  guard let name = names.min(), let file = fopen(directory + "/" + name, "r+") else {
    fatalError("\(directory) has no segment: \(names)")
  }
  defer { fclose(file) }
  fseek(file, offset, SEEK_SET)
  let byte = fgetc(file)
  fseek(file, offset, SEEK_SET)
  fputc(byte ^ 0x10, file)
}
