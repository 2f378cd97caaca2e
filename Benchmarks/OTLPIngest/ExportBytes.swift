/// Writes exports of metrics as protobuf, as a Collector does that gathers the points of many services.
struct ExportBytes {
    private(set) var bytes: [UInt8] = []

    /// Appends a number without its key.
    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a field of bytes.
    mutating func field(_ key: UInt64, _ content: [UInt8]) {
        number(key << 3 | 2)
        number(UInt64(content.count))
        bytes += content
    }

    /// Appends a field of another message.
    mutating func field(_ key: UInt64, _ content: (inout ExportBytes) -> Void) {
        var inner = ExportBytes()
        content(&inner)
        field(key, inner.bytes)
    }

    /// Appends a number of eight bytes.
    mutating func fixed(_ key: UInt64, _ value: UInt64) {
        number(key << 3 | 1)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a small number.
    mutating func small(_ key: UInt64, _ value: UInt64) {
        number(key << 3)
        number(value)
    }

    /// Appends an attribute under the key of its list.
    mutating func attribute(_ key: UInt64, _ name: String, _ value: String) {
        field(key) { pair in
            pair.field(1, Array(name.utf8))
            pair.field(2) { $0.field(1, Array(value.utf8)) }
        }
    }

    /// Appends a list of numbers of eight bytes.
    mutating func packed(_ key: UInt64, _ values: [UInt64]) {
        var inner: [UInt8] = []
        for value in values { withUnsafeBytes(of: value.littleEndian) { inner.append(contentsOf: $0) } }
        field(key, inner)
    }
}
