/// Ends the process, in every build, when a condition that the program relies on does not hold.
///
/// Built on `fatalError`, because `precondition` loses its message in release builds. One condition a call,
/// with the values in the message.
@inlinable
public func invariant(
  _ condition: @autoclosure () -> Bool,
  _ message: @autoclosure () -> String,
  file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition() { fatalError("invariant violated: " + message(), file: file, line: line) }
}
