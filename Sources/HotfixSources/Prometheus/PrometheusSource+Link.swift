package import HotfixCore
import HotfixHTTP

extension PrometheusSource: LinkedSource {
    /// The expression browser with the query drawn over the interval; it lies beside the API in Prometheus, Thanos and VictoriaMetrics.
    package func link(to definition: SeriesDefinition, seen: Interval) -> MessageLink? {
        var parameters = [("g0.expr", definition.query), ("g0.tab", "0")]
        if let end = seen.end {
            let text = pickerText(end)
            parameters += [
                ("g0.range_input", rangeText(max(60, end - seen.start))), ("g0.end_input", text),
                ("g0.moment_input", text),
            ]
        }
        let query = parameters.map { "\($0)=\(percentEncoded($1))" }.joined(separator: "&")
        return MessageLink(label: name, url: "\(withoutUser(api.base))/graph?\(query)")
    }
}

/// An instant as the page's own picker of times writes it: `2026-11-20 10:05:00`, in UTC.
private func pickerText(_ instant: Instant) -> String {
    String(instant.description.prefix { $0 != "Z" }).replacing("T", with: " ")
}

/// A length of time as the page has it: `6h`, `90m`, `61s`.
private func rangeText(_ seconds: Seconds) -> String {
    if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
    return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
}
