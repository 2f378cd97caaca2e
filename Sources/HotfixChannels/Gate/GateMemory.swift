import HotfixCore

/// What the gate remembers to have shown beside a commit.
struct GateRecord: Hashable {
    /// The hotfix in the ledger.
    var hotfix: Int
    /// The status.
    var status: GateStatus
    /// How many statuses the commit got, those included of which it is not known.
    var posts: Int
    /// Why nothing is shown there any more; nil where that is not so.
    var stopped: String?

    init(hotfix: Int, status: GateStatus, posts: Int, stopped: String? = nil) {
        self.hotfix = hotfix
        self.status = status
        self.posts = posts
        self.stopped = stopped
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
            stopped: (try? reader.optionalText("stopped")) ?? nil)
    }

    var content: String {
        let object: JSONObject = [
            "hotfix": JSONValue(hotfix), "state": JSONValue(status.state.rawValue),
            "description": JSONValue(status.description), "posts": JSONValue(posts), "stopped": JSONValue(stopped),
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
