package import HotfixCore

/// Values from received or scraped points, as they are stored.
package struct OTLPSource: MetricSource {
    package let name: String
    package let timing: SourceTiming
    let origin: String
    let open: @Sendable () throws -> any PointStore
    private let clock: @Sendable () -> Instant
    private let onNotice: @Sendable (String) -> Void

    /// Makes a source; nothing is read before its first wish.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration, under which services are bound.
    ///   - isScraped: Whether its points are scraped; else they are pushed.
    ///   - timing: When windows are due.
    ///   - clock: The clock: why a window has no value is told while it is asked again, and not later.
    ///   - onNotice: Called with why windows have no value though something was sent.
    ///   - open: Opens what the receiver stores in.
    package init(
        name: String, isScraped: Bool, timing: SourceTiming = .otlp, clock: @escaping @Sendable () -> Instant,
        onNotice: @escaping @Sendable (String) -> Void, open: @escaping @Sendable () throws -> any PointStore
    ) {
        self.name = name
        self.timing = timing
        self.clock = clock
        self.onNotice = onNotice
        self.open = open
        origin = isScraped ? name : PointSubject.pushed
    }

    package func define(_ wishes: [SeriesWish]) async -> [Pair: Result<SeriesDefinition, SourceError>] {
        var found: [Pair: Result<SeriesDefinition, SourceError>] = [:]
        let subjects = subjects()
        for wish in wishes {
            found[wish.pair] = Result { () throws(SourceError) in
                let measure = try measure(of: wish)
                let choice = SubjectChoice(source: name, subjects: try subjects.get())
                return try choice.definition(of: measure, for: wish)
            }
        }
        return found
    }

    package func answer(_ asks: [Ask]) async -> [Answer] {
        let store: any PointStore
        do { store = try open() } catch {
            let failure = unreadable(error)
            return asks.map { Answer(ask: $0, failures: $0.span.isEmpty ? [] : [($0.span, failure)]) }
        }
        return asks.map { answer($0, store) }
    }

    /// Every subject of the source.
    func subjects() -> Result<[StoredSubject], SourceError> {
        do {
            let origin = origin
            return .success(try open().pointSubjects().filter { $0.subject.origin == origin })
        } catch {
            return .failure(unreadable(error))
        }
    }

    private func answer(_ ask: Ask, _ store: any PointStore) -> Answer {
        var answer = Answer(ask: ask)
        guard !ask.span.isEmpty else { return answer }
        do {
            let subject = try StoredQuery(ask.definition, origin: origin)
            let cells = try store.pointCells(of: subject.subject, from: ask.span.start - ask.over, to: ask.span.end)
            var reader = CellReader(cells)
            var obstacle: (window: Window, text: String)?
            let now = clock()
            for window in ask.span.windows {
                let found = try reader.observation(subject, from: window.end - ask.over, to: window.end, ask)
                answer.observations[window.start] = found.observation
                guard let text = found.obstacle, now - window.end < timing.recheck else { continue }
                obstacle = (window, text)
            }
            if let obstacle {
                onNotice("\(name): \(ask.pair) has no value at \(obstacle.window.start): \(obstacle.text).")
            }
        } catch {
            answer.observations = [:]
            answer.failures = [(ask.span, (error as? SourceError) ?? unreadable(error))]
        }
        return answer
    }

    private func measure(of wish: SeriesWish) throws(SourceError) -> BuiltInMeasure {
        switch wish.guardrail.measure {
        case .builtIn(let measure) where !WatchedMetric.answering(measure).isEmpty: return measure
        case .builtIn, .query:
            throw SourceError(
                .refused,
                "\(name): \(wish.pair) asks for '\(oneLine(wish.guardrail.measure.text))', which received points do not answer."
                    + " Take latency-p95, error-rate, requests, cpu or memory; queries want a source of type prometheus."
            )
        }
    }

    func unreadable(_ error: any Error) -> SourceError {
        SourceError(.unreachable, "\(name): the received points cannot be read. \(error)")
    }
}

extension SourceTiming {
    /// Points received by OTLP: 90 s and 15 min.
    package static let otlp = SourceTiming(settle: 90, recheck: 900)
}

/// What a definition of the source says.
struct StoredQuery {
    /// Whose cells.
    var subject: PointSubject
    var metric: WatchedMetric
    var measure: BuiltInMeasure

