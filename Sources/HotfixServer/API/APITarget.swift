import HotfixCore

/// A path and a query, decoded: nothing of them leads anywhere but to a route.
struct APITarget {
    /// The longest that is read, in bytes.
    static let limit = 8192

    /// The decoded segments after the first slash.
    let path: [String]
    /// The parameters in their order.
    let query: [(name: String, value: String)]

    init(_ target: String) throws(APIProblem) {
        let broken = APIProblem(400, "The address is not one: an escape in it is broken, or it is too long.")
        guard target.utf8.count <= Self.limit, target.hasPrefix("/") else { throw broken }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path: [String] = []
        for segment in parts[0].dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let text = decoded(segment) else { throw broken }
            path.append(text)
        }
        self.path = path
        var query: [(name: String, value: String)] = []
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? sides[1] : ""
            // A form writes a space as '+', and so does whoever means a plus: a time is told by it, and is refused.
            guard let name = decoded(sides[0]), let text = decoded(value) else { throw broken }
            query.append((name, text))
        }
        self.query = query
    }

    func match(_ route: APIRoute) -> [String: String]? { route.match(path) }
}

/// The values of a call that fits a route.
struct APIValues: Sendable {
    /// The same for all calls that ask the same.
    let key: String
    private let route: APIRoute
    private let names: [String: String]
    private let query: [(name: String, value: String)]

    init(_ route: APIRoute, names: [String: String], query: [(name: String, value: String)]) throws(APIProblem) {
        let known = route.parameters.map(\.name)
        for (name, _) in query {
            guard known.contains(name) else {
                let list = known.isEmpty ? "none" : known.joined(separator: ", ")
                throw APIProblem(400, "'\(name)' is no parameter of \(route.template). It has: \(list).")
            }
            guard route.mayRepeat(name) || query.count(where: { $0.name == name }) == 1 else {
                throw APIProblem(400, "The parameter '\(name)' stands more than once.")
            }
        }
        for parameter in route.parameters where parameter.isRequired {
            guard query.contains(where: { $0.name == parameter.name }) else {
                throw APIProblem(400, "The parameter '\(parameter.name)' is missing.")
            }
        }
        self.route = route
        self.names = names
        self.query = query
        key =
            route.path(names) + "?"
            + query.map { "\(encodedSegment($0.name))=\(encodedSegment($0.value))" }.joined(separator: "&")
    }

    /// The value of a name in the path.
    subscript(name: String) -> String { names[name] ?? "" }

    func first(_ name: String) -> String? { query.first { $0.name == name }?.value }

    func all(_ name: String) -> [String] { query.filter { $0.name == name }.map(\.value) }

    func page() throws(APIProblem) -> PageQuery {
        var page = PageQuery(from: first("from"), to: first("to"), cursor: first("cursor"))
        if let text = first("limit") {
            page.limit = try limit(text, in: 1...1000)
        }
        return page
    }

    /// Which entries of a list are asked for; all of them from the cursor on, unless a limit is given.
    func part(of count: Int) throws(APIProblem) -> Range<Int> {
        var start = 0
        if let text = first("cursor") {
            guard let number = number(text), (0...count).contains(number) else {
                throw APIProblem(400, "The cursor is none: follow the link to the next ones.")
            }
            start = number
        }
        guard let text = first("limit") else { return start..<count }
        return start..<min(count, start + (try limit(text, in: 1...1000)))
    }

    /// How many messages are asked for.
    func alerts() throws(APIProblem) -> AlertsQuery {
        guard let text = first("limit") else { return AlertsQuery() }
        return AlertsQuery(limit: try limit(text, in: AlertsQuery.limits))
    }

    private func limit(_ text: String, in range: ClosedRange<Int>) throws(APIProblem) -> Int {
        guard let limit = number(text), range.contains(limit) else {
            throw APIProblem(
                400, "The parameter 'limit' is a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return limit
    }

    /// What digits alone say.
    private func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }

    /// The header that leads to the next page.
    func nextLink(_ cursor: String?) -> [(name: String, value: String)] {
        guard let cursor else { return [] }
        let rest = query.filter { $0.name != "cursor" } + [(name: "cursor", value: cursor)]
        let text = rest.map { "\($0.name)=\(encodedSegment($0.value))" }.joined(separator: "&")
        return [(name: "Link", value: "<\(route.path(names))?\(text)>; rel=\"next\"")]
    }
}
