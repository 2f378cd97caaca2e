import Foundation
import HotfixCore

/// The digest of a service as bytes: the fields of `ServiceDigest` in their order.
///
/// A text is its length and its UTF-8; what may be lacking is a byte, 0 or 1, and for 1 the value; a list is its length and its
/// entries.
enum DigestBytes {
    /// The bytes of a digest, without the name of its service.
    static func data(_ digest: ServiceDigest) -> Data {
        var writer = ByteWriter()
        writer.write(byte: version)
        writer.write(digest.basis.policy)
        writer.write(digest.basis.deployment) { $0.write($1) }
        writer.write(list: digest.basis.parts) { writer, part in
            writer.write(part.guardrail)
            writer.write(part.isDropped)
            writer.write(part.series) { $0.write($1) }
        }
        writer.write(digest.basis.versions)
        writer.write(digest.recordedUntil.seconds)
        writer.write(digest.until.seconds)
        writer.write(digest.count) { writer, count in
            writer.write(count.since.seconds)
            writer.write(count.origin.rawValue)
            writer.write(count.proven)
            writer.write(count.unprovenWindows)
            writer.write(count.missingWindows)
            writer.write(count.reachedAt) { $0.write($1.seconds) }
        }
        writer.write(list: digest.newest) { writer, window in
            writer.write(window.start.seconds)
            writer.write(window.kind)
            writer.write(window.verdict) { $0.write($1.rawValue) }
        }
        writer.write(digest.newestLoud) { $0.write($1) }
        writer.write(digest.judgedUntil) { $0.write($1.seconds) }
        writer.write(digest.isEpisodeOpen)
        writer.write(digest.lacksHistory)
        writer.write(list: digest.guardrails) { $0.write($1) }
        writer.write(digest.lastBreach) { writer, breach in
            writer.write(breach.guardrail)
            writer.write(breach.windowStart.seconds)
            writer.write(breach.value) { $0.write($1) }
            writer.write(breach.limit) { $0.write($1) }
        }
        return Data(writer.bytes)
    }

    /// The digest of a service from its bytes.
    ///
    /// - Throws: `ByteReader.Malformed`, and `LedgerContent.Unknown` where they name a verdict or a reason that there is not.
    static func digest(of service: String, _ data: Data) throws -> ServiceDigest {
        var reader = ByteReader(data)
        guard try reader.readByte() == version else { throw ByteReader.Malformed() }
        let basis = ServiceDigest.Basis(
            policy: try reader.readInt(), deployment: try reader.readOptional { try $0.readInt() },
            parts: try reader.readList { reader in
                .init(
                    guardrail: try reader.readText(), isDropped: try reader.readBool(),
                    series: try reader.readOptional { try $0.readInt() })
            }, versions: try reader.readText())
        var digest = ServiceDigest(
            service: service, basis: basis, recordedUntil: try reader.readInstant(), until: try reader.readInstant())
        digest.count = try reader.readOptional { reader in
            .init(
                since: try reader.readInstant(), origin: try reader.readCase(), proven: try reader.readInt(),
                unprovenWindows: try reader.readInt(), missingWindows: try reader.readInt(),
                reachedAt: try reader.readOptional { try $0.readInstant() })
        }
        digest.newest = try reader.readList { reader in
            .init(
                start: try reader.readInstant(), kind: try reader.readKind(),
                verdict: try reader.readOptional { try $0.readCase() })
        }
        digest.newestLoud = try reader.readOptional { try $0.readKind() }
        digest.judgedUntil = try reader.readOptional { try $0.readInstant() }
        digest.isEpisodeOpen = try reader.readBool()
        digest.lacksHistory = try reader.readBool()
        digest.guardrails = try reader.readList { try $0.readGuardrailState() }
        digest.lastBreach = try reader.readOptional { reader in
            .init(
                guardrail: try reader.readText(), windowStart: try reader.readInstant(),
                value: try reader.readOptional { try $0.readDouble() },
                limit: try reader.readOptional { try $0.readDouble() })
        }
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
        return digest
    }

    /// The layout; another one is another number.
    private static let version: UInt8 = 1
}

extension ByteWriter {
    fileprivate mutating func write(_ flag: Bool) { write(byte: flag ? 1 : 0) }

    fileprivate mutating func write(_ text: String) {
        write(text.utf8.count)
        write(bytes: text.utf8)
    }

    fileprivate mutating func write<Value>(_ value: Value?, _ body: (inout ByteWriter, Value) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    fileprivate mutating func write<Value>(list values: [Value], _ body: (inout ByteWriter, Value) -> Void) {
        write(values.count)
        for value in values { body(&self, value) }
    }

    fileprivate mutating func write(_ kind: WindowKind) {
        switch kind {
        case .clean: write(byte: 0)
        case .breach: write(byte: 1)
        case .missing: write(byte: 2)
        case .neutral(let isQuiet, let isPending): write(byte: 4 | (isQuiet ? 1 : 0) | (isPending ? 2 : 0))
        case .unproven(let isPending): write(byte: 8 | (isPending ? 2 : 0))
        }
    }

    fileprivate mutating func write(_ state: ServiceReadiness.GuardrailState) {
        write(state.name)
        write(state.verdict) { $0.write($1.rawValue) }
        write(state.reason) { $0.write($1.rawValue) }
        write(state.windowStart) { $0.write($1.seconds) }
        write(state.value) { $0.write($1) }
        write(state.baseline) { $0.write($1) }
        write(state.limit) { $0.write($1) }
        write(state.unit) { $0.write($1) }
    }
}

extension ByteReader {
    fileprivate mutating func readBool() throws(Malformed) -> Bool {
        let byte = try readByte()
        guard byte <= 1 else { throw Malformed() }
        return byte == 1
    }

    fileprivate mutating func readInstant() throws(Malformed) -> Instant { Instant(try readInt()) }

    fileprivate mutating func readText() throws(Malformed) -> String {
        guard let text = String(validating: try readBytes(try readInt()), as: UTF8.self) else { throw Malformed() }
        return text
    }

    fileprivate mutating func readCase<Value: RawRepresentable<String>>() throws -> Value {
        try LedgerContent.value(try readText())
    }

    fileprivate mutating func readOptional<Value>(_ body: (inout ByteReader) throws -> Value) throws -> Value? {
        try readBool() ? try body(&self) : nil
    }

    fileprivate mutating func readList<Value>(_ body: (inout ByteReader) throws -> Value) throws -> [Value] {
        let count = try readInt()
        guard count >= 0 else { throw Malformed() }
        var values: [Value] = []
        for _ in 0..<count { values.append(try body(&self)) }
        return values
    }

    fileprivate mutating func readKind() throws(Malformed) -> WindowKind {
        let byte = try readByte()
        switch byte {
        case 0: return .clean
        case 1: return .breach
        case 2: return .missing
        case 4...7: return .neutral(isQuiet: byte & 1 != 0, isPending: byte & 2 != 0)
        case 8, 10: return .unproven(isPending: byte & 2 != 0)
        default: throw Malformed()
        }
    }

    fileprivate mutating func readGuardrailState() throws -> ServiceReadiness.GuardrailState {
        ServiceReadiness.GuardrailState(
            name: try readText(), verdict: try readOptional { try $0.readCase() },
            reason: try readOptional { try $0.readCase() }, windowStart: try readOptional { try $0.readInstant() },
            value: try readOptional { try $0.readDouble() },
            baseline: try readOptional { try $0.readBaselineValue() },
            limit: try readOptional { try $0.readDouble() }, unit: try readOptional { try $0.readText() })
    }
}
