import Foundation
import GRDB
import HotfixCore

/// A window's record as the tables `window` and `revision` hold it.
///
/// Doubles come back with the same bits, save that -0.0 comes back as 0.0, and a baseline's number that is NaN as none.
///
/// `extra` is NULL, or a byte of flags and what they announce, in this order: the covered share, a double (flag 1; flag 2
/// means that it is 1 and not written); accepted and dropped errors, two integers (flag 4; flag 8: the project accepted
/// something); the revision, an integer (flag 16); the outvoted basis (flag 32): its policy, an integer; then a byte
/// and, for 1, the number of a stored baseline; for 2 a baseline's value; for 3 a provisional one.
struct WindowColumns {
    /// The columns in the order of `init(_:from:)` and `arguments`.
    static let names = "value, events, judgement, number, evaluated, extra"

    private var value: Double?
    private var events: Double?
    private var judgement: Int?
    private var number: Double?
    private var evaluated: Int?
    private var extra: Data?

    /// The columns of a record of the window that ends at an instant.
    init(_ record: WindowRecord, end: Instant, judgements: inout JudgementTable, in db: Database) throws {
        value = record.observation.value
        events = record.observation.events
        extra = Self.pack(record)
        guard let verdict = record.verdict else { return }
        judgement = try judgements.id(of: StoredJudgement(verdict), in: db)
        evaluated = verdict.evaluatedAt - (end + Self.usualDelay)
        if case .inline(let baseline, _) = verdict.basis.baseline { number = baseline.number }
    }

    /// Reads the columns of a row, which begin at an index.
    init(_ row: Row, from index: Int) {
        value = row[index]
        events = row[index + 1]
        judgement = row[index + 2]
        number = row[index + 3]
        evaluated = row[index + 4]
        extra = row[index + 5]
    }

    /// What a statement is to be given.
    var arguments: [(any DatabaseValueConvertible)?] { [value, events, judgement, number, evaluated, extra] }

    /// The record of the window that ends at an instant.
    func record(end: Instant, judgements: inout JudgementTable, in db: Database) throws -> WindowRecord {
        var record = WindowRecord(observation: Observation(value: value, events: events))
        if let judgement, let evaluated {
            record.verdict = try judgements.judgement(judgement, in: db)
                .verdict(number: number, evaluatedAt: end + Self.usualDelay + evaluated)
        }
        if let extra { try Self.unpack(extra, into: &record) }
        return record
    }

    /// The seconds from a window's end after which a check every 5 minutes has judged it, on average.
    private static let usualDelay: Seconds = 240

    private static func pack(_ record: WindowRecord) -> Data? {
        let samples = record.observation.samples
        let outcomes = record.observation.outcomes
        let revision = record.verdict?.revision ?? 0
        let outvoted = record.verdict?.outvoted
        var flags: UInt8 = 0
        if let samples { flags |= samples == 1 ? 2 : 1 }
        if let outcomes { flags |= outcomes.acceptedAny ? 12 : 4 }
        if revision != 0 { flags |= 16 }
        if outvoted != nil { flags |= 32 }
        guard flags != 0 else { return nil }
        var writer = ByteWriter()
        writer.write(byte: flags)
        if let samples, samples != 1 { writer.write(samples) }
        if let outcomes {
            writer.write(outcomes.acceptedErrors)
            writer.write(outcomes.droppedErrors)
        }
        if revision != 0 { writer.write(revision) }
        if let outvoted { writer.write(outvoted) }
        return Data(writer.bytes)
    }

    private static func unpack(_ extra: Data, into record: inout WindowRecord) throws {
        var reader = ByteReader(extra)
        let flags = try reader.readByte()
        if flags & 3 != 0 { record.observation.samples = flags & 2 != 0 ? 1 : try reader.readDouble() }
        if flags & 4 != 0 {
            record.observation.outcomes = Observation.Outcomes(
                acceptedAny: flags & 8 != 0, acceptedErrors: try reader.readInt(), droppedErrors: try reader.readInt())
        }
        if flags & 16 != 0 { record.verdict?.revision = try reader.readInt() }
        if flags & 32 != 0 { record.verdict?.outvoted = try reader.readBasis() }
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ basis: Basis) {
        write(basis.policy)
        switch basis.baseline {
        case .none: write(byte: 0)
        case .stored(let id):
            write(byte: 1)
            write(id)
        case .inline(let value, let isProvisional):
            write(byte: isProvisional ? 3 : 2)
            write(value)
        }
    }
}

extension ByteReader {
    fileprivate mutating func readBasis() throws -> Basis {
        let policy = try readInt()
        switch try readByte() {
        case 0: return Basis(policy: policy, baseline: .none)
        case 1: return Basis(policy: policy, baseline: .stored(try readInt()))
        case 2: return Basis(policy: policy, baseline: .inline(try readBaselineValue(), isProvisional: false))
        case 3: return Basis(policy: policy, baseline: .inline(try readBaselineValue(), isProvisional: true))
        default: throw Malformed()
        }
    }
}
