import HotfixChannels
import HotfixCore
import HotfixDemo
import HotfixHTTP
import Testing

@Suite("Slack as a bot", .timeLimit(.minutes(1)))
struct SlackBotTests {
    @Test("A breach is one red message that turns green at its end, which its thread tells too")
    func thread() async throws {
        try await SlackScene.with { scene in
            let receipt = await scene.breach(by: scene.bot())
            #expect(receipt == #"{"channel":"C0000000001","ts":"1763800000.000200"}"#)
            var seen = scene.slack.messages
            #expect(seen.count == 1 && seen[0].seen.color == "danger")
            #expect(seen[0].seen.text.hasPrefix("Breach: latency-p95 of checkout was 0.31 s from "))
            #expect(seen[0].seen.links["Dashboard"] == "https://grafana.example/d/x?from=1&to=2")
            for line in ["Value: 0.31 s", "Change: +47.6%", "Branch: hotfix/1.2.4", "Commit: 0f3a9c1"] {
                #expect(seen[0].seen.lines.contains(line), "\(seen[0].seen.lines)")
            }
            #expect(seen[0].seen.lines.contains { $0.contains("▁") && $0.contains("^") && $0.contains("█") })

            guard case .delivered = await scene.tell(.reminder, by: scene.bot(), opening: receipt) else {
                Issue.record("no reminder")
                return
            }
            let ended = await scene.tell(.recovered, by: scene.bot(), opening: receipt)
            #expect(ChatScene.kind(ended) == "delivered", "\(ended)")
            seen = scene.slack.messages
            #expect(seen.count == 3 && seen[0].changes == 1 && seen[0].seen.color == "good")
            #expect(seen[0].seen.text.hasPrefix("Recovered: latency-p95 of checkout has recovered after a breach"))
            #expect(seen[0].seen.lines.contains("Value: 0.31 s"))
            #expect(seen[1].seen.text.hasPrefix("Still in breach: ") && seen[1].seen.color == "danger")
            #expect(seen[2].seen.text == seen[0].seen.text && seen[2].seen.color == nil)
            #expect(seen[1...].allSatisfy { $0.thread == seen[0].ts && $0.isBroadcast })
        }
    }

    @Test(
        "The colour says what became of it",
        arguments: [
            (MessageKind.recovered, "good"), (.corrected, "good"), (.withdrawn, "#9E9E9E"), (.excused, "#9E9E9E"),
            (.sighted, "good"), (.lost, "warning"),
        ])
    func colours(kind: MessageKind, color: String) async throws {
        try await SlackScene.with { scene in
            let receipt = await scene.breach(by: scene.bot())
            _ = await scene.tell(kind, by: scene.bot(), opening: receipt)
            #expect(scene.slack.messages.count == 2 && scene.slack.messages[0].seen.color == color)
        }
    }

    @Test("What is told in the past tense, or whose beginning has no receipt, stands alone")
    func alone() async throws {
        try await SlackScene.with { scene in
            let receipt = await scene.breach(by: scene.bot(channel: "C0000000001"))
            _ = await scene.tell(.recovered, by: scene.bot(), opening: receipt, tense: .past)
            for unreadable in [nil, "", "{}", #"{"channel":"C0000000001","ts":1763800000.000200}"#, "[1"] {
                _ = await scene.tell(.recovered, by: scene.bot(), opening: unreadable)
            }
            let seen = scene.slack.messages
            #expect(seen.count == 7 && seen.allSatisfy { $0.thread == nil && $0.changes == 0 })
            #expect(seen[1].seen.text.hasPrefix("Was in breach: ") && seen[1].seen.color == "#9E9E9E")
        }
    }

