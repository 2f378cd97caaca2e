/// Appends numbers and texts to bytes.
struct PackedWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends a whole number, seven bits a byte, the lowest first.
    mutating func write(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a whole number that may be negative: zigzag.
    mutating func write(signed number: Int64) {
        write(UInt64(bitPattern: number << 1) ^ UInt64(bitPattern: number >> 63))
    }

    /// Appends eight bytes.
    mutating func write(fixed number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends the bits of a double.
    mutating func write(double number: Double) { write(fixed: number.bitPattern) }

    /// Appends a text with its length.
    mutating func write(_ text: String) {
        write(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what ``PackedWriter`` wrote.
struct PackedReader {
    /// That the bytes are not what was written.
    struct Malformed: Error {}

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func number() throws(Malformed) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard index < bytes.count, shift < 63 || shift == 63 && bytes[index] <= 1 else { throw Malformed() }
            let byte = bytes[index]
            index += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    /// Reads how many of something follow, each of at least one byte.
    mutating func count() throws(Malformed) -> Int {
        let number = try number()
        guard number <= UInt64(bytes.count - index) else { throw Malformed() }
        return Int(number)
    }

    mutating func signed() throws(Malformed) -> Int64 {
        let number = try number()
        return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    mutating func fixed() throws(Malformed) -> UInt64 {
        guard bytes.count - index >= 8 else { throw Malformed() }
        var number: UInt64 = 0
        for shift in 0..<8 { number |= UInt64(bytes[index + shift]) << UInt64(8 * shift) }
        index += 8
        return number
    }

    mutating func double() throws(Malformed) -> Double { Double(bitPattern: try fixed()) }

    mutating func text() throws(Malformed) -> String {
        let count = try count()
        defer { index += count }
        return String(decoding: bytes[index..<index + count], as: UTF8.self)
    }
}
