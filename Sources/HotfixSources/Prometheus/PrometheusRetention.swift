import FoundationEssentials
import HotfixCore

/// What a server says of itself at `status/runtimeinfo`; many compatible servers say nothing.
struct PrometheusRuntime: Decodable {
    struct Content: Decodable {
        var storageRetention: String?
    }

    var data: Content?

    /// For how many seconds samples are kept; nil where that is not limited by time, or not told.
    var retention: Seconds? {
        data?.storageRetention?.split(separator: " ").lazy.compactMap { Self.seconds($0) }.first
    }

    /// Reads an answer's body, nil where it is something else.
    init?(_ body: [UInt8]) {
        guard let read = try? JSONDecoder().decode(PrometheusRuntime.self, from: Data(body)) else { return nil }
        self = read
    }

    /// A duration as Prometheus writes it, `15d` or `1w2d`; nil for sizes and other words.
    static func seconds(_ text: Substring) -> Seconds? {
        let units: [String: Seconds] = [
            "y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 0,
        ]
        var total = 0
        var rest = text
        while !rest.isEmpty {
            let digits = rest.prefix(while: \.isNumber)
            let unit = rest.dropFirst(digits.count).prefix { !$0.isNumber }
            guard let number = Int(digits), let length = units[String(unit)], number < 1_000_000 else { return nil }
            total += number * length
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return total > 0 ? total : nil
    }
}