    @Test(
        "What cannot be changed any more is answered in its thread, with the figures",
        arguments: ["edit_window_closed", "cant_update_message", "is_inactive", "invalid_blocks", "msg_too_long"])
    func closedForEditing(word: String) async throws {
        try await SlackScene.with { scene in
            let receipt = await scene.breach(by: scene.bot())
            scene.slack.faults.add(
                .answers(.json(#"{"ok":false,"error":"\#(word)"}"#)), at: "chat.update", times: 2)
            let outcome = await scene.tell(.recovered, by: scene.bot(), opening: receipt)
            #expect(ChatScene.kind(outcome) == "delivered", "\(outcome)")
            let seen = scene.slack.messages
            #expect(seen.count == 2 && seen[0].changes == 0 && seen[1].thread == seen[0].ts)
            #expect(seen[1].seen.color == "good" && seen[1].isBroadcast)
        }
    }

    @Test("Where the first message was taken away, or its channel, the end is a message of its own")
    func missing() async throws {
        try await SlackScene.with { scene in
            let receipt = await scene.breach(by: scene.bot())
            scene.slack.delete("1763800000.000200")
            for kind in [MessageKind.reminder, .recovered] {
                let outcome = await scene.tell(kind, by: scene.bot(), opening: receipt)
                #expect(ChatScene.kind(outcome) == "delivered", "\(outcome)")
            }
            scene.slack.add(channel: "C0000000002", named: "other")
            let elsewhere = #"{"channel":"C0000000009","ts":"1763800000.000200"}"#
            let outcome = await scene.tell(.recovered, by: scene.bot(channel: "other"), opening: elsewhere)
            #expect(ChatScene.kind(outcome) == "delivered", "\(outcome)")
            let seen = scene.slack.messages
            #expect(seen.map(\.thread) == [nil, nil, nil])
            #expect(seen.map(\.channel) == ["C0000000001", "C0000000001", "C0000000002"])
        }
    }

    @Test("A change whose answer is lost is made again, and nothing is told twice")
    func lostChange() async throws {
        try await SlackScene.with { scene in
            let receipt = await scene.breach(by: scene.bot())
            scene.slack.faults.add(.takenBut(.reset), at: "chat.update")
            let first = await scene.tell(.recovered, by: scene.bot(), opening: receipt)
            #expect(ChatScene.kind(first) == "retry", "\(first)")
            let second = await scene.tell(.recovered, by: scene.bot(), opening: receipt)
            #expect(ChatScene.kind(second) == "delivered", "\(second)")
            #expect(scene.slack.messages.map(\.changes) == [2, 0])
        }
    }

    @Test("An answer in the thread that may have been received is said to be a repeat when it is made again")
    func lostReply() async throws {
        try await SlackScene.with { scene in
            let receipt = await scene.breach(by: scene.bot())
            scene.slack.faults.add(.takenBut(.reset), at: "chat.postMessage")
            let first = await scene.tell(.recovered, by: scene.bot(), opening: receipt)
            #expect(ChatScene.kind(first) == "unknown", "\(first)")
            let second = await scene.tell(.recovered, by: scene.bot(), opening: receipt, mayBeRepeat: true)
            #expect(ChatScene.kind(second) == "delivered", "\(second)")
            let seen = scene.slack.messages
            #expect(seen.count == 3)
            #expect(!seen[1].seen.text.contains("told before") && seen[2].seen.text.contains("told before"))
        }
    }

    @Test("A reply that was not taken is made again without a second one")
    func refusedReply() async throws {
        try await SlackScene.with { scene in
            let receipt = await scene.breach(by: scene.bot())
            scene.slack.faults.add(
                .answers(.json(#"{"ok":false,"error":"ratelimited"}"#, status: 429, headers: [("Retry-After", "3")])),
                at: "chat.postMessage")
            let first = await scene.tell(.recovered, by: scene.bot(), opening: receipt)
            guard case .retry(3, _) = first else {
                Issue.record("\(first)")
                return
            }
            _ = await scene.tell(.recovered, by: scene.bot(), opening: receipt)
            #expect(scene.slack.messages.count == 2 && scene.slack.messages[0].seen.color == "good")
        }
    }

    @Test(
        "Every answer means what Slack means by it",
        arguments: [
            ("ratelimited", "retry"), ("rate_limited", "retry"), ("service_unavailable", "retry"),
            ("request_timeout", "retry"), ("team_added_to_org", "retry"), ("internal_error", "unknown"),
            ("fatal_error", "unknown"), ("not_authed", "misconfigured"), ("invalid_auth", "misconfigured"),
            ("token_revoked", "misconfigured"), ("token_expired", "misconfigured"),
            ("account_inactive", "misconfigured"), ("missing_scope", "misconfigured"),
            ("channel_not_found", "misconfigured"), ("not_in_channel", "misconfigured"),
            ("is_archived", "misconfigured"), ("restricted_action", "misconfigured"),
            ("restricted_action_read_only_channel", "misconfigured"), ("invalid_blocks", "refused"),
            ("invalid_blocks_format", "refused"), ("msg_blocks_too_long", "refused"),
            ("too_many_attachments", "refused"),
            ("attachment_payload_limit_exceeded", "refused"), ("no_text", "refused"), ("invalid_arguments", "refused"),
            ("invalid_json", "refused"), ("msg_too_long", "refused"), ("a_new_word", "misconfigured"),
            ("accesslimited", "misconfigured"), ("enterprise_is_restricted", "misconfigured"),
            ("deprecated_endpoint", "misconfigured"), ("user_is_restricted", "misconfigured"), ("", "misconfigured"),
        ])
    func words(word: String, kind: String) async throws {
        try await SlackScene.with { scene in
            scene.slack.faults.add(.answers(.json(#"{"ok":false,"error":"\#(word)"}"#)), times: 2)
            let outcome = await scene.tell(.breach, by: scene.bot())
            #expect(ChatScene.kind(outcome) == kind, "\(outcome)")
            #expect(scene.slack.messages.isEmpty)
        }
    }

    @Test(
        "An answer that is not Slack's is never success",
        arguments: [
            (200, "<html>Sign in</html>"), (200, "ok"), (200, "{}"), (200, #"{"ok":"true"}"#), (200, ""), (204, ""),
            (404, "nothing"),
        ])
    func foreign(status: Int, body: String) async throws {
        try await SlackScene.with { scene in
            scene.slack.faults.add(.answers(.answer(status: status, body: Array(body.utf8))))
            let outcome = await scene.tell(.breach, by: scene.bot())
            #expect(ChatScene.kind(outcome) == "misconfigured", "\(outcome)")
        }
    }

    @Test("An alert that Slack refuses with a word that is not known goes out as text, or waits")
    func strange() async throws {
        try await SlackScene.with { scene in
            let answer = LoopbackAnswer.json(#"{"ok":false,"error":"a_new_word"}"#)
            scene.slack.faults.add(.answers(answer), at: "chat.postMessage")
            #expect(ChatScene.kind(await scene.tell(.breach, by: scene.bot())) == "delivered")
            #expect(scene.slack.messages.first?.seen.color == nil)
            scene.slack.faults.add(.answers(answer), at: "chat.postMessage")
            scene.slack.faults.add(
                .answers(.json(#"{"ok":false,"error":"invalid_blocks"}"#)), at: "chat.postMessage")
            #expect(ChatScene.kind(await scene.tell(.breach, by: scene.bot())) == "misconfigured")
            // An end that cannot be written into the message is told in its thread.
            let opening = await scene.breach(by: scene.bot())
            scene.slack.faults.add(.answers(answer), at: "chat.update", times: 2)
            let end = await scene.tell(.recovered, by: scene.bot(), opening: opening)
            #expect(ChatScene.kind(end) == "delivered", "\(end)")
        }
    }

    @Test("An alert that Slack refuses for its form goes out as text with all figures", arguments: [1, 2])
    func degraded(times: Int) async throws {
        try await SlackScene.with { scene in
            scene.slack.faults.add(
                .answers(.json(#"{"ok":false,"error":"invalid_blocks"}"#)), at: "chat.postMessage", times: times)
            let outcome = await scene.tell(.breach, by: scene.bot())
            #expect(ChatScene.kind(outcome) == (times == 1 ? "delivered" : "refused"), "\(outcome)")
            guard times == 1 else { return }
            let seen = try #require(scene.slack.messages.first?.seen)
            #expect(seen.color == nil && seen.text.contains("Baseline: 0.21 s (288 windows)"))
            #expect(seen.text.contains("Breach: "))
        }
    }

    @Test("The bot's standing in the channel is said, and the token never")
    func standing() async throws {
        try await SlackScene.with { scene in
            for standing in [SlackStandIn.Standing.archived, .notJoined] {
                scene.slack.set(standing)
                let outcome = await scene.tell(.breach, by: scene.bot())
                #expect(ChatScene.kind(outcome) == "misconfigured", "\(outcome)")
            }
            let wrong = await scene.tell(.breach, by: scene.bot(token: "xoxb-wrong-token"))
            #expect(ChatScene.kind(wrong) == "misconfigured")
            let echo = LoopbackAnswer.answer(status: 500, body: Array("Bearer \(SlackStandIn.token)".utf8))
            scene.slack.faults.add(.answers(echo))
            let outcome = await scene.tell(.breach, by: scene.bot())
            var dumped = ""
            dump(scene.bot(), to: &dumped)
            #expect(!"\(outcome) \(wrong) \(dumped)".contains("xoxb-"))
        }
    }

    @Test("An examination tells nobody, and says what the token may not do")
    func examination() async throws {
        try await SlackScene.with { scene in
            let good = await scene.bot().examine(at: ChatScene.start)
            #expect(good.passed.map(\.what) == ["Slack takes the token of hotfix in Acme."])
            #expect(good.findings.map(\.code) == [.notExamined])
            let wrong = await scene.bot(token: "xoxb-wrong-token").examine(at: ChatScene.start)
            #expect(wrong.findings.map(\.code) == [.credentialsRefused] && wrong.passed.isEmpty)
            scene.slack.faults.add(.answers(.answer(status: 200, body: Array("<html>".utf8))))
            #expect(await scene.bot().examine(at: ChatScene.start).findings.map(\.code) == [.notTheAPI])
            scene.slack.faults.add(.answers(.reset))
            #expect(await scene.bot().examine(at: ChatScene.start).findings.map(\.code) == [.noConnection])
            #expect(scene.slack.messages.isEmpty)
        }
        try await SlackScene.with(SlackStandIn(scopes: "chat:read, im:write")) { scene in
            let diagnosis = await scene.bot().examine(at: ChatScene.start)
            #expect(diagnosis.findings.map(\.code) == [.scopeMissing] && diagnosis.passed.isEmpty)
        }
    }
}
