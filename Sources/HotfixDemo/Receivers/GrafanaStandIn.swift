import HotfixCore

/// A stand-in for Grafana's annotations: it refuses what Grafana refuses, with its codes and words, and keeps what a person would see.
package actor GrafanaStandIn {
    /// An annotation as a person would see it.
    package struct Annotation: Sendable, Hashable {
        /// Its number.
        package var id: Int
        /// When it begins, in milliseconds.
        package var time: Int
        /// When it ends, in milliseconds.
        package var timeEnd: Int
        /// Its tags, as they are stored.
        package var tags: [String]
        /// What is said, as HTML.
        package var text: String
        /// On which dashboard; nil means for all.
        package var dashboard: String?
    }

    /// What a token may do.
    package enum Permission: String, Sendable {
        case read = "annotations:read"
        case create = "annotations:create"
        case write = "annotations:write"
        case dashboards = "dashboards:read"
    }

    /// The only token that it takes.
    package nonisolated let token: String
    /// What the token may do.
    package var permissions: Set<Permission> = [.read, .create, .write, .dashboards]
    /// The dashboards that there are.
    package var dashboards: Set<String>
    /// What there is, in the order made.
    package private(set) var annotations: [Annotation] = []
    private var next = 1
    private var fault: @Sendable (LoopbackRequest) -> LoopbackAnswer? = { _ in nil }
    private var lostAnswers = 0

    /// Makes a server without annotations.
    package init(token: String = "glsa_stand_in_token", dashboards: Set<String> = []) {
        self.token = token
        self.dashboards = dashboards
    }

    /// Changes what the token may do.
    package func permit(_ permissions: Set<Permission>) { self.permissions = permissions }

    /// Sets which requests are answered otherwise from now on, without anything being done.
    package func setFault(_ fault: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer?) { self.fault = fault }

    /// Loses the answers of so many requests that write, after they were carried out.
    package func loseAnswers(_ count: Int) { lostAnswers = count }

    /// Deletes everything, as an operator does.
    package func deleteAll() { annotations = [] }

    /// Answers a request.
    package func answer(_ request: LoopbackRequest) -> LoopbackAnswer {
        if let fault = fault(request) { return fault }
        let answer = honestAnswer(request)
        guard request.method != "GET", lostAnswers > 0 else { return answer }
        lostAnswers -= 1
        return .reset
    }

    private func honestAnswer(_ request: LoopbackRequest) -> LoopbackAnswer {
        guard let authorization = request.header("Authorization") else { return refusal(401, "Unauthorized") }
        guard authorization == "Bearer \(token)" else { return refusal(401, "Invalid API key") }
        let path = request.path.split(separator: "/").map(String.init)
        switch (request.method, path.first, path.dropFirst().first, Array(path.dropFirst(2))) {
        case ("GET", "api", "annotations", []): return allowed(.read) { list(request) }
        case ("GET", "api", "annotations", let rest) where rest.count == 1:
            return allowed(.read) {
                annotations.first { String($0.id) == rest[0] }.map { .json(text($0)) }
                    ?? refusal(404, "Annotation not found")
            }
        case ("POST", "api", "annotations", []): return allowed(.create) { create(request) }
        case ("PATCH", "api", "annotations", let rest) where rest.count == 1:
            return allowed(.write) { patch(rest[0], request) }
        case ("GET", "api", "dashboards", let rest) where rest.count == 2 && rest[0] == "uid":
            return allowed(.dashboards) {
                dashboards.contains(rest[1])
                    ? .json("{\"dashboard\":{\"uid\":\(jsonText(rest[1]))},\"meta\":{}}")
                    : refusal(404, "Dashboard not found")
            }
        default: return refusal(404, "Not found")
        }
    }

    private func allowed(_ permission: Permission, _ answer: () -> LoopbackAnswer) -> LoopbackAnswer {
        guard permissions.contains(permission) else {
            return refusal(
                403,
                "You'll need additional permissions to perform this action. Permissions needed: \(permission.rawValue)")
        }
        return answer()
    }

    private func refusal(_ status: Int, _ message: String) -> LoopbackAnswer {
        .json("{\"message\":\(jsonText(message))}", status: status)
    }

    private func list(_ request: LoopbackRequest) -> LoopbackAnswer {
        let wanted = request.query.filter { $0.0 == "tags" }.map(\.1)
        let limit = request.query.first { $0.0 == "limit" }.flatMap { Int($0.1) } ?? 100
        // It compares how many tags match with how many were asked for, so one asked for twice is never found.
        let found = annotations.filter { annotation in
            annotation.tags.filter { wanted.contains($0) }.count == wanted.count
        }
        return .json("[" + found.suffix(limit).reversed().map(text).joined(separator: ",") + "]")
    }

    private func create(_ request: LoopbackRequest) -> LoopbackAnswer {
        guard let body = body(request), let time = whole(body["time"]), let end = whole(body["timeEnd"]),
            let tags = texts(body["tags"])
        else { return refusal(400, "bad request data") }
        guard let text = plain(body["text"]), !text.isEmpty else { return refusal(400, "Failed to save annotation") }
        if let refusal = tooLong(tags) { return refusal }
        // A dashboard that it does not know is passed over in silence.
        let dashboard = plain(body["dashboardUID"]).flatMap { dashboards.contains($0) ? $0 : nil }
        let start = time ?? 0
        let last = end ?? start
        annotations.append(
            Annotation(
                id: next, time: min(start, last), timeEnd: max(start, last), tags: stored(tags), text: text,
                dashboard: dashboard))
        next += 1
        return .json("{\"message\":\"Annotation added\",\"id\":\(next - 1)}")
    }

    private func patch(_ id: String, _ request: LoopbackRequest) -> LoopbackAnswer {
        guard let number = Int(id) else { return refusal(400, "annotationId is invalid") }
        guard let body = body(request), let time = whole(body["time"]), let end = whole(body["timeEnd"]),
            let tags = texts(body["tags"])
        else { return refusal(400, "bad request data") }
        guard let index = annotations.firstIndex(where: { $0.id == number }) else {
            return refusal(404, "Annotation not found")
        }
        if let refusal = tooLong(tags) { return refusal }
        // What is nothing changes nothing.
        if let time, time > 0 { annotations[index].time = time }
        if let end, end > 0 { annotations[index].timeEnd = end }
        if let text = plain(body["text"]), !text.isEmpty { annotations[index].text = text }
        if body["tags"] != nil { annotations[index].tags = stored(tags) }
        let (first, last) = (annotations[index].time, annotations[index].timeEnd)
        (annotations[index].time, annotations[index].timeEnd) = (min(first, last), max(first, last))
        return .json("{\"message\":\"Annotation patched\"}")
    }

    private func body(_ request: LoopbackRequest) -> JSONObject? {
        guard request.header("Content-Type")?.lowercased().hasPrefix("application/json") == true else { return nil }
        return (try? JSONParser.value(of: request.body))?.object
    }

    private func plain(_ value: JSONValue?) -> String? {
        if case .string(let text)? = value { text.text } else { nil }
    }

    /// A whole number, or nothing; nil where it is another value, of which a number with a fraction or an exponent is one.
    private func whole(_ value: JSONValue?) -> Int?? {
        switch value {
        case nil, .null: .some(nil)
        case .number(let spelling): Int(spelling).map { .some($0) }
        default: nil
        }
    }

    private func texts(_ value: JSONValue?) -> [String]? {
        guard let value, value != .null else { return [] }
        guard case .array(let elements) = value else { return nil }
        let texts = elements.compactMap(plain)
        return texts.count == elements.count ? texts : nil
    }

    private func tooLong(_ tags: [String]) -> LoopbackAnswer? {
        let size = 2 + tags.map { $0.utf8.count + 2 }.reduce(0, +) + max(0, tags.count - 1)
        guard size > 500 else { return nil }
        let message =
            "tags length (\(size)) exceeds the maximum allowed (500): modify the configuration to increase this value"
        return .json(
            "{\"statusCode\":400,\"messageId\":\"annotations.tag-limit-exceeded\",\"message\":\(jsonText(message))}",
            status: 400)
    }

    /// Tags are kept as pairs of which whatever follows a second colon is lost.
    private func stored(_ tags: [String]) -> [String] {
        tags.map { tag in
            let parts = tag.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count > 1 ? "\(parts[0]):\(parts[1])" : tag
        }
    }

    private func text(_ annotation: Annotation) -> String {
        """
        {"id":\(annotation.id),"time":\(annotation.time),"timeEnd":\(annotation.timeEnd),
        "dashboardId":\(annotation.dashboard == nil ? 0 : 1),
        "dashboardUID":\(annotation.dashboard.map(jsonText) ?? "null"),"text":\(jsonText(annotation.text)),
        "tags":[\(annotation.tags.map(jsonText).joined(separator: ","))]}
        """
    }
}
