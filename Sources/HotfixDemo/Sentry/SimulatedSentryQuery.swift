package import HotfixCore

/// Why the simulated Sentry does not answer with data.
struct LoopbackRefusal: Error {
    var answer: LoopbackAnswer

    init(_ answer: LoopbackAnswer) {
        self.answer = answer
    }

    static func detail(_ status: Int, _ text: String) -> LoopbackRefusal {
        LoopbackRefusal(.json("{\"detail\":\(jsonText(text))}", status: status))
    }

    static let notFound = detail(404, "The requested resource does not exist")
    static let noRoute = LoopbackRefusal(.answer(status: 404))
    static let forbidden = detail(403, "You do not have permission to perform this action.")
}

/// What the endpoints of numbers have in common: a range, an interval, projects and an environment.
struct SimulatedSentryQuery {
    var start: Instant
    var end: Instant
    var interval: Seconds
    var projects: [SimulatedSentry.Project]
    var environment: String?

    /// The instants at which buckets on the clock start, from `start` to before `end`.
    func buckets(to end: Instant) -> [Instant] {
        stride(from: start.floored(to: interval).seconds, to: end.seconds, by: interval).map { Instant($0) }
    }

    /// The whole minutes of a bucket that lie in the range and have begun.
    func minutes(of bucket: Instant, now: Instant) -> [Instant] {
        let from = max(bucket, start)
        let to = min(min(bucket + interval, end), now)
        return stride(from: from.seconds, to: max(from, to).seconds, by: 60).map { Instant($0) }
    }
}

extension SimulatedSentry {
    /// Reads the parameters that all endpoints of numbers share.
    func query(_ request: LoopbackRequest, widest: Int?) throws(LoopbackRefusal) -> SimulatedSentryQuery {
        let start = try instant(request.first("start"), or: now() - 90 * 86_400)
        let end = try instant(request.first("end"), or: now())
        guard start < end else { throw .detail(400, "start must be before end") }
        var interval = request.first("interval").map { sentryPeriod($0) ?? 3600 } ?? 300
        if let widest, interval == 0 || (end - start) / interval > widest { interval = coarse(end - start) }
        return SimulatedSentryQuery(
            start: start, end: end, interval: max(interval, 1), projects: try chosenProjects(request),
            environment: try chosenEnvironment(request)
        )
    }

    /// Sentry's own choice in place of an interval that it does not like, about which it says nothing.
    private func coarse(_ span: Seconds) -> Seconds {
        switch span {
        case (60 * 86_400)...: 86_400
        case (30 * 86_400)...: 14_400
        case 86_401...: 3600
        case 3601...: 300
        default: 900
        }
    }

    private func instant(_ text: String?, or instant: Instant) throws(LoopbackRefusal) -> Instant {
        guard let text else { return instant }
        guard let read = sentryInstant(text) else { throw .detail(400, "\(text) is not a valid date") }
        return read
    }

    private func chosenProjects(_ request: LoopbackRequest) throws(LoopbackRefusal) -> [Project] {
        var chosen: [Project] = []
        for name in request.all("project") {
            if name == "-1" { return projects }
            guard Int(name) != nil || server.takesSlugs else {
                throw .detail(400, "Invalid project parameter. Values must be numbers.")
            }
            guard let project = projects.first(where: { "\($0.id)" == name || $0.slug == name }) else {
                throw .forbidden
            }
            chosen.append(project)
        }
        return request.all("project").isEmpty ? projects : chosen
    }

    private func chosenEnvironment(_ request: LoopbackRequest) throws(LoopbackRefusal) -> String? {
        guard let name = request.first("environment") else { return nil }
        guard projects.contains(where: { ($0.environments + $0.hiddenEnvironments).contains(name) }) else {
            throw .notFound
        }
        return name
    }
}

extension LoopbackRequest {
    /// Where the range begins that Sentry is asked about; nil where the request has none.
    package var sentryStart: Instant? { first("start").flatMap(sentryInstant) }

    func first(_ name: String) -> String? { query.first { $0.0 == name }?.1 }
    func all(_ name: String) -> [String] { query.filter { $0.0 == name }.map(\.1) }
}

extension LoopbackAnswer {
    /// The answer with more headers, where it is a whole one.
    func adding(_ more: [(String, String)]) -> LoopbackAnswer {
        switch self {
        case .answer(let status, let headers, let body):
            .answer(status: status, headers: headers + more, body: body)
        case .json(let text, let status, let headers): .json(text, status: status, headers: headers + more)
        case .truncated, .garbage, .reset, .slow, .hang: self
        }
    }
}

/// Reads a time as Sentry does: an older server cuts a zone off and reads the rest as UTC.
private func sentryInstant(_ text: String) -> Instant? {
    if let seconds = Int(text) { return Instant(seconds) }
    return Instant(text: "\(text.prefix { $0 != "+" && $0 != "Z" && $0 != " " })Z")
}

/// Reads a length of time such as `5m` or `300`, in seconds.
func sentryPeriod(_ text: String) -> Seconds? {
    let units: [Character: Seconds] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    if let seconds = Int(text) { return seconds }
    guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()) else { return nil }
    return number * unit
}

/// A text as JSON.
func jsonText(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": quoted += "\\\(scalar)"
        case "\u{0}"..."\u{1F}": quoted += scalar.escaped(asASCII: true)
        default: quoted.unicodeScalars.append(scalar)
        }
    }
    return quoted + "\""
}

/// Texts as a JSON list.
func jsonList(_ texts: [String]) -> String { "[\(texts.map(jsonText).joined(separator: ","))]" }
