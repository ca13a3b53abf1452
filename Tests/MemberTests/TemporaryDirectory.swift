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
