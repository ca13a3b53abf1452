internal import Primitives

/// The bytes of one call on their way in.
struct RequestInput {
  var assembler: MessageAssembler
  /// What came while the handler did not read; bounded by the stream's window.
  private var held: Bytes = []

  init(limit: Int) { assembler = MessageAssembler(limit: limit) }

  var isHolding: Bool { !held.isEmpty }
  var heldCount: Int { held.count }

  mutating func hold(_ bytes: UnsafeRawBufferPointer) { unsafe held.append(contentsOf: bytes) }

  mutating func takeHeld() -> Bytes {
    let taken = held
    held = []
    return taken
  }

  /// Whether there is nothing in it.
  var isEmpty: Bool { held.isEmpty && assembler.isBetweenMessages }

  /// Holds again what could not be handed on, before what has come since.
  mutating func putBack(_ bytes: Bytes, from position: Int) {
    held = Bytes(bytes[position...]) + held
  }
}

extension ServerCall {
  /// Whether messages wait until the handler reads again.
  var mustHoldBack: Bool { !isFinished && (state.isPaused || state.isStarved) }

  /// Whether bytes that arrive now must wait.
  var mustHold: Bool {
    mustHoldBack || (!isFinished && state.hasInput && input.isHolding)
  }
}
