internal import Descriptors
internal import Glibc
internal import Primitives

/// A folder of certificates and keys, as files.
public struct CertificateFolder: Sendable {
  /// The folder.
  public let path: String
  private static let fileBytesMax = 1_048_576

  /// Names a folder, which `write` makes if need be.
  public init(_ path: String) { self.path = path }

  /// Writes a certificate (0644) and its key (0600), both of which must not be there; on disk when it returns.
  public func write(
    _ pair: CertifiedKey, _ certificateFile: String, _ keyFile: String
  ) throws(CertificateError) {
    var place = path.startIndex
    while let slash = path[place...].dropFirst().firstIndex(of: "/") {
      _ = unsafe mkdir(String(path[..<slash]), 0o755)
      place = slash
    }
    if unsafe mkdir(path, 0o700) != 0, errno != EEXIST { throw Self.failure("make", path) }
    for file in [certificateFile, keyFile] where unsafe access(path + "/" + file, F_OK) == 0 {
      throw CertificateError("\(path)/\(file) is there already and stays as it is")
    }
    try write(pair.privateKey, keyFile, 0o600)
    try write(pair.certificate, certificateFile, 0o644)
  }

  /// The same, in place of files that are there.
  public func replace(
    _ pair: CertifiedKey, _ certificateFile: String, _ keyFile: String
  ) throws(CertificateError) {
    for file in [certificateFile, keyFile]
    where unsafe unlink(path + "/" + file) != 0 && errno != ENOENT {
      throw Self.failure("replace", path + "/" + file)
    }
    try write(pair, certificateFile, keyFile)
  }

  /// Reads a certificate and its key.
  public func read(
    _ certificateFile: String, _ keyFile: String
  ) throws(CertificateError) -> CertifiedKey {
    CertifiedKey(certificate: try read(certificateFile), privateKey: try read(keyFile))
  }

  private func write(_ bytes: Bytes, _ file: String, _ mode: mode_t) throws(CertificateError) {
    let full = path + "/" + file
    // Exclusive: whatever appears in between is not overwritten either.
    let descriptor = unsafe open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw Self.failure("make", full) }
    defer { close(descriptor) }
    guard Descriptor.write(bytes, to: descriptor), fsync(descriptor) == 0 else {
      throw Self.failure("write", full)
    }
  }

  private func read(_ file: String) throws(CertificateError) -> Bytes {
    let full = path + "/" + file
    let descriptor = unsafe open(full, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure("read", full) }
    defer { close(descriptor) }
    var all: Bytes = []
    var buffer = Bytes(repeating: 0, count: 65_536)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count == 0 { return all }
      guard count > 0 else { throw Self.failure("read", full) }
      all += buffer[..<count]
      guard all.count <= Self.fileBytesMax else {
        throw CertificateError("\(full) is no certificate or key: it is too long")
      }
    }
  }

  private static func failure(_ verb: String, _ path: String) -> CertificateError {
    CertificateError("cannot \(verb) \(path): \(unsafe String(cString: strerror(errno)))")
  }
}
