/// Which series a point belongs to: a digest of all that tells series apart, the same in every process.
///
/// It is made of the digests of the attributes in any order, as exporters may change theirs. 128 bits: two of ten thousand series
/// share one with a probability below 1e-30.
struct SeriesID: Hashable, Sendable {
    var high: UInt64
    var low: UInt64

    /// The digest of nothing.
    static let empty = SeriesID(high: 0, low: 0)

    func hash(into hasher: inout Hasher) { hasher.combine(low) }

    /// Adds what comes in no particular order.
    mutating func add(_ other: SeriesID) {
        high &+= other.high
        low &+= other.low
    }

    /// Follows one digest by another.
    mutating func append(_ other: SeriesID) {
        high = mixed(high ^ 0x9E37_79B9_7F4A_7C15 &+ other.high, other.low | 1)
        low = mixed(low ^ 0xC2B2_AE3D_27D4_EB4F &+ other.low, other.high | 1)
    }

    /// Follows a digest by a number.
    mutating func append(_ number: UInt64) {
        append(SeriesID(high: number &* 0xD6E8_FEB8_6659_FD93, low: number ^ 0xA076_1D64_78BD_642F))
    }

    /// The digest of a text.
    init(_ text: String) {
        var text = text
        self = text.withUTF8 { SeriesID(UnsafeRawBufferPointer($0)) }
    }

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The digest of bytes.
    init(_ bytes: UnsafeRawBufferPointer) {
        var high = 0x2D35_8DCC_AA6C_78A5 ^ UInt64(bytes.count)
        var low = 0x8BB8_4B93_962E_ACC9 &+ UInt64(bytes.count)
        var index = 0
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            high = mixed(high ^ word, 0x4B33_A62E_D433_D4A3)
            low = mixed(low &+ word, 0xE703_7ED1_A0B4_28DB)
            index += 8
        }
        var word: UInt64 = 0
        for (place, byte) in bytes[index...].enumerated() { word |= UInt64(byte) << UInt64(8 * place) }
        self.high = mixed(high ^ word, 0x8EBC_6AF0_9C88_C6E3)
        self.low = mixed(low &+ word, 0x5899_65CC_7537_4CC3)
    }
}

/// Both halves of a product, one over the other.
@inline(__always)
private func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
}
