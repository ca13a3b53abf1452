/// Keys, values, messages and log payloads.
public typealias Bytes = [UInt8]

/// The order of keys: bytewise, a prefix before what it begins.
@inlinable
public func isOrdered(_ left: Bytes, before right: Bytes) -> Bool { compare(left, right) < 0 }

/// Bytewise order as a sign: negative if `left` comes first, 0 if they are equal.
@inlinable
public func compare(_ left: Bytes, _ right: Bytes) -> Int {
  unsafe left.withUnsafeBytes { leftBytes in
    unsafe right.withUnsafeBytes { unsafe compare(leftBytes, $0) }
  }
}

/// Bytewise order as a sign: negative if `left` comes first, 0 if they are equal.
@inlinable
public func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
  let shared = min(left.count, right.count)
  var position = 0
  while position + 8 <= shared {
    let leftWord = unsafe left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    let rightWord = unsafe right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
    if leftWord != rightWord { return leftWord.bigEndian < rightWord.bigEndian ? -1 : 1 }
    position += 8
  }
  while position < shared {
    let leftByte = unsafe left[position]
    let rightByte = unsafe right[position]
    if leftByte != rightByte { return leftByte < rightByte ? -1 : 1 }
    position += 1
  }
  return left.count - right.count
}
