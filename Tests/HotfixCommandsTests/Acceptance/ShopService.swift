import HotfixTestSupport

/// A made-up service: its instances, and what happens to them.
struct ShopService: Sendable {
    /// A process that is scraped.
    struct Instance: Sendable {
        var name: String
        var from = Shop.start
        var to = Shop.end
        /// When its counters begin anew.
        var restarts: [Int] = []
    }

    /// What may happen; it holds for the scrapes after `start`, up to and including `end`.
    struct Incident: Sendable {
        enum Kind: Equatable, Sendable {
            /// Requests move one bucket up.
            case slow
            /// All requests take longer than the last bound.
            case endless
            /// Half as many errors again.
            case failing
            /// So many requests as usual.
            case traffic(Double)
            case busy, fat
            /// Memory is reported as NaN, by one instance or all.
            case nonsense(String?)
            /// The gauge of the service has this value.
            case level(Double)
        }

        var kind: Kind
        var start: Int
        var end: Int

        init(_ kind: Kind, at start: Int, for seconds: Int = 300) {
            self.kind = kind
            self.start = start
            end = start + seconds
        }
    }

    var name: String
    /// The name of its policy.
    var policy: String
    /// What Prometheus knows it by.
    var labels: [String: String]
    /// Seconds between two scrapes, and how long after a multiple of that they come.
    var interval = 100
    var offset = 40
    var instances = [Instance(name: "1")]
    /// When nothing is scraped, both ends included.
    var outages: [ClosedRange<Int>] = []
    var incidents: [Incident] = []
    /// How far the traffic swings in a day, as a share of its mean.
    var swing = 0.1
    /// Whether errors have buckets of their own too.
    var hasErrorBuckets = false
    /// Whether it has request durations, CPU and memory, or a gauge and counters of its own.
    var isWebService = true
    /// The usual value of its gauge.
    var level = 0.5

    /// The series of its whole history.
    func series() -> [RawSeries] { instances.flatMap(isWebService ? webSeries : ownSeries) }

    private func happening(at time: Int) -> [Incident.Kind] {
        incidents.filter { time > $0.start && time <= $0.end }.map(\.kind)
    }

    private func traffic(_ happening: [Incident.Kind], at time: Int) -> Double {
        let phase = Double(time % 86_400) / 43_200 - 1
        return happening.reduce(1 + swing * (1 - 2 * phase * phase)) { usual, kind in
            if case .traffic(let share) = kind { usual * share } else { usual }
        }
    }

    private func times(of instance: Instance) -> StrideThrough<Int> {
        let first = (instance.from - offset + interval - 1) / interval * interval + offset
        return stride(from: first, through: instance.to, by: interval)
    }

    private func isScraped(_ time: Int) -> Bool { !outages.contains { $0.contains(time) } }

    private func webSeries(_ instance: Instance) -> [RawSeries] {
        let own = labels.merging(["instance": instance.name]) { $1 }
        func made(_ metric: String, _ more: [String: String] = [:]) -> RawSeries {
            RawSeries(metric: metric, labels: own.merging(more) { $1 })
        }
        let status = "http_response_status_code"
        var histograms = ["200", "503"].map { code in
            Shop.bounds.map { made("\(Shop.duration)_bucket", [status: code, "le": $0.label]) }
                + [made("\(Shop.duration)_count", [status: code])]
        }
        var cpu = ["user", "system"].map { made("process_cpu_time_seconds_total", ["cpu_mode": $0]) }
        var memory = made("process_memory_usage_bytes")
        var counts = [[Double]](repeating: [Double](repeating: 0, count: Shop.bounds.count + 1), count: 2)
        var seconds = [0.0, 0.0]
        var restarts = instance.restarts[...]
        var random = SeededGenerator(seed: UInt64(instance.from) &+ name.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        func noisy(_ number: Double, _ noise: Double) -> Double { number * (1 + noise * (2 * random.share() - 1)) }
        for time in times(of: instance) {
            if let restart = restarts.first, time >= restart {
                restarts = restarts.dropFirst()
                counts = counts.map { $0.map { _ in 0 } }
                seconds = [0, 0]
            }
            let happening = happening(at: time)
            let usual = traffic(happening, at: time) * Double(interval)
            for (code, share) in [10, happening.contains(.failing) ? 0.45 : 0.3].enumerated() {
                var below = 0.0
                for (index, bound) in Shop.bounds.enumerated() {
                    var part = bound.share
                    if happening.contains(.slow) { part = index == 0 ? 0.1 : Shop.bounds[index - 1].share * 0.9 }
                    if happening.contains(.endless) { part = index == Shop.bounds.count - 1 ? 1 : 0 }
                    below += noisy(usual * share * part, 0.05).rounded()
                    counts[code][index] += below
                }
                counts[code][Shop.bounds.count] += below
            }
            for (mode, cores) in [0.375, 0.125].enumerated() {
                seconds[mode] += noisy(cores * Double(interval), 0.08) * (happening.contains(.busy) ? 2 : 1)
            }
            var bytes = noisy(5e8, 0.03).rounded() * (happening.contains(.fat) ? 1.5 : 1)
            if happening.contains(.nonsense(nil)) || happening.contains(.nonsense(instance.name)) { bytes = .nan }
            guard isScraped(time) else { continue }
            for code in counts.indices {
                for index in counts[code].indices { histograms[code][index].append(counts[code][index], at: time) }
            }
            for mode in cpu.indices { cpu[mode].append(seconds[mode], at: time) }
            memory.append(bytes, at: time)
        }
        let errors = hasErrorBuckets ? histograms[1] : histograms[1].suffix(1)
        return histograms[0] + errors + cpu + [memory]
    }

    private func ownSeries(_ instance: Instance) -> [RawSeries] {
        var gauge = RawSeries(metric: "queue_level", labels: labels)
        var jobs = RawSeries(metric: "jobs_total", labels: labels)
        var retries = RawSeries(metric: "retries_total", labels: labels)
        var count = (jobs: 0.0, retries: 0.0)
        for time in times(of: instance) {
            let happening = happening(at: time)
            let done = (traffic(happening, at: time) * Double(interval)).rounded()
            count = (count.jobs + done, count.retries + (done / 10).rounded())
            jobs.append(count.jobs, at: time)
            retries.append(count.retries, at: time)
            guard isScraped(time) else { continue }
            let levels = happening.compactMap { if case .level(let value) = $0 { value } else { nil } }
            gauge.append(levels.last ?? level, at: time)
        }
        return [gauge, jobs, retries]
    }
}
