import HotfixCore

/// The PromQL of a built-in measure over the series of one identity.
///
/// Every selector holds `anchor`, so that the query can be narrowed to some services.
///
/// The same instant must give the same bits however it is asked for. Prometheus adds up series in their own order, but
/// what an operator or an inner aggregation passes on comes in any order; such sums are made of whole numbers, which
/// are exact in every order.
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
        case (.usage, .level(let parts)): level(parts)
        case (.usage, .busyShare): "1 - avg by (\(grouping([]))) (\(ranged("rate", name)))"
        case (.usage, _): usedRate
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
        let total = "sum by (\(grouping([]))) (\(counted)) / count by (\(grouping([]))) (\(counted))"
        return "clamp_max(\(total) / \(expected), 1)"
    }

    /// The query of the most samples that half an hour held, during the last hour.
    var densest: String { "max by (\(grouping([]))) (max_over_time((\(sampleCount(Self.density)))[3600s:300s]))" }

    /// The seconds that `densest` counts in.
    static let density: Seconds = 1800

    private var quantile: String {
        let function = identity.joined == nil && buckets != .ranges ? "rate" : "increase"
        let summand: String
        var labels: [String] = []
        switch buckets {
        case .native: summand = ranged(function, name)
        case .classic:
            labels = ["le"]
            summand = whole("1e6", function, "\(name)_bucket")
        case .ranges:
            labels = ["vmrange"]
            summand = whole("1e6", function, "\(name)_bucket", [LabelMatcher("vmrange", .unequal, "")])
        }
        return "histogram_quantile(0.95, sum by (\(grouping(labels))) (\(summand)))"
    }

    /// Server errors over all; where there are requests and no error series, 0, and without requests 0/0, no value.
    private func failedShare(_ statusLabel: String) -> String {
        "(\(count([LabelMatcher(statusLabel, .matches, "5..")])) or 0 * \(count())) / \(count())"
    }

    private func count(_ matchers: [LabelMatcher] = []) -> String {
        if buckets == .native {
            return "histogram_count(sum by (\(grouping([]))) (\(ranged("increase", name, matchers))))"
        }
        let sum = "sum by (\(grouping([]))) (\(whole("1e6", "increase", "\(name)_count", matchers)))"
        return identity.joined == nil ? sum : "\(sum) / 1e6"
    }

    /// The mean over instances, as a sum would double while a deployment replaces one instance by another.
    private var usedRate: String {
        let sum = "sum by (\(grouping([]))) (\(whole("1e12", "rate", name)))"
        return "\(identity.joined == nil ? sum : "\(sum) / 1e12") / \(instances(ranged("rate", name)))"
    }

    /// The mean over instances of a level's parts added up; one instance that reports NaN must not hide the others.
    private func level(_ parts: [String]) -> String {
        // A part that changed one of its other labels in the window stands twice, and is averaged.
        let part = "avg by (\(grouping(instanceLabels + parts))) (\(ranged("avg_over_time", name)))"
        let scale = family.unit == "bytes" ? "1e3" : "1e12"
        let sum = "sum by (\(grouping([]))) (round(\(scale) * \(part)) >= 0) / \(scale)"
        return "\(sum) / \(instances(ranged("avg_over_time", name, keeping: " >= 0")))"
    }

    private func instances(_ series: String) -> String {
        "count by (\(grouping([]))) (count by (\(grouping(instanceLabels))) (\(series)))"
    }

    /// A range of each series; in whole parts of a unit where the environment is looked up, which mixes their order.
    private func whole(_ scale: String, _ function: String, _ metric: String, _ matchers: [LabelMatcher] = []) -> String
    {
        ranged(function, metric, matchers, scale: identity.joined == nil ? nil : scale)
    }

    private func sampleCount(_ seconds: Seconds) -> String {
        var metric = name
        if case .histogram = family.shape, buckets != .native { metric += "_count" }
        // A millisecond less, since a range holds its left end in Prometheus 2 and does not in 3.
        return ranged("count_over_time", metric, milliseconds: seconds * 1000 - 1)
    }

    private func ranged(
        _ function: String, _ metric: String, _ matchers: [LabelMatcher] = [], keeping condition: String = "",
        milliseconds: Int? = nil, scale: String? = nil
    ) -> String {
        let range = milliseconds.map { "\($0)ms" } ?? "\(over)s"
        let own = [LabelMatcher(identity.label, .unequal, "")] + identity.matchers + matchers
        let family = family.matchers
            .map { LabelMatcher(spelled($0.label), $0.comparison, $0.value) }
            .filter { $0.text != anchor }
        var plain = "\(function)(\(selector(metric, own + family))[\(range)])\(condition)"
        if let scale { plain = "round(\(scale) * \(plain))" }
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
