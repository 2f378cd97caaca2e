import HotfixCalls
package import HotfixCore
import HotfixHTTP

extension SlackChannel {
    package func examine(at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        do throws(ReceiverFailure) {
            switch access {
            case .webhook(let url): try await examine(url, &diagnosis)
            case .bot(let token, let channel, let api):
                try await examine(token, channel: channel, api: api, &diagnosis)
            }
        } catch {
            diagnosis.findings.append(error.finding(about: .channel(name)))
        }
        return diagnosis
    }

    /// Posts nothing: a webhook that exists says that a text is missing, another that it does not exist.
    private func examine(_ url: Secret, _ diagnosis: inout Diagnosis) async throws(ReceiverFailure) {
        let call = ReceiverCall(.post, url.value, .json(.object([:])), hiding: [url])
        let answer = try await call.send(through: client)
        let word = String(decoding: answer.body.prefix(200), as: UTF8.self)
        let isMissed = ["no_text", "invalid_payload", "missing_text"].contains { word.contains($0) }
        if answer.status == 400, isMissed {
            diagnosis.pass(.channel(name), "Slack knows the webhook.")
            diagnosis.leaveOut(
                .channel(name), "which channel the webhook writes to, which only a message would show.",
                remedy: "Run hotfix alerts test to send one.")
            return
        }
        add(SlackAnswer(webhook: answer, call), call.shown(answer), &diagnosis)
    }

    private func examine(_ token: Secret, channel: String, api: String, _ diagnosis: inout Diagnosis)
        async throws(ReceiverFailure)
    {
        let call = SlackCall.request("auth.test", .object([:]), token: token, api: api)
        let answer = try await call.send(through: client)
        let judged = SlackAnswer(api: answer, call)
        guard case .taken = judged else {
            add(judged, call.shown(answer), &diagnosis)
            return
        }
        if let scopes = answer.headers["X-OAuth-Scopes"] {
            let given = scopes.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
            guard given.contains("chat:write") else {
                diagnosis.findings.append(
                    Finding(
                        .problem, .scopeMissing, .channel(name), "Slack takes the token, which may not write messages.",
                        remedy: "Give the bot the scope chat:write and install it again."))
                return
            }
        }
        diagnosis.pass(.channel(name), "Slack takes the token\(team(answer)).")
        diagnosis.leaveOut(
            .channel(name),
            "whether the bot may write in \(clipped(oneLine(channel), units: 100)), which only a message would show.",
            remedy: "Invite the bot to the channel, then run hotfix alerts test to send one.")
    }

    private func add(_ answer: SlackAnswer, _ said: String, _ diagnosis: inout Diagnosis) {
        let finding =
            switch answer {
            case .failed(.misconfigured(let reason, let remedy)), .closed(.misconfigured(let reason, let remedy)):
                Finding(.problem, .credentialsRefused, .channel(name), reason, remedy: remedy)
            case .failed(.retry(_, let reason)), .failed(.unknown(let reason)):
                Finding(
                    .problem, .serverFailed, .channel(name), reason,
                    remedy: "Ask again later; deliveries are tried again meanwhile.")
            default:
                Finding(
                    .warning, .notTheAPI, .channel(name), "\(said). That was not to be expected of Slack.",
                    remedy: "Correct the channel's address, and run hotfix alerts test.")
            }
        diagnosis.findings.append(finding)
    }

    /// Who the bot is, as Slack says.
    private func team(_ answer: HTTPAnswer) -> String {
        guard let reader = try? JSONReader(try? JSONParser.value(of: answer.body), "slack"),
            let user = try? reader.text("user"), let team = try? reader.text("team")
        else { return "" }
        return " of \(clipped(oneLine(user), units: 100)) in \(clipped(oneLine(team), units: 100))"
    }
}
