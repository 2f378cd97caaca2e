/// What a guardrail takes of a service in a window, reached from the samples by hand.
enum HandMeasure: Sendable {
    case latencyP95, errorShare, requests, cpu, memory
    /// The queries of the policy `own`.
    case level, jobs, retried

    /// Whether values come with the number of events behind them.
    var countsEvents: Bool {
        switch self {
        case .latencyP95, .errorShare, .retried: true
        case .requests, .cpu, .memory, .level, .jobs: false
        }
    }
}

/// The value of a window, and the events behind it where they are counted.
struct HandValue: Sendable {
    var value: Double?
    var events: Double?
}

/// The samples of one service, asked as the policies ask.
struct HandService: Sendable {
    private let byMetric: [String: [RawSeries]]
    private let engine: HandPromQL

    init(_ series: [RawSeries], _ engine: HandPromQL) {
        byMetric = Dictionary(grouping: series, by: \.metric)
        self.engine = engine
    }

    /// The value in the window that ends at an instant; NaN and infinity are none.
    func value(_ measure: HandMeasure, at end: Int) -> HandValue {
        var found = HandValue()
        switch measure {
        case .latencyP95:
            found = HandValue(value: percentile(at: end), events: growth("\(Shop.duration)_count", at: end))
        case .errorShare:
            found.events = growth("\(Shop.duration)_count", at: end)
            found.value = found.events.map { all in (growth("\(Shop.duration)_count", at: end, isError) ?? 0) / all }
        case .requests: found.value = growth("\(Shop.duration)_count", at: end)
        case .cpu: found.value = cores(at: end)
        case .memory:
            found.value = average(
                all("process_memory_usage_bytes").compactMap { engine.mean($0, over: Shop.window, at: end) }
                    .filter { $0 >= 0 })
        case .level: found.value = all("queue_level").compactMap { engine.latest($0, at: end) }.max()
        case .jobs: found.value = growth("jobs_total", at: end).map { $0 / Double(Shop.window) }
        case .retried:
            found.events = growth("jobs_total", at: end)
            if let events = found.events, let retries = growth("retries_total", at: end) {
                found.value = retries / events
            }
        }
        if let value = found.value, !value.isFinite { found.value = nil }
        return found
    }

    private func all(_ metric: String) -> [RawSeries] { byMetric[metric, default: []] }

    private func isError(_ series: RawSeries) -> Bool {
        series.labels["http_response_status_code"]?.hasPrefix("5") ?? false
    }

    private func growth(_ metric: String, at end: Int, _ isMeant: (RawSeries) -> Bool = { _ in true }) -> Double? {
        let grown = all(metric).filter(isMeant).compactMap { engine.increase($0, over: Shop.window, at: end) }
        return grown.isEmpty ? nil : grown.reduce(0, +)
    }

    private func percentile(at end: Int) -> Double? {
        var buckets: [Double: Double] = [:]
        for series in all("\(Shop.duration)_bucket") {
            guard let rate = engine.rate(series, over: Shop.window, at: end),
                let bound = Shop.bounds.first(where: { $0.label == series.labels["le"] })?.bound
            else { continue }
            buckets[bound, default: 0] += rate
        }
        return buckets.isEmpty ? nil : HandPromQL.quantile(0.95, buckets)
    }

    /// Instances are averaged: while one replaces another, there are two of them.
    private func cores(at end: Int) -> Double? {
        var instances: [String: Double] = [:]
        for series in all("process_cpu_time_seconds_total") {
            guard let rate = engine.rate(series, over: Shop.window, at: end) else { continue }
            instances[series.labels["instance"] ?? "", default: 0] += rate
        }
        return average(Array(instances.values))
    }
}

func average(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
}
