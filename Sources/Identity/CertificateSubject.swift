public import Access
public import Primitives

/// The subject of an X.509 certificate (RFC 5280, section 4.1), as far as it names a user.
public enum CertificateSubject {
  private static let sequence: UInt8 = 0x30
  private static let set: UInt8 = 0x31
  private static let objectIdentifier: UInt8 = 0x06
  private static let explicitVersion: UInt8 = 0xA0
  /// `id-at-commonName`, 2.5.4.3.
  private static let commonNameIdentifier: Bytes = [0x55, 0x04, 0x03]
  /// UTF8String, PrintableString, IA5String and TeletexString: those whose bytes can be taken as they are.
  private static let textTags: Set<UInt8> = [0x0C, 0x13, 0x16, 0x14]

  /// The common name of a certificate in DER that has been verified; nil if it has none, if it has several, which
  /// readers understand differently, or if it is not ASCII or UTF-8.
  ///
  /// Cost: a walk over the fields before the subject, without allocations.
  public static func commonName(_ certificate: Bytes) -> AccessName? {
    var outer = DERReader(certificate)
    guard var body = outer.enter(sequence), var fields = body.enter(sequence) else { return nil }
    if fields.nextTag == explicitVersion { guard fields.skip() else { return nil } }
    // Serial number, signature algorithm, issuer, validity.
    for _ in 0..<4 { guard fields.skip() else { return nil } }
    guard var names = fields.enter(sequence) else { return nil }
    var found: AccessName?
    while !names.isAtEnd {
      guard var attributes = names.enter(set) else { return nil }
      while !attributes.isAtEnd {
        guard var attribute = attributes.enter(sequence),
          let identifier = attribute.read(objectIdentifier)
        else { return nil }
        guard certificate[identifier].elementsEqual(commonNameIdentifier) else { continue }
        guard found == nil, let tag = attribute.nextTag, textTags.contains(tag),
          let value = attribute.read(tag),
          String(validating: certificate[value], as: UTF8.self) != nil
        else { return nil }
        found = AccessName(Bytes(certificate[value]))
      }
    }
    return found
  }
}

/// Reads DER: tags of one byte, definite lengths. Whatever does not fit ends in nil.
struct DERReader {
  private let bytes: Bytes
  private var position: Int
  private let end: Int

  init(_ bytes: Bytes) { self.init(bytes, 0..<bytes.count) }

  private init(_ bytes: Bytes, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position >= end }

  var nextTag: UInt8? { position < end ? bytes[position] : nil }

  /// Passes an element of a tag, and tells where its content lies.
  mutating func read(_ tag: UInt8) -> Range<Int>? { nextTag == tag ? next() : nil }

  /// Passes an element of a tag, and reads its content.
  mutating func enter(_ tag: UInt8) -> DERReader? { read(tag).map { DERReader(bytes, $0) } }

  /// Passes an element.
  mutating func skip() -> Bool { next() != nil }

  private mutating func next() -> Range<Int>? {
    guard end - position >= 2 else { return nil }
    var place = position + 1
    var length = Int(bytes[place])
    place += 1
    if length >= 0x80 {
      let count = length & 0x7F
      guard (1...4).contains(count), end - place >= count else { return nil }
      length = 0
      for _ in 0..<count {
        length = length << 8 | Int(bytes[place])
        place += 1
      }
    }
    guard length <= end - place else { return nil }
    position = place + length
    return place..<position
  }
}
