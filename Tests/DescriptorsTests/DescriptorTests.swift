import Descriptors
import Glibc
import Primitives
import Testing

@Suite("output to a descriptor")
struct DescriptorTests {
  @Test("is whole, though the other end takes it in pieces")
  func pieces() async {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (reader, writer) = (ends[0], ends[1])
    // More than a pipe holds.
    let bytes = Bytes((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let writing = Task.detached {
      defer { close(writer) }
      return Descriptor.write(bytes, to: writer)
    }
    var received: Bytes = []
    var buffer = Bytes(repeating: 0, count: 10_000)
    while true {
      let count = read(reader, &buffer, buffer.count)
      if count <= 0 { break }
      received += buffer[..<count]
    }
    close(reader)
    #expect(await writing.value)
    #expect(received == bytes)
  }

  @Test("that the system refuses is told, with its reason")
  func refusal() {
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let isWritten = Descriptor.write([1, 2, 3], to: full)
    #expect(!isWritten && errno == ENOSPC)
    #expect(Descriptor.write([], to: full))
  }
}
