import HotfixCore
import HotfixStore

/// Turns rows of the ledger into lines of an export, with baseline and limit derived from what is stored.
struct ExportBook {
    /// The columns, in this order; more may be added at the end.
    static let columns = [
        "service", "guardrail", "window_start", "window_end", "value", "baseline", "baseline_windows", "coverage",
        "limit", "verdict", "reason", "confirmed", "revision", "policy", "evaluated_at",
    ]

    private let baselines: [Int: StoredBaseline]
    private let policies: [Int: PolicyVersion]
    private let excusals: [Excusal]
    private let versions: [String: VersionWatch]

    init(_ snapshot: Snapshot) {
        let facts = snapshot.facts
        versions = Dictionary(snapshot.services.compactMap { service in service.versions.map { (service.name, $0) } }) {
            $1
        }
        baselines = Dictionary(facts.baselines.map { ($0.id, $0) }) { $1 }
        policies = Dictionary(facts.policies.map { ($0.id, $0) }) { $1 }
        excusals = facts.excusals
    }

    /// The fields of a row, in the order of the columns.
    func line(_ row: ExportRow) -> [JSONValue] {
        let baseline: BaselineValue? =
            switch row.verdict.basis.baseline {
            case .none: nil
            case .inline(let value, _): value
            case .stored(let id): baselines[id]?.value(at: row.window.start)
            }
        let rule = policies[row.verdict.basis.policy]?.policy.guardrail(row.pair.guardrail)
        let limit = rule.flatMap { rule in
            judge(
                row.observation, by: rule,
                baseline: needsBaseline(rule) ? baseline.map(BaselineState.known) ?? .unasked : .notNeeded,
                window: row.window.length)?.limitNumber
        }
        let isExcused =
            row.verdict.verdict == .breach
            && excusals.contains { $0.pair == row.pair && $0.covers(row.window.start) }
        // A window whose version could not be asked is missing, though its values were judged.
        let counted = CountedVerdict(
            verdict: isExcused ? .unproven : row.verdict.verdict, reason: isExcused ? .excused : row.verdict.reason
        ).held(against: versions[row.pair.service], at: row.window.start)
        return [
            JSONValue(row.pair.service), JSONValue(row.pair.guardrail), JSONValue(row.window.start),
            JSONValue(row.window.end), JSONValue(row.observation.value), JSONValue(baseline?.number),
            baseline.map { JSONValue($0.windowsUsed) } ?? .null, JSONValue(baseline?.coverage), JSONValue(limit),
            JSONValue(counted?.verdict.rawValue), JSONValue(counted?.reason?.rawValue),
            .boolean(row.verdict.isConfirmed && !isExcused), JSONValue(row.verdict.revision),
            JSONValue(row.verdict.basis.policy), JSONValue(row.verdict.evaluatedAt),
        ]
    }

    /// The fields of a row by their names.
    func object(_ row: ExportRow) -> JSONValue {
        .object(
            JSONObject(
                members: zip(Self.columns, line(row)).map { JSONObject.Member(key: JSONString($0), value: $1) }))
    }

    /// A line as CSV (RFC 4180); a missing value is an empty field.
    static func csv(_ line: [JSONValue]) -> String {
        line.map { field in
            switch field {
            case .null: return ""
            case .boolean(let flag): return flag ? "true" : "false"
            case .number(let number): return number
            case .string(let string):
                let text = string.text
                guard text.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return text }
                return "\"" + text.replacing("\"", with: "\"\"") + "\""
            case .array, .object: return ""
            }
        }.joined(separator: ",")
    }

    /// A line as an object of JSON, on one line.
    static func json(_ line: [JSONValue]) -> String {
        "{" + zip(columns, line).map { "\"\($0)\": \($1.text)" }.joined(separator: ", ") + "}"
    }
}
