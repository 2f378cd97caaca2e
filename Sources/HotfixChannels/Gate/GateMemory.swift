import HotfixCore

/// What the gate remembers to have shown beside a commit.
struct GateRecord: Hashable {
    /// The hotfix in the ledger.
    var hotfix: Int
    /// The status.
    var status: GateStatus
    /// How many statuses the commit got, those included of which it is not known.
    var posts: Int
    /// Whether the forge said that it takes no more.
    var isExhausted: Bool

    init(hotfix: Int, status: GateStatus, posts: Int, isExhausted: Bool = false) {
        self.hotfix = hotfix
        self.status = status
        self.posts = posts
        self.isExhausted = isExhausted
    }

    /// Reads what `content` wrote; nil where it is something else.
    init?(_ content: String) {
        guard let value = try? JSONParser.value(of: Array(content.utf8)),
            let reader = try? JSONReader(value, "receipt"), let hotfix = try? reader.whole("hotfix"),
            let state = try? reader.word("state", GateStatus.State.self),
            let description = try? reader.text("description"), let posts = try? reader.whole("posts")
        else { return nil }
        self.init(
            hotfix: hotfix, status: GateStatus(state, description), posts: posts,
            isExhausted: (try? reader.flag("exhausted")) ?? false)
    }

    var content: String {
        let object: JSONObject = [
            "hotfix": JSONValue(hotfix), "state": JSONValue(status.state.rawValue),
            "description": JSONValue(status.description), "posts": JSONValue(posts), "exhausted": .boolean(isExhausted),
        ]
        return JSONValue.object(object).line
    }
}

/// What the gate remembers to have written on a request to merge.
struct GateCommentRecord: Hashable {
    /// The number of the comment.
    var number: Int?
    /// What decides whether it has to be written again at once.
    var gist: String

    init(number: Int?, gist: String) {
        self.number = number
        self.gist = gist
    }

    /// Reads what `content` wrote; nil where it is something else.
    init?(_ content: String) {
        guard let value = try? JSONParser.value(of: Array(content.utf8)),
            let reader = try? JSONReader(value, "receipt"), let gist = try? reader.text("gist")
        else { return nil }
        self.init(number: (try? reader.optionalWhole("number")) ?? nil, gist: gist)
    }

    var content: String {
        let object: JSONObject = ["number": number.map { JSONValue($0) } ?? .null, "gist": JSONValue(gist)]
        return JSONValue.object(object).line
    }
}

/// Until when a forge that asked for patience is left alone.
struct GatePause: Hashable {
    /// Until when.
    var until: Instant
    /// How long it lasts, in seconds.
    var seconds: Seconds

    /// The longest that is waited, in seconds.
    private static let longest: Seconds = 3600

    /// A pause as long as the forge asks for; where it does not say, a minute, and twice as long as one that has just passed.
    init(after last: GatePause?, asked: Seconds?, at now: Instant) {
        let again = last.flatMap { now - $0.until < Self.longest ? $0.seconds * 2 : nil }
        seconds = min(asked ?? again ?? 60, Self.longest)
        until = now + seconds
    }

    /// Reads what `content` wrote; nil where it is something else.
    init?(_ content: String) {
        guard let value = try? JSONParser.value(of: Array(content.utf8)),
            let reader = try? JSONReader(value, "receipt"), let until = try? reader.instant("until"),
            let seconds = try? reader.whole("seconds"), (1...Self.longest).contains(seconds)
        else { return nil }
        self.until = until
        self.seconds = seconds
    }

    var content: String {
        let object: JSONObject = ["until": JSONValue(until), "seconds": JSONValue(seconds)]
        return JSONValue.object(object).line
    }

    /// Whether it holds; one that was written by a clock that ran ahead does not.
    func holds(at now: Instant) -> Bool { now < until && until - now <= Self.longest }
}
