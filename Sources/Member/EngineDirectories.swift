internal import Engine
internal import Environment
internal import LinuxEnvironment
internal import Primitives

/// Which of a member's directories is its engine.
///
/// At first there is `engine` alone. A state that another member sends is built beside it, in `engine.1`, `engine.2`
/// and so on; `engine.arrived` names it once it is whole, `engine.current` once the member goes on with it. Each of
/// the two is replaced in one step, so whatever they name is complete; directories that neither names are left
/// over, and removed at the next start.
struct EngineDirectories {
  private static let current = "engine.current"
  private static let arrived = "engine.arrived"

  let memberPath: String
  let files = LinuxFileSystem()

  /// The name of the directory in use.
  func currentName() throws(MemberError) -> String { try read(Self.current) ?? "engine" }

  /// The name of a state that arrived whole and is not in use yet.
  func arrivedName() throws(MemberError) -> String? {
    guard let name = try read(Self.arrived), try name != currentName() else { return nil }
    return name
  }

  func path(_ name: String) -> String { memberPath + "/" + name }

  /// The name of a directory that does not exist yet, for a state that begins to arrive.
  func freshName() throws(MemberError) -> String {
    do throws(FileError) {
      let numbers = try files.list(memberPath).compactMap { name in
        name.hasPrefix("engine.") ? Int(name.dropFirst("engine.".count)) : nil
      }
      return "engine.\((numbers.max() ?? 0) + 1)"
    } catch {
      throw .file(reason: "\(error)")
    }
  }

  /// Notes durably that a state has arrived whole.
  func noteArrival(of name: String) throws(MemberError) { try write(name, to: Self.arrived) }

  /// Notes durably that the member goes on with a state.
  func makeCurrent(_ name: String) throws(MemberError) { try write(name, to: Self.current) }

  /// Removes what is not in use: at a start, when a state that arrived is in use or will never be.
  func removeLeftovers() throws(MemberError) {
    let current = try currentName()
    do throws(FileError) {
      for name in try files.list(memberPath) where name != current {
        let isNumbered = name.hasPrefix("engine.") && Int(name.dropFirst("engine.".count)) != nil
        if isNumbered || name == "engine" { try files.removeTree(path(name)) }
      }
    } catch {
      throw .file(reason: "\(error)")
    }
  }

  /// Removes one directory that is not in use any more.
  func remove(_ name: String) { try? files.removeTree(path(name)) }

  private func read(_ file: String) throws(MemberError) -> String? {
    let bytes: Bytes
    do throws(FileError) {
      bytes = try files.open(path(file), .read).read(256, at: 0)
    } catch {
      if case .notFound = error { return nil }
      throw .file(reason: "\(error)")
    }
    let name = String(decoding: bytes, as: UTF8.self)
    guard name.hasPrefix("engine"), !name.contains("/") else {
      throw .damaged(
        reason: "\(path(file)) names no directory of an engine; restore this member's directory")
    }
    return name
  }

  private func write(_ name: String, to file: String) throws(MemberError) {
    do throws(FileError) {
      try files.replace(memberPath, file, with: Bytes(name.utf8))
    } catch {
      throw .file(reason: "\(error)")
    }
  }
}

extension LinuxFileSystem {
  /// Removes a directory and what it holds, if it exists.
  func removeTree(_ path: String) throws(FileError) {
    let names: [String]
    do throws(FileError) { names = try list(path) } catch {
      if case .notFound = error { return }
      throw error
    }
    for name in names {
      let entry = path + "/" + name
      if (try? list(entry)) != nil {
        try removeTree(entry)
      } else {
        try remove(entry)
      }
    }
    removeEmptyDirectory(path)
  }
}
