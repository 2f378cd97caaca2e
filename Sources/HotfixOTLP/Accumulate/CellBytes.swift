extension CellSum {
    /// The sum as bytes, the same for the same sum.
    var packed: [UInt8] {
        var writer = PackedWriter()
        writer.write(1)
        writer.write(requests)
        writer.write(withStatus)
        writer.write(failed)
        writer.write(UInt64(buckets.count))
        for group in buckets { group.pack(into: &writer) }
        writer.write(UInt64(instances.count))
        for (name, instance) in instances.sorted(by: { $0.key < $1.key }) {
            writer.write(fixed: name)
            writer.write(double: instance.covered)
            writer.write(UInt64(instance.parts.count))
            for (part, sum) in instance.parts.sorted(by: { $0.key < $1.key }) {
                writer.write(fixed: part)
                writer.write(double: sum.sum)
                writer.write(double: sum.weight)
            }
        }
        guard !lost.isEmpty || !versions.isEmpty else { return writer.bytes }
        writer.write(lost.reduce(0) { $0 | 1 << UInt64($1.rawValue) })
        writer.write(UInt64(versions.count))
        for version in versions { writer.write(version) }
        return writer.bytes
    }

    /// Reads a sum.
    ///
    /// - Throws: Where the bytes are not those of a sum.
    init(packed bytes: [UInt8]) throws(PackedReader.Malformed) {
        var reader = PackedReader(bytes)
        guard try reader.number() == 1 else { throw PackedReader.Malformed() }
        requests = try reader.number()
        withStatus = try reader.number()
        failed = try reader.number()
        for _ in 0..<(try reader.count()) { buckets.append(try Buckets(&reader)) }
        for _ in 0..<(try reader.count()) {
            let name = try reader.fixed()
            var instance = Instance(covered: try reader.double())
            for _ in 0..<(try reader.count()) {
                instance.parts[try reader.fixed()] = Part(sum: try reader.double(), weight: try reader.double())
            }
            instances[name] = instance
        }
        if !reader.isAtEnd {
            let bits = try reader.number()
            lost = Set(Rejection.allCases.filter { bits & 1 << UInt64($0.rawValue) != 0 })
            for _ in 0..<(try reader.count()) { add(version: try reader.text()) }
        }
        guard reader.isAtEnd else { throw PackedReader.Malformed() }
    }
}

extension CellSum.Buckets {
    fileprivate func pack(into writer: inout PackedWriter) {
        writer.write(UInt64(divisor))
        switch counts {
        case .explicit(let counts):
            writer.write(0)
            counts.pack(into: &writer)
        case .exponential(let counts):
            writer.write(1)
            counts.pack(into: &writer)
        }
    }

    fileprivate init(_ reader: inout PackedReader) throws(PackedReader.Malformed) {
        divisor = try reader.count(atMost: 1000)
        switch try reader.number() {
        case 0: counts = .explicit(try ExplicitCounts(&reader))
        case 1: counts = .exponential(try ExponentialCounts(&reader))
        default: throw PackedReader.Malformed()
        }
    }
}

extension ExplicitCounts {
    func pack(into writer: inout PackedWriter) {
        writer.write(UInt64(bounds.count))
        for bound in bounds { writer.write(double: bound) }
        for count in counts { writer.write(count) }
    }

    init(_ reader: inout PackedReader) throws(PackedReader.Malformed) {
        let size = try reader.count()
        bounds = []
        counts = []
        for _ in 0..<size { bounds.append(try reader.double()) }
        for _ in 0...size { counts.append(try reader.number()) }
    }
}

extension ExponentialCounts {
    func pack(into writer: inout PackedWriter) {
        writer.write(signed: Int64(scale))
        writer.write(zeroCount)
        writer.write(double: zeroThreshold)
        for side in [positive, negative] {
            writer.write(signed: Int64(side.offset))
            writer.write(UInt64(side.counts.count))
            for count in side.counts { writer.write(count) }
        }
    }

    init(_ reader: inout PackedReader) throws(PackedReader.Malformed) {
        scale = Int(try reader.signed())
        zeroCount = try reader.number()
        zeroThreshold = try reader.double()
        positive = try Side(&reader)
        negative = try Side(&reader)
        guard (-64...20).contains(scale), zeroThreshold.isFinite, zeroThreshold >= 0 else {
            throw PackedReader.Malformed()
        }
    }
}

extension ExponentialCounts.Side {
    fileprivate init(_ reader: inout PackedReader) throws(PackedReader.Malformed) {
        offset = Int(try reader.signed())
        guard offset.magnitude <= Self.limit else { throw PackedReader.Malformed() }
        for _ in 0..<(try reader.count()) { counts.append(try reader.number()) }
    }
}

extension PackedReader {
    /// Reads a small number.
    fileprivate mutating func count(atMost limit: UInt64) throws(Malformed) -> Int {
        let number = try number()
        guard number > 0, number <= limit else { throw Malformed() }
        return Int(number)
    }
}
