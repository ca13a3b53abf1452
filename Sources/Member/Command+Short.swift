internal import MVCC
internal import Primitives
internal import ReplicaCore

extension Command {
  /// Whether it changes a few keys at most, so that its turn is little more than a sync of the log.
  var isShort: Bool {
    switch self {
    case .store(.put), .store(.grantLease): true
    case .store(.deleteRange(let deletion)): deletion.keys.isSingleKey
    case .store(.transaction(let transaction)): transaction.isShort
    default: false
    }
  }
}

extension TransactionOperation {
  private static let shortSteps = 16

  fileprivate var isShort: Bool {
    guard comparisons.count <= Self.shortSteps else { return false }
    return comparisons.allSatisfy { $0.keys.isSingleKey } && Self.isShort(success)
      && Self.isShort(failure)
  }

  private static func isShort(_ steps: [Step]) -> Bool {
    steps.count <= shortSteps
      && steps.allSatisfy { step in
        switch step {
        case .put: true
        case .range(let range): range.keys.isSingleKey && range.revision == .zero
        case .deleteRange(let deletion): deletion.keys.isSingleKey
        case .transaction: false
        }
      }
  }
}
