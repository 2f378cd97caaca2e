import GRDB
import HotfixCore

/// What many verdicts have in common: everything of a verdict but its baseline's number, its instant and rare additions.
struct StoredJudgement: Hashable {
    private enum Baseline: Hashable {
        case none
        case stored(Int)
        case inline(windowsUsed: Int, windowsPossible: Int, isSilent: Bool, isProvisional: Bool)
    }

    private let policy: Int
    private let verdict: Verdict
    private let reason: Reason?
    private let isSevere: Bool
    private let isConfirmed: Bool
    private let baseline: Baseline

    /// The common part of a verdict.
    init(_ recorded: RecordedVerdict) {
        policy = recorded.basis.policy
        verdict = recorded.verdict
        reason = recorded.reason
        isSevere = recorded.isSevere
        isConfirmed = recorded.isConfirmed
        baseline =
            switch recorded.basis.baseline {
            case .none: .none
            case .stored(let id): .stored(id)
            case .inline(let value, let isProvisional):
                .inline(
                    windowsUsed: value.windowsUsed, windowsPossible: value.windowsPossible, isSilent: value.isSilent,
                    isProvisional: isProvisional)
            }
    }

    /// Reads a row with `columns`.
    ///
    /// - Throws: `LedgerContent.Unknown` where it names a verdict or a reason that there is not.
    fileprivate init(_ row: Row) throws {
        policy = row[0]
        verdict = try LedgerContent.value(row[1])
        reason = try (row[2] as String?).map { try LedgerContent.value($0) }
        isSevere = row[3]
        isConfirmed = row[4]
        if let id = row[5] as Int? {
            baseline = .stored(id)
        } else if let windowsUsed = row[6] as Int? {
            baseline = .inline(
                windowsUsed: windowsUsed, windowsPossible: row[7], isSilent: row[8], isProvisional: row[9])
        } else {
            baseline = .none
        }
    }

    fileprivate static let columns = """
        policy, verdict, reason, isSevere, isConfirmed, baseline, windowsUsed, windowsPossible, isSilent, isProvisional
        """

    fileprivate var arguments: StatementArguments {
        var values: [(any DatabaseValueConvertible)?] = [
            policy, verdict.rawValue, reason?.rawValue, isSevere, isConfirmed,
        ]
        switch baseline {
        case .none: values += [nil, nil, nil, nil, nil]
        case .stored(let id): values += [id, nil, nil, nil, nil]
        case .inline(let used, let possible, let isSilent, let isProvisional):
            values += [nil, used, possible, isSilent, isProvisional]
        }
        return StatementArguments(values)
    }

    /// The verdict that this is part of; the number is that of a baseline that is stored with the verdict.
    func verdict(number: Double?, evaluatedAt: Instant) -> RecordedVerdict {
        let reference: BaselineReference =
            switch baseline {
            case .none: .none
            case .stored(let id): .stored(id)
            case .inline(let used, let possible, let isSilent, let isProvisional):
                .inline(
                    BaselineValue(number: number, windowsUsed: used, windowsPossible: possible, isSilent: isSilent),
                    isProvisional: isProvisional)
            }
        return RecordedVerdict(
            verdict: verdict, reason: reason, isSevere: isSevere, isConfirmed: isConfirmed,
            basis: Basis(policy: policy, baseline: reference), evaluatedAt: evaluatedAt)
    }
}

/// The table `judgement` as far as one transaction has used it.
///
/// It lives no longer than the transaction: numbers given in one that is rolled back are given again to something else.
struct JudgementTable {
    private var judgements: [Int: StoredJudgement] = [:]
    private var ids: [StoredJudgement: Int] = [:]

    /// The number of a judgement, which is added where the table lacks it.
    mutating func id(of judgement: StoredJudgement, in db: Database) throws -> Int {
        if let known = ids[judgement] { return known }
        let statement = try db.cachedStatement(
            sql: """
                SELECT id FROM judgement WHERE policy IS ? AND verdict IS ? AND reason IS ? AND isSevere IS ?
                AND isConfirmed IS ? AND baseline IS ? AND windowsUsed IS ? AND windowsPossible IS ? AND isSilent IS ?
                AND isProvisional IS ?
                """)
        let id: Int
        if let found = try Int.fetchOne(statement, arguments: judgement.arguments) {
            id = found
        } else {
            try db.cachedStatement(
                sql: "INSERT INTO judgement (\(StoredJudgement.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            ).execute(arguments: judgement.arguments)
            id = Int(db.lastInsertedRowID)
        }
        ids[judgement] = id
        return id
    }

    /// The judgement with a number.
    mutating func judgement(_ id: Int, in db: Database) throws -> StoredJudgement {
        if let known = judgements[id] { return known }
        let statement = try db.cachedStatement(sql: "SELECT \(StoredJudgement.columns) FROM judgement WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else {
            throw LedgerContent.Unknown(text: "judgement \(id)")
        }
        let judgement = try StoredJudgement(row)
        judgements[id] = judgement
        return judgement
    }
}

/// Reading of names that the ledger holds as texts.
enum LedgerContent {
    /// That a ledger holds something this version does not know.
    struct Unknown: Error, CustomStringConvertible {
        let text: String

        var description: String { "it refers to '\(text)', which there is not" }
    }

    /// The case of an enumeration that a text names.
    static func value<Value: RawRepresentable<String>>(_ text: String) throws(Unknown) -> Value {
        guard let value = Value(rawValue: text) else { throw Unknown(text: text) }
        return value
    }
}
