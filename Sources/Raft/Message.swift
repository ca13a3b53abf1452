public import Primitives

/// What one member says to another, or to itself once something that it promises is durable.
public struct Message: Hashable, Sendable {
  /// What is said.
  public enum Content: Hashable, Sendable {
    /// The answer to a request for a vote in the message's term.
    case voteAnswer(granted: Bool)
  }

  /// Who says it.
  public var from: MemberID
  /// To whom; it may be the sender.
  public var to: MemberID
  /// The sender's term when the message was made.
  public var term: Term
  /// What is said.
  public var content: Content

  /// Describes a message.
  public init(from: MemberID, to: MemberID, term: Term, content: Content) {
    self.from = from
    self.to = to
    self.term = term
    self.content = content
  }
}
