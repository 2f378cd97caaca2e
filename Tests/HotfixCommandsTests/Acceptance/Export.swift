import Foundation

/// A row of `hotfix ledger export --format json`.
struct ExportedRow: Decodable, Equatable, Sendable {
    var service: String
    var guardrail: String
    var windowStart: String
    var windowEnd: String
    var value: Double?
    var baseline: Double?
    var baselineWindows: Int?
    var coverage: Double?
    var limit: Double?
    var verdict: String
    var reason: String?
    var confirmed: Bool
    var revision: Int
    var policy: Int
    var evaluatedAt: String

    /// What must not depend on when and in how many steps windows were judged.
    var lasting: ExportedRow {
        var row = self
        row.revision = 0
        row.evaluatedAt = ""
        return row
    }

    var key: String { "\(service)/\(guardrail)/\(windowStart)" }
}

/// What `hotfix readiness --format json` says, as far as the law decides it.
struct ExportedReadiness: Decodable, Equatable, Sendable {
    struct Service: Decodable, Equatable, Sendable {
        struct LastBreach: Decodable, Equatable, Sendable {
            var guardrail: String
            var windowStart: String
            var value: Double?
            var limit: Double?
        }

        struct Guardrail: Decodable, Equatable, Sendable {
            var name: String
            var verdict: String
            var reason: String?
            var windowStart: String?
            var value: Double?
            var baseline: Double?
        }

        var name: String
        var state: String
        var provenSeconds: Int
        var since: String?
        var earliestReady: String?
        var evaluatedUntil: String?
        var unprovenWindows: Int
        var missingWindows: Int
        var guardrails: [Guardrail]
        var lastBreach: LastBreach?
    }

    struct Episode: Decodable, Equatable, Sendable {
        var id: String
        var opened: String
        var closed: String?
        var peak: Double
        var windows: Int
    }

    var state: String
    var ready: Bool
    var requiredSeconds: Int
    var provenSeconds: Int
    var since: String?
    var earliestReady: String?
    var evaluatedUntil: String?
    var services: [Service]
    var episodes: [Episode]
}

func decoded<T: Decodable>(_ type: T.Type, from text: String) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(text.utf8))
}

/// Whether two numbers are equal but for rounding, or both absent.
func isNear(_ left: Double?, _ right: Double?) -> Bool {
    guard let left, let right else { return left == nil && right == nil }
    return abs(left - right) <= 1e-9 * max(abs(left), abs(right))
}
