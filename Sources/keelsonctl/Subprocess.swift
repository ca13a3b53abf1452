internal import Glibc
internal import Primitives

/// Runs other programs.
enum Subprocess {
  /// How a program ended.
  enum Outcome: Equatable {
    case exited(Int32)
    case signalled(Int32)
    /// It could not be started.
    case failed(String)
  }

  /// Runs a program, found as a shell would find it, and waits for its end.
  /// - Parameter variables: what is added to this program's environment.
  static func run(_ arguments: [Bytes], adding variables: [String: String]) -> Outcome {
    var environment = Session.environment
    for (name, value) in variables { environment[name] = value }
    let entries = environment.map { Bytes("\($0.key)=\($0.value)".utf8) }
    var process: pid_t = 0
    var attributes = Self.plainSignals()
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    let error = unsafe withCStrings(arguments) { argv in
      unsafe withCStrings(entries) { envp in
        unsafe posix_spawnp(&process, argv[0]!, nil, &attributes, argv, envp)
      }
    }
    if error != 0 {
      let name = arguments.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
      return .failed("fork/exec \(name): \(unsafe String(cString: strerror(error)).lowercased())")
    }
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0 {
      guard errno == EINTR else { return .failed("its end was missed") }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
  }

  /// Threads of the runtime block signals, and the transport ignores SIGPIPE: neither is for others.
  private static func plainSignals() -> posix_spawnattr_t {
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var pipe = sigset_t()
    unsafe sigemptyset(&pipe)
    unsafe sigaddset(&pipe, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &pipe)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    return attributes
  }

  /// An array of C strings that ends with nil, for the time of the call.
  private static func withCStrings<Result>(
    _ strings: [Bytes],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { string in
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.count + 1)
      for (index, byte) in string.enumerated() { unsafe copy[index] = CChar(bitPattern: byte) }
      unsafe copy[string.count] = 0
      return unsafe copy
    }
    defer { for index in unsafe pointers.indices { unsafe pointers[index]?.deallocate() } }
    unsafe pointers.append(nil)
    return unsafe pointers.withUnsafeMutableBufferPointer { unsafe body($0.baseAddress!) }
  }
}

/// Runs `body` on a thread of its own, which ends with it.
func detachThread(_ body: @escaping @Sendable () -> Void) {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let box = unsafe Unmanaged.passRetained(Box(body)).toOpaque()
  let error = unsafe pthread_create(
    &thread, nil,
    { argument in
      unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }, box)
  invariant(error == 0, "a thread cannot be started: error \(error)")
  pthread_detach(thread)
}
