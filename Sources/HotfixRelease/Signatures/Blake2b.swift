/// BLAKE2b of 512 bits without a key (RFC 7693), which minisign signs in place of a file.
package struct Blake2b: Sendable {
    private var state: [UInt64]
    private var block = [UInt8](repeating: 0, count: 128)
    private var filled = 0
    private var counted: UInt64 = 0

    /// Begins.
    package init() {
        state = initial
        // The parameters: 64 bytes of output, no key, no tree.
        state[0] ^= 0x0101_0040
    }

    /// Takes bytes.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            // A full block is only worked in once it is known not to be the last.
            if filled == 128 {
                counted &+= 128
                compress(isLast: false)
                filled = 0
            }
            block[filled] = byte
            filled += 1
        }
    }

    /// The 64 bytes of the digest of what was taken.
    package func finalize() -> [UInt8] {
        var copy = self
        copy.counted &+= UInt64(filled)
        for index in filled..<128 { copy.block[index] = 0 }
        copy.compress(isLast: true)
        return copy.state.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (UInt64($0) * 8)) } }
    }

    private mutating func compress(isLast: Bool) {
        var message = [UInt64](repeating: 0, count: 16)
        for index in 0..<16 {
            var word: UInt64 = 0
            for offset in 0..<8 { word |= UInt64(block[index * 8 + offset]) << UInt64(offset * 8) }
            message[index] = word
        }
        var work = state + initial
        work[12] ^= counted
        if isLast { work[14] = ~work[14] }
        for round in 0..<12 {
            let order = permutations[round % 10]
            for column in 0..<4 {
                mix(
                    &work, column, column + 4, column + 8, column + 12, message[order[column * 2]],
                    message[order[column * 2 + 1]])
            }
            for column in 0..<4 {
                mix(
                    &work, column, (column + 1) % 4 + 4, (column + 2) % 4 + 8, (column + 3) % 4 + 12,
                    message[order[column * 2 + 8]], message[order[column * 2 + 9]])
            }
        }
        for index in 0..<8 { state[index] ^= work[index] ^ work[index + 8] }
    }
}

private func mix(_ work: inout [UInt64], _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: UInt64, _ y: UInt64) {
    work[a] = work[a] &+ work[b] &+ x
    work[d] = rotated(work[d] ^ work[a], 32)
    work[c] = work[c] &+ work[d]
    work[b] = rotated(work[b] ^ work[c], 24)
    work[a] = work[a] &+ work[b] &+ y
    work[d] = rotated(work[d] ^ work[a], 16)
    work[c] = work[c] &+ work[d]
    work[b] = rotated(work[b] ^ work[c], 63)
}

private func rotated(_ word: UInt64, _ count: UInt64) -> UInt64 { word >> count | word << (64 - count) }

private let initial: [UInt64] = [
    0x6A09_E667_F3BC_C908, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1,
    0x510E_527F_ADE6_82D1, 0x9B05_688C_2B3E_6C1F, 0x1F83_D9AB_FB41_BD6B, 0x5BE0_CD19_137E_2179,
]

private let permutations: [[Int]] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
]
