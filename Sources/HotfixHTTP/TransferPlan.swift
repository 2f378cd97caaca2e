import Foundation

/// One hop of a call, ready for the wire: what the transfer loop needs and nothing of why.
struct TransferPlan: Sendable {
    var method: HTTPCall.Method
    var target: HTTPTarget
    var headers: [(name: String, value: String)]
    var body: [UInt8]?
    var tls: HTTPTLS
    var deadline: Duration
    /// Whether it does no harm if the server gets it twice.
    var isRepeatable: Bool
    var connectDeadline: Duration
    var bodyLimit: Int
    var cutsBody: Bool
    var secrets: Secrets
    var sink: HTTPSink?
    /// What the client calls itself.
    var agent: String
    /// What is said to a mail server; nil for HTTP.
    var mail: SMTPTransaction?

    /// What the errors of this hop are about.
    var subject: String { mail == nil ? "\(method.rawValue) \(target.redacted)" : "Mail through \(target.origin)" }

    /// The first hop of a call.
    ///
    /// - Throws: ``HTTPError`` with code `invalidHeader`, which names no value.
    init(_ call: HTTPCall, at target: HTTPTarget, deadline: Duration, agent: String) throws(HTTPError) {
        method = call.method
        self.target = target
        body = call.body
        tls = call.tls
        self.deadline = deadline
        isRepeatable = call.mayRepeat
        connectDeadline = call.connectDeadline
        bodyLimit = call.bodyLimit
        cutsBody = call.cutsBody
        sink = call.sink
        self.agent = agent
        secrets = Secrets(of: call, at: target)
        headers = call.headers
        if let authorization = authorization(call.credentials, or: target) {
            headers.append((name: "Authorization", value: authorization))
        }
        for header in headers {
            guard isToken(header.name) else {
                throw HTTPError(
                    .invalidHeader,
                    "A header's name for '\(target.redacted)' is not valid. Use letters, digits and dashes."
                )
            }
            guard header.value.utf8.allSatisfy({ ($0 > 0x1F || $0 == 0x09) && $0 != 0x7F }) else {
                throw HTTPError(
                    .invalidHeader,
                    "The value of header '\(header.name)' for '\(target.redacted)' holds a control character."
                        + " Remove line breaks, such as the one at the end of a file."
                )
            }
        }
    }

    /// The next hop of a redirect; another origin gets neither credentials nor the caller's own headers.
    func redirected(to next: HTTPTarget, deadline: Duration) -> TransferPlan {
        var plan = self
        plan.target = next
        plan.deadline = deadline
        if next.origin != target.origin {
            plan.headers.removeAll { isSensitive(header: $0.name) }
            plan.tls = tls.anonymous
        }
        return plan
    }
}

private func authorization(_ credentials: HTTPCall.Credentials, or target: HTTPTarget) -> String? {
    switch credentials {
    case .bearer(let token): return "Bearer \(token)"
    case .basic(let user, let password): return basic(user, password)
    case .none:
        guard target.user != nil || target.password != nil else { return nil }
        return basic(target.user ?? "", target.password ?? "")
    }
}

private func basic(_ user: String, _ password: String) -> String {
    "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
}

private func isToken(_ name: String) -> Bool {
    let marks = Array("!#$%&'*+-.^_`|~".utf8)
    return !name.isEmpty
        && name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: marks.contains(byte)
            }
        }
}
