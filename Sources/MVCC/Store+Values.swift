internal import Engine
internal import Primitives
internal import Synchronization

/// Values that opening a large store left in the engine.
extension Store {
  /// Whether some values may not have come into memory yet: then the engine must stay open for as long as records are
  /// read.
  public var hasValuesInEngine: Bool { leftValues?.isPending ?? false }

  /// Brings the values that opening the store left in the engine into memory, as long as `goesOn` says so.
  ///
  /// For one thread, once, which may block; readers and the writer go on meanwhile. Cost: a scan of the records.
  /// - Throws: `corrupt` naming the record, or `engineFailed`.
  public func bringValues(while goesOn: () -> Bool = { true }) throws(StoreError) {
    do throws(EngineError) {
      try leftValues?.bringAll(while: goesOn)
    } catch {
      throw StoreError(error)
    }
  }

  static func valuesToLeave(
    in engine: any Engine, _ configuration: StoreConfiguration
  ) throws(StoreError) -> StoredValues? {
    if engine.sizeOnDisk <= configuration.wholeLoadBytes { return nil }
    do throws(EngineError) {
      return StoredValues(
        try engine.snapshot(), leastBytes: max(1, configuration.leftValueBytes),
        onLoss: configuration.onLostValue)
    } catch {
      throw StoreError(error)
    }
  }

  /// Has the values in memory that an answer is going to be made of. It may block on the engine.
  func bringValues(
    of records: ArraySlice<Record>, for operation: RangeOperation
  ) throws(StoreError) {
    let wantsValues = !operation.keysOnly || operation.sortTarget == .value
    guard wantsValues, hasValuesInEngine else { return }
    do throws(EngineError) {
      try StoredValues.bring(records)
    } catch {
      throw StoreError(error)
    }
  }
}
