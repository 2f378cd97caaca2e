import HotfixCore

/// The PromQL of a built-in measure over the series of one identity.
///
/// Every selector holds `anchor`, so that the query can be narrowed to some services.
struct MeasureQuery: Sendable {
    /// How a histogram is stored.
    enum Buckets: String, Sendable, CaseIterable {
        /// One series with buckets of its own; finest, so preferred.
        case native = "native histogram"
        /// A series for each bound, `le`.
        case classic = "classic buckets"
        /// VictoriaMetrics' buckets, `vmrange`.
        case ranges = "vmrange buckets"
    }

    /// What is asked.
    enum Question: Hashable, Sendable {
        /// The 95th percentile of durations.
        case quantile
        /// The share of requests whose status code, under this label, is a server error.
        case failedShare(statusLabel: String)
        /// The number of requests.
        case count
        /// How much of a resource an instance uses.
        case usage
    }

    /// What is asked.
    var question: Question
    /// The metric, without suffix where it is a histogram.
    var name: String
    /// What the metric is.
    var family: MetricFamily
    /// How it is stored, where it is a histogram.
    var buckets: Buckets
    /// Whose series.
    var identity: SeriesIdentity
    /// The stretch that a value is taken over.
    var over: Seconds

    /// A condition that every service satisfies: a series without the label is nobody's.
    var anchor: String { LabelMatcher(identity.label, .unequal, "").text }

    /// The query of the values, by service.
    var value: String {
        switch (question, family.shape) {
        case (.quantile, .histogram(let scale)): scale == 1 ? quantile : "\(quantile) / \(scale)"
        case (.quantile, _): quantile
        case (.failedShare(let label), _): failedShare(label)
        case (.count, _): count()
        case (.usage, .level(let parts)): averaged("avg_over_time", keeping: " >= 0", parts: parts)
        case (.usage, .busyShare): "1 - avg by (\(grouping([]))) (\(ranged("rate", name)))"
        case (.usage, _): averaged("rate", parts: [])
        }
    }

    /// The query of the events behind the values, where they are counted.
    var events: String? {
        switch question {
        case .quantile, .failedShare: count()
        case .count, .usage: nil
        }
    }

    /// The query of the share of the window that samples cover: the mean over instances of the best-covered series.
    ///
    /// - Parameter interval: The seconds between two samples.
    /// - Returns: A query of numbers from 0 to 1, by service.
    func samples(interval: Double) -> String {
        let expected = shortNumber(Double(over) / interval)
        let counted = "max by (\(grouping(instanceLabels))) (\(sampleCount(over)))"
        return "clamp_max(avg by (\(grouping([]))) (\(counted)) / \(expected), 1)"
    }

    /// The query of the most samples that half an hour held, during the last hour.
    var densest: String { "max by (\(grouping([]))) (max_over_time((\(sampleCount(Self.density)))[3600s:300s]))" }

    /// The seconds that `densest` counts in.
    static let density: Seconds = 1800

    private var quantile: String {
        switch buckets {
        case .native: "histogram_quantile(0.95, sum by (\(grouping([]))) (\(ranged("rate", name))))"
        case .classic: "histogram_quantile(0.95, sum by (\(grouping(["le"]))) (\(ranged("rate", "\(name)_bucket"))))"
        case .ranges:
            "histogram_quantile(0.95, sum by (\(grouping(["vmrange"]))) "
                + "(\(ranged("increase", "\(name)_bucket", [LabelMatcher("vmrange", .unequal, "")]))))"
        }
    }

    /// Server errors over all; where there are requests and no error series, 0, and without requests 0/0, no value.
    private func failedShare(_ statusLabel: String) -> String {
        "(\(count([LabelMatcher(statusLabel, .matches, "5..")])) or 0 * \(count())) / \(count())"
    }

    private func count(_ matchers: [LabelMatcher] = []) -> String {
        buckets == .native
            ? "histogram_count(sum by (\(grouping([]))) (\(ranged("increase", name, matchers))))"
            : "sum by (\(grouping([]))) (\(ranged("increase", "\(name)_count", matchers)))"
    }

    /// The mean over instances, as a sum would double while a deployment replaces one instance by another.
    ///
    /// The condition keeps one instance that reports NaN from hiding the others.
    private func averaged(_ function: String, keeping condition: String = "", parts: [String]) -> String {
        let each = ranged(function, name, keeping: condition)
        if case .level = family.shape, parts.isEmpty { return "avg by (\(grouping([]))) (\(each))" }
        // An instance's parts are added up; a part that changed a label in the window stands twice and is averaged.
        let whole = parts.isEmpty ? each : "avg by (\(grouping(instanceLabels + parts))) (\(each))"
        return "avg by (\(grouping([]))) (sum by (\(grouping(instanceLabels))) (\(whole)))"
    }

    private func sampleCount(_ seconds: Seconds) -> String {
        var metric = name
        if case .histogram = family.shape, buckets != .native { metric += "_count" }
        // A millisecond less, since a range holds its left end in Prometheus 2 and does not in 3.
        return ranged("count_over_time", metric, milliseconds: seconds * 1000 - 1)
    }

    private func ranged(
        _ function: String, _ metric: String, _ matchers: [LabelMatcher] = [], keeping condition: String = "",
        milliseconds: Int? = nil
    ) -> String {
        let range = milliseconds.map { "\($0)ms" } ?? "\(over)s"
        let own = [LabelMatcher(identity.label, .unequal, "")] + identity.matchers + matchers
        let family = family.matchers
            .map { LabelMatcher(spelled($0.label), $0.comparison, $0.value) }
            .filter { $0.text != anchor }
        let plain = "\(function)(\(selector(metric, own + family))[\(range)])\(condition)"
        guard let joined = identity.joined else { return plain }
        // A set operator, unlike a product, bears a target that describes itself twice after a deployment.
        let target = selector("target_info", [LabelMatcher("job", .unequal, ""), joined])
        return "\(plain) and on (job, instance) max_over_time(\(target)[\(range)])"
    }

    private func grouping(_ labels: [String]) -> String {
        ([labelName(identity.label)] + labels.map { labelName(spelled($0)) }).joined(separator: ", ")
    }

    private var instanceLabels: [String] { family.scope.instanceLabels }

    private func spelled(_ label: String) -> String { name.contains(".") ? label : underscored(label) }
}
