internal import Primitives

/// Identifiers that follow from what a cluster is made of, so that a bootstrap that is repeated
/// after it was interrupted gives the same ones.
enum Identities {
  /// The member's identifier: from its peer URLs, in whatever order, and the cluster's token.
  static func member(peerURLs: [String], token: String) -> MemberID {
    MemberID(hash(peerURLs.sorted() + [token]))
  }

  /// The cluster's identifier: from its members'.
  static func cluster(members: [MemberID]) -> ClusterID {
    ClusterID(rawValue: hash(members.sorted().map(\.description)))
  }

  /// FNV-1a over the texts, each behind a zero byte, and a final mix, because it spreads its last
  /// bytes badly. Never 0, which means "none".
  private static func hash(_ texts: [String]) -> UInt64 {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    for text in texts {
      for byte in [0] + Bytes(text.utf8) { state = (state ^ UInt64(byte)) &* 0x0100_0000_01B3 }
    }
    state = (state ^ state >> 33) &* 0xFF51_AFD7_ED55_8CCD
    state = (state ^ state >> 33) &* 0xC4CE_B9FE_1A85_EC53
    state ^= state >> 33
    return max(state, 1)
  }
}