    init(subject: PointSubject, metric: WatchedMetric, measure: BuiltInMeasure) {
        self.subject = subject
        self.metric = metric
        self.measure = measure
    }

    /// Reads a definition.
    ///
    /// - Throws: `SourceError` where it is none of this source's.
    init(_ definition: SeriesDefinition, origin: String) throws(SourceError) {
        let details = definition.details
        guard let measure = details["measure"].flatMap(BuiltInMeasure.init(rawValue:)),
            let metric = details["metric"].flatMap({ WatchedMetric.byName[$0] }), let name = details["name"]
        else {
            throw SourceError(
                .refused, "\(definition.source): what is pinned is no query of received points. Have it defined again.")
        }
        self.measure = measure
        self.metric = metric
        subject = PointSubject(
            origin: origin, scope: metric.scope.rawValue, namespace: details["namespace"] ?? "", name: name,
            environment: details["environment"], metric: metric.name)
    }

    /// The details of a definition that says this.
    var details: [String: String] {
        var details = ["measure": measure.rawValue, "metric": metric.name, "name": subject.name]
        details["namespace"] = subject.namespace.isEmpty ? nil : subject.namespace
        details["environment"] = subject.environment
        return details
    }

    /// The query as a person would say it.
    var text: String {
        var conditions = ["\(metric.scope.nameKey)=\"\(subject.name)\""]
        if let key = metric.scope.namespaceKey, !subject.namespace.isEmpty {
            conditions.append("\(key)=\"\(subject.namespace)\"")
        }
        if let environment = subject.environment {
            conditions.append("deployment.environment.name=\"\(environment)\"")
        }
        return "\(measure.name) of \(metric.name){\(conditions.joined(separator: ", "))}"
    }
}

/// Adds up cells to windows.
struct CellReader {
    private var sums: [Instant: [(length: Seconds, content: [UInt8], sum: CellSum?)]] = [:]
    /// Every cell starts and ends at a multiple of this, and so does every window, in seconds; 0 where there is none.
    private let step: Seconds

    init(_ cells: [PointCell]) {
        step = cells.reduce(0) { commonDivisor($0, $1.length) }
        for cell in cells { sums[cell.start, default: []].append((cell.length, cell.content, nil)) }
    }

    /// What the cells of a stretch come to.
    ///
    /// - Returns: The observation, and why it has no value where something was sent.
    mutating func observation(
        _ query: StoredQuery, from start: Instant, to end: Instant, _ ask: Ask
    ) throws -> (observation: Observation, obstacle: String?) {
        guard let sum = try sum(from: start, to: end) else { return (Observation(value: nil), nil) }
        // No part of the points stands for all of them.
        if let obstacle = sum.obstacle(to: query.measure) { return (Observation(value: nil), obstacle) }
        // Nothing but the first points of counters: what they counted before says nothing of this stretch.
        let isCounted = sum.requests > 0 || sum.instances.values.contains { $0.covered > 0 }
        let value = sum.value(of: query.measure, query.metric.shape)
        guard isCounted || query.measure == .cpu || query.measure == .memory else {
            return (Observation(value: nil), nil)
        }
        let observation = Observation(
            value: value, events: ask.countsEvents ? Double(sum.requests) : nil,
            samples: ask.measuresSamples ? sum.coverage(of: end - start) : nil)
        return (observation, nil)
    }

    /// The sum of the cells that lie in a stretch; where cells of several lengths begin together, the longest that fits counts.
    private mutating func sum(from start: Instant, to end: Instant) throws -> CellSum? {
        var total: CellSum?
        var instant = start
        guard step > 0 else { return nil }
        while instant < end {
            let fitting = sums[instant]?.indices.filter { instant + (sums[instant]?[$0].length ?? 0) <= end } ?? []
            guard let place = fitting.max(by: { (sums[instant]?[$0].length ?? 0) < (sums[instant]?[$1].length ?? 0) }),
                let cell = sums[instant]?[place]
            else {
                instant = instant + step
                continue
            }
            let part: CellSum
            if let known = cell.sum {
                part = known
            } else {
                do { part = try CellSum(packed: cell.content) } catch {
                    throw SourceError(.malformed, "The stored points from \(instant) are damaged.")
                }
                sums[instant]?[place].sum = part
            }
            if total == nil { total = part } else { total?.add(part) }
            instant = instant + cell.length
        }
        return total
    }
}
