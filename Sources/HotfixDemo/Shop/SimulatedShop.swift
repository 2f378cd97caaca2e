package import HotfixCore

/// Simulated services and what is known of them: raw metrics in OpenTelemetry's naming, and error events.
///
/// Everything follows from the seeds and from the distance to `origin`, so that the same story comes out on every day.
package struct SimulatedShop: Sendable {
    /// A simulated service.
    package struct Service: Sendable {
        /// What Prometheus knows it by; its Sentry project is called the same, with `-api`.
        package var name: String
        /// How many instances it has.
        package var instances: Int
        /// Requests an instance gets in a minute.
        package var requests: Double
        /// Error events in a minute.
        package var errors: Double
        /// Cores that an instance uses.
        package var cores: Double
        /// Bytes that an instance uses.
        package var bytes: Double
        /// What its noise comes from.
        package var seed: UInt64
        /// When its requests take longer than usual.
        package var slow: [Range<Instant>]

        /// Makes a service.
        package init(
            _ name: String, instances: Int, requests: Double, errors: Double, cores: Double, bytes: Double,
            seed: UInt64, slow: [Range<Instant>] = []
        ) {
            self.name = name
            self.instances = instances
            self.requests = requests
            self.errors = errors
            self.cores = cores
            self.bytes = bytes
            self.seed = seed
            self.slow = slow
        }
    }

    /// The services.
    package var services: [Service]
    /// The instant that noise, rhythm and restarts are counted from: when the services were deployed anew.
    package var origin: Instant
    /// When their history begins, and how far it goes; whole minutes from the origin.
    package var history: Range<Instant>

    /// Makes services.
    package init(services: [Service], origin: Instant, history: Range<Instant>) {
        self.services = services
        self.origin = origin
        self.history = history
    }

    /// The seconds between two scrapes.
    package static let interval: Seconds = 60
    /// How long after a whole minute a scrape comes.
    private static let offset: Seconds = 7
    private static let environment = "production"
    /// The upper bounds of the buckets in seconds, with the share of requests up to each, usually and while slow.
    private static let bounds: [(label: String, usual: Double, slow: Double)] = [
        ("0.05", 0.30, 0.20), ("0.1", 0.62, 0.45), ("0.25", 0.90, 0.72), ("0.5", 0.97, 0.89), ("1", 0.99, 0.98),
        ("2.5", 1, 1), ("5", 1, 1), ("+Inf", 1, 1),
    ]

    /// The raw metrics.
    package func series() -> [SimulatedPrometheus.Series] {
        services.flatMap { service in (0..<service.instances).flatMap { series(service, instance: $0) } }
    }

    /// The Sentry projects.
    package func projects() -> [SimulatedSentry.Project] {
        services.enumerated().map { index, service in
            SimulatedSentry.Project(id: 101 + index, slug: "\(service.name)-api") { [origin] minute, _ in
                let number = (minute - origin) / 60
                return Int((service.errors * rhythm(number) * (1 + 0.1 * noise(service.seed, number))).rounded())
            }
        }
    }

    private func series(_ service: Service, instance: Int) -> [SimulatedPrometheus.Series] {
        let labels = [
            "service_name": service.name, "deployment_environment_name": Self.environment,
            "instance": "\(service.name)-\(instance)", "job": "shop/\(service.name)",
        ]
        let first = history.lowerBound + Self.offset
        func empty(_ name: String, _ more: [String: String] = [:]) -> SimulatedPrometheus.Series {
            .init(name, labels.merging(more) { $1 }, from: first, every: Self.interval)
        }
        let codes = [(code: "200", share: 0.99), (code: "500", share: 0.01)]
        let duration = "http_server_request_duration_seconds"
        var buckets = codes.map { code in
            Self.bounds.map { empty("\(duration)_bucket", ["http_response_status_code": code.code, "le": $0.label]) }
        }
        var counts = codes.map { empty("\(duration)_count", ["http_response_status_code": $0.code]) }
        var processors = ["user", "system"].map { empty("process_cpu_time_seconds_total", ["cpu_mode": $0]) }
        var memory = empty("process_memory_usage_bytes")

        let seed = service.seed &+ UInt64(instance) &* 1009
        var below = codes.map { _ in Self.bounds.map { _ in 0.0 } }
        var used = [0.0, 0.0]
        for number in (history.lowerBound - origin) / 60..<(history.upperBound - origin) / 60 {
            // Whoever is deployed anew begins to count anew.
            if number == 0 {
                below = codes.map { _ in Self.bounds.map { _ in 0 } }
                used = [0, 0]
            }
            let minute = origin + number * 60
            let isSlow = service.slow.contains { $0.contains(minute) }
            let requests = service.requests * rhythm(number) * (1 + 0.05 * noise(seed &+ 1, number))
            let drift = 0.004 * noise(seed &+ 2, number)
            for code in codes.indices {
                for (index, bound) in Self.bounds.enumerated() {
                    let share = isSlow ? bound.slow : bound.usual
                    let noisy = share < 1 ? share + drift : share
                    below[code][index] += (requests * codes[code].share * noisy).rounded()
                    buckets[code][index].values.append(below[code][index])
                }
                counts[code].values.append(below[code][Self.bounds.count - 1])
            }
            let seconds = 60 * service.cores * rhythm(number) * (1 + 0.06 * noise(seed &+ 3, number))
            for (mode, share) in [0.75, 0.25].enumerated() {
                used[mode] += seconds * share
                processors[mode].values.append(used[mode])
            }
            memory.values.append((service.bytes * (1 + 0.03 * noise(seed &+ 4, number))).rounded())
        }
        return buckets.flatMap { $0 } + counts + processors + [memory]
    }
}

/// How much busier than on average a minute is: a wave a day.
private func rhythm(_ minute: Int) -> Double {
    let phase = Double(((minute % 1440) + 1440) % 1440) / 720 - 1
    // Two parabolas are as good as a sine, and the same on every machine.
    return 1 + 0.05 * 4 * phase * (1 - phase.magnitude)
}

/// A number between -1 and 1 that is the same for the same seed and place (the finalizer of SplitMix64).
private func noise(_ seed: UInt64, _ place: Int) -> Double {
    var mixed = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(place)) &* 0xD1B5_4A32_D192_ED03
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return Double(mixed >> 11) / Double(1 << 52) - 1
}
