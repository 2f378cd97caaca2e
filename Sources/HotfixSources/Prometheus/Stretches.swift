import HotfixCore

/// The stretches of windows that one query is asked for, each for the services that want windows of it.
struct Stretches: Sendable {
    /// At most this many windows go into one request, and at most a day.
    static let mostWindows = 288
    /// More stretches than this are asked together.
    static let mostStretches = 16

    /// The stretches, in the order they were first wanted.
    private(set) var spans: [Span] = []
    private var services: [Span: Set<String>] = [:]

    /// Adds windows that a service wants.
    mutating func add(_ wanted: Span, for service: String) {
        for span in Self.chunks(of: wanted) { insert(span, for: [service]) }
    }

    /// Asks together what is too scattered to be asked one by one, as the windows without a value of a quiet day are.
    ///
    /// The stretch that most services want, that of the newest windows, stays as it is.
    mutating func gather() {
        guard spans.count > Self.mostStretches, let step = spans.first?.step,
            let most = spans.max(by: { services[$0, default: []].count < services[$1, default: []].count })
        else { return }
        let rest = spans.filter { $0 != most }.map { ($0, services[$0, default: []]) }
        guard let start = rest.map(\.0.start).min(), let end = rest.map(\.0.end).max() else { return }
        let kept = services[most, default: []]
        spans = []
        services = [:]
        insert(most, for: kept)
        for chunk in Self.chunks(of: Span(start: start, end: end, step: step)) {
            let names = rest.filter { $0.0.start < chunk.end && chunk.start < $0.0.end }.map(\.1)
            if !names.isEmpty { insert(chunk, for: names.reduce(into: []) { $0.formUnion($1) }) }
        }
    }

    /// The services that want windows of a stretch.
    func services(of span: Span) -> Set<String> { services[span, default: []] }

    /// The stretches that hold the windows that a service wants.
    func covering(_ wanted: Span, for service: String) -> [Span] {
        Self.chunks(of: wanted).flatMap { chunk in
            if services[chunk]?.contains(service) == true { return [chunk] }
            return spans.filter {
                $0.start < chunk.end && chunk.start < $0.end && services[$0]?.contains(service) == true
            }
        }
    }

    private mutating func insert(_ span: Span, for names: Set<String>) {
        if services[span] == nil { spans.append(span) }
        services[span, default: []].formUnion(names)
    }

    /// Cuts a span into stretches of a day, so that no request is too large for the server.
    private static func chunks(of span: Span) -> [Span] {
        let length = max(1, min(mostWindows, 86_400 / span.step)) * span.step
        return stride(from: span.start.seconds, to: span.end.seconds, by: length).map {
            Span(start: Instant($0), end: min(Instant($0 + length), span.end), step: span.step)
        }
    }
}
