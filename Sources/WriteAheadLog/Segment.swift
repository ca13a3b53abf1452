internal import Environment
internal import Primitives

/// An open segment file.
struct Segment {
  let header: SegmentHeader
  let seed: UInt32
  let file: any File
  /// The size of the file: where records must end.
  let capacity: Int
  /// Where the last batch ends and the next one goes.
  var end = SegmentHeader.byteCount
  /// The number of batches written.
  var batches: UInt32 = 0

  init(header: SegmentHeader, file: any File, capacity: Int) {
    self.header = header
    seed = header.seed
    self.file = file
    self.capacity = capacity
  }

  static let nameEnding = ".wal"
  static let spareEnding = ".spare"
  static let newEnding = ".new"

  /// The name of a segment's file.
  static func name(_ sequence: UInt64) -> String { hexadecimal(sequence) + nameEnding }

  /// The sequence number in a segment's name, or nil for any other file.
  static func sequence(ofName name: String) -> UInt64? {
    guard name.hasSuffix(nameEnding) else { return nil }
    let digits = name.dropLast(nameEnding.count)
    guard digits.utf8.count == 16, let number = UInt64(digits, radix: 16) else { return nil }
    return self.name(number) == name ? number : nil
  }
}

/// The directory of a log: makes segment files, and keeps old ones for reuse.
struct SegmentDirectory {
  static let firstSegmentBytes = 4 * 1024 * 1024

  let path: String
  let fileSystem: any FileSystem
  let configuration: LogConfiguration
  let lock: any DirectoryLock
  /// Files that may be reused, all of the configured size.
  private(set) var spares: [String] = []

  func pathOf(_ name: String) -> String { path + "/" + name }

  /// Creates the directory if it is missing, and locks it.
  init(
    path: String, fileSystem: any FileSystem, configuration: LogConfiguration
  ) throws(FileError) {
    invariant(
      (512...1 << 30).contains(configuration.segmentBytes),
      "a segment of \(configuration.segmentBytes) bytes")
    self.path = path
    self.fileSystem = fileSystem
    self.configuration = configuration
    try fileSystem.createDirectory(path)
    lock = try fileSystem.lock(directory: path)
  }

  /// The sequence numbers of the segments, in order.
  func sequences() throws(FileError) -> [UInt64] {
    try fileSystem.list(path).compactMap { Segment.sequence(ofName: $0) }.sorted()
  }

  /// Removes unfinished files and finds those that may be reused.
  mutating func tidy() throws(FileError) {
    spares = []
    for name in try fileSystem.list(path) {
      if name.hasSuffix(".tmp") || name.hasSuffix(Segment.newEnding) {
        try fileSystem.remove(pathOf(name))
      } else if name.hasSuffix(Segment.spareEnding) || name == SegmentPreparation.readyName {
        let fits = try fileSystem.size(of: pathOf(name)) == Int64(configuration.segmentBytes)
        if fits, spares.count < configuration.spareSegments || name == SegmentPreparation.readyName
        {
          spares.append(name)
        } else {
          try fileSystem.remove(pathOf(name))
        }
      }
    }
  }

  /// Notes that a file of zeroes is ready.
  mutating func addPrepared() {
    if !spares.contains(SegmentPreparation.readyName) {
      spares.append(SegmentPreparation.readyName)
    }
  }

  /// Makes a durable segment file with room for `batchBytes` of records.
  ///
  /// The header is synced under another name, so that a segment with a proper name always has one.
  /// The first segment of a log is zeroed at once; it is small, so that a new member starts quickly.
  mutating func makeSegment(
    _ header: SegmentHeader, batchBytes: Int, isFirst: Bool = false
  ) throws(FileError) -> Segment {
    var header = header
    let needed = SegmentHeader.byteCount + batchBytes
    let usual =
      isFirst
      ? min(configuration.segmentBytes, Self.firstSegmentBytes) : configuration.segmentBytes
    let capacity = max(usual, needed)
    let target = pathOf(Segment.name(header.sequence))
    let source: String
    let file: any File
    if capacity == configuration.segmentBytes, let spare = takeSpare() {
      source = pathOf(spare)
      header.isRecycled = spare != SegmentPreparation.readyName
      file = try fileSystem.open(source, .readWrite)
    } else {
      source = pathOf(hexadecimal(header.sequence) + Segment.newEnding)
      file = try fileSystem.open(source, .create)
      do {
        try file.preallocate(Int64(capacity))
        if isFirst { try SegmentPreparation.writeZeroes(file, bytes: capacity, syncing: false) }
      } catch {
        // Leaves no half-made file behind on a full disk; opening would remove it as well.
        try? fileSystem.remove(source)
        throw error
      }
    }
    try file.write(header.encoded(), at: 0)
    try file.synchronizeData()
    try fileSystem.rename(source, to: target)
    try fileSystem.synchronizeDirectory(path)
    // Opened again, so that errors name the file as it is called now.
    let named = try fileSystem.open(target, .direct)
    return Segment(header: header, file: named, capacity: capacity)
  }

  private mutating func takeSpare() -> String? {
    if let zeroes = spares.firstIndex(of: SegmentPreparation.readyName) {
      return spares.remove(at: zeroes)
    }
    return spares.isEmpty ? nil : spares.removeFirst()
  }

  /// Takes a segment out of the log, durably, and keeps its file if it may be reused.
  mutating func retire(_ sequence: UInt64, capacity: Int) throws(FileError) {
    let name = Segment.name(sequence)
    if capacity == configuration.segmentBytes, spares.count < configuration.spareSegments {
      let spare = hexadecimal(sequence) + Segment.spareEnding
      try fileSystem.rename(pathOf(name), to: pathOf(spare))
      // Before the file is overwritten, the old name must be gone for good.
      try fileSystem.synchronizeDirectory(path)
      spares.append(spare)
    } else {
      try fileSystem.remove(pathOf(name))
      try fileSystem.synchronizeDirectory(path)
    }
  }
}
