import HotfixCore

/// Appends numbers to bytes: integers take as few as they need, doubles eight.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends one byte.
    mutating func write(byte: UInt8) {
        bytes.append(byte)
    }

    /// Appends bytes as they are.
    mutating func write(bytes more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Appends an integer: zigzag, then seven bits a byte, the lowest first.
    mutating func write(_ number: Int) {
        var rest = UInt64(bitPattern: Int64(number << 1) ^ Int64(number >> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Appends the bits of a double, the lowest byte first.
    mutating func write(_ number: Double) {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a baseline's value.
    mutating func write(_ value: BaselineValue) {
        write(byte: (value.number == nil ? 0 : 1) | (value.isSilent ? 2 : 0))
        if let number = value.number { write(number) }
        write(value.windowsUsed)
        write(value.windowsPossible)
    }
}

/// Reads what `ByteWriter` wrote.
struct ByteReader {
    /// That the bytes are not what was written.
    struct Malformed: Error, CustomStringConvertible {
        var description: String { "a packed column is malformed" }
    }

    private var rest: ArraySlice<UInt8>

    /// Starts at the first byte.
    init(_ bytes: some Sequence<UInt8>) {
        rest = ArraySlice(bytes)
    }

    /// Whether every byte was read.
    var isAtEnd: Bool { rest.isEmpty }

    /// Reads one byte.
    mutating func readByte() throws(Malformed) -> UInt8 {
        guard let byte = rest.popFirst() else { throw Malformed() }
        return byte
    }

    /// Reads so many bytes.
    mutating func readBytes(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw Malformed() }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    /// Reads an integer.
    mutating func readInt() throws(Malformed) -> Int {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try readByte()
            guard shift < 63 || shift == 63 && byte <= 1 else { throw Malformed() }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return Int(bitPattern: UInt(number >> 1)) ^ -Int(number & 1)
    }

    /// Reads a double.
    mutating func readDouble() throws(Malformed) -> Double {
        var bits: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bits |= UInt64(try readByte()) << shift }
        return Double(bitPattern: bits)
    }

    /// Reads a baseline's value.
    mutating func readBaselineValue() throws(Malformed) -> BaselineValue {
        let flags = try readByte()
        let number = flags & 1 == 0 ? nil : try readDouble()
        return BaselineValue(
            number: number, windowsUsed: try readInt(), windowsPossible: try readInt(), isSilent: flags & 2 != 0)
    }
}
