import HotfixCore

extension PrometheusSource {
    /// Which histograms with fixed buckets are read together.
    private struct Histogram: Hashable {
        var metric: String
        var label: String
        var matchers: [LabelMatcher]
        var scale: Int
    }

    /// Finds the highest finite bound of every histogram with fixed buckets: no quantile can be above it.
    func examineBuckets(
        _ examination: inout SourceExamination, _ wishes: [SeriesWish], _ discovery: Discovery, at instant: Instant
    ) async {
        let choice = SeriesChoice(source: name, discovery: discovery)
        var members: [Histogram: [(pair: Pair, value: String)]] = [:]
        for wish in wishes where wish.guardrail.measure == .builtIn(.latencyP95) {
            guard examination.definitions[wish.pair] != nil,
                case .success(let query) = choice.query(
                    .latencyP95, of: wish.service, over: wish.guardrail.over ?? wish.window, at: instant),
                query.buckets == .classic, case .histogram(let scale) = query.family.shape
            else { continue }
            let histogram = Histogram(
                metric: "\(query.name)_bucket", label: query.identity.label, matchers: query.identity.matchers,
                scale: scale)
            members[histogram, default: []].append((wish.pair, query.identity.value))
        }
        for (histogram, pairs) in members {
            let anchor = LabelMatcher(histogram.label, .unequal, "")
            let buckets = selector(histogram.metric, [anchor] + histogram.matchers)
            let query = narrowed(
                "count by (\(labelName(histogram.label)), le) (\(buckets))", anchor: anchor.text,
                label: histogram.label,
                to: Set(pairs.map(\.value)))
            let highest: [String: Double]
            do {
                highest = Self.highestBounds(try await api.instant(query, at: instant).series, by: histogram.label)
            } catch {
                for (pair, _) in pairs {
                    examination.diagnosis.leaveOut(
                        .guardrail(pair), "the bounds of its histogram: \(error.error.message)",
                        remedy: "Run hotfix doctor again.")
                }
                continue
            }
            for (pair, value) in pairs {
                examination.highestValues[pair] = highest[value].map { $0 / Double(histogram.scale) }
            }
        }
    }

    private static func highestBounds(_ series: [ReplySeries], by label: String) -> [String: Double] {
        var highest: [String: Double] = [:]
        for one in series {
            guard let value = one.labels[label], let bound = one.labels["le"].flatMap({ Double($0) }), bound.isFinite
            else { continue }
            highest[value] = max(highest[value] ?? bound, bound)
        }
        return highest
    }
}
