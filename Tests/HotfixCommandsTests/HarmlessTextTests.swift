import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

/// Text that does something where it is not shown as text, and more of it than anybody reads.
private enum Hostile: String, CaseIterable, CustomTestStringConvertible {
    case commands, emoji

    var testDescription: String { rawValue }

    var text: String {
        switch self {
        case .commands: "x\u{1B}[2J\u{7}\r\nhotfix: READY \u{202E}\"'<script>alert(1)</script>\u{0}"
        case .emoji: String(repeating: "👩‍👩‍👧", count: 600)
        }
    }
}

@Suite("Text from outside")
struct HarmlessTextTests {
    /// Whether there is nothing in a text that a terminal obeys, but the ends of lines.
    private func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: scalar == "\n"
            default: true
            }
        }
    }

    @Test("arguments are shown, never obeyed", arguments: Hostile.allCases)
    private func arguments(_ hostile: Hostile) async throws {
        let text = hostile.text
        try await withSentry { lab in
            let commands = lab.commands
            await commands.run("check")
            let calls = [
                [text], ["check", "--\(text)"], ["check", "--service", text], ["check", "--until", text],
                ["readiness", "--at", text], ["readiness", "--max-age", text], ["gate", "--commit", text],
                ["explain", text], ["explain", "checkout", text], ["ledger", "export", "--from", text],
                ["deployed", "--commit", text], ["deployed", "--void", text, "--reason", "x"],
                ["deployed", "--commit", commit, "--incident", text, "--reason", "x"],
                ["baseline", "exclude", text, "--reason", "x"], ["excuse", text, "--reason", "x", "--by", "y"],
                ["check", "--config", text], ["ack", text, "--by", "x"],
                ["silence", "--service", text, "--for", "1h", "--reason", "x", "--by", "y"],
                ["silence", "--guardrail", text, "--for", "1h", "--reason", "x", "--by", "y"],
                ["silence", "--service", "checkout", "--until", text, "--reason", "x", "--by", "y"],
                ["silence", "--service", "checkout", "--for", text, "--reason", "x", "--by", "y"],
            ]
            for call in calls {
                let run = await commands.run(call)
                #expect(run == Run(.wrong, errors: run.errors))
                #expect(isHarmless(run.errors), "\(call): \(run.errors.debugDescription)")
                #expect(!run.errors.contains("\nhotfix: READY"))
            }
        }
    }

    @Test("reasons, branches and versions are shown on one line", arguments: Hostile.allCases)
    private func statements(_ hostile: Hostile) async throws {
        let text = hostile.text
        try await withSentry([project { $0 == noon ? 500 : 50 }], now: noon) { lab in
            let commands = lab.commands
            let incident = ["--incident", "2026-11-20T08:00:00Z", "--new-baseline", "--reason", text]
            var runs = [
                await commands.run(["deployed", "--commit", commit, "--branch", text, "--version", text] + incident)
            ]
            runs.append(await commands.checks(from: noon, to: noon + 300))
            let ack = await commands.run("ack", "checkout/error-rate", "--by", text, "--note", text)
            #expect(ack.status == .done)
            runs += [ack, await commands.run("readiness"), await commands.run("alerts", "list")]
            runs.append(await commands.checks(from: noon + 300, to: noon + 900))
            let episode = "checkout/error-rate/2026-11-20T12:00:00Z"
            for call in [
                ["silence", "--service", "checkout", "--for", "1h", "--reason", text, "--by", text],
                ["silence", "--service", "checkout", "--for", "1h", "--reason", text, "--by", text],
                ["silence", "--lift", "1", "--by", text], ["silence", "--lift", "1", "--by", "x"],
                ["silence", "--list"], ["ack", episode, "--by", text], ["alerts", "list"],
                ["readiness", "--format", "nagios"], ["readiness", "--format", "github"],
                ["excuse", episode, "--reason", text, "--by", text],
                ["baseline", "exclude", "2026-11-20T01:00:00Z/2026-11-20T02:00:00Z", "--reason", text, "--by", text],
                ["readiness"], ["explain", "checkout"], ["baseline", "list"], ["deployed", "--list"],
                ["deployed", "--commit", commit, "--branch", "other"], ["deployed", "--close"],
            ] { runs.append(await commands.run(call)) }
            for run in runs {
                #expect(isHarmless(run.output + run.errors), "\((run.output + run.errors).debugDescription)")
                #expect(!run.output.contains("\nhotfix: READY"))
            }
            let json = await commands.run("deployed", "--list", "--format", "json")
            #expect(json.output.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
        }
    }

    @Test("what Sentry says is shown on one line, and no more than a little of it")
    func server() async throws {
        try await withSentry { lab in
            let text = Hostile.commands.text.replacing("\"", with: "\\\"").unicodeScalars
                .map {
                    $0.value < 0x20
                        ? $0.escaped(asASCII: true).replacing("\\u{", with: "\\u00").replacing("}", with: "")
                        : String($0)
                }
                .joined()
            let emoji = Hostile.emoji.text
            await lab.sentry.setFault { request in
                isFor("projects", request) ? .json(#"{"detail":"\#(emoji) \#(text)"}"#, status: 500) : nil
            }
            let run = await lab.commands.run("check")
            #expect(run.status == .unfinished)
            #expect(isHarmless(run.output + run.errors))
            #expect(run.errors.utf8.count < 1000)
            await lab.sentry.setFault { request in
                guard isFor("projects", request) else { return nil }
                return .json(
                    """
                    [{"id":"7","slug":"\(emoji)","environments":["production"]}]
                    """, headers: [("X-Sentry-Deprecation-Date", "2027-01-01\u{1B}[2J")])
            }
            let unknown = await lab.commands.run("check")
            #expect(unknown.status == .wrong)
            #expect(isHarmless(unknown.output + unknown.errors), "\(unknown.errors.debugDescription)")
            #expect(unknown.errors.utf8.count < 2000)
        }
    }

    @Test("a configuration is quoted, never obeyed")
    func configuration() async throws {
        try await withCommands(["hotfix.yaml": #""sour\e[2J\u202e\nhotfix: READY": 1"#]) { lab in
            let run = await lab.run("check")
            #expect(run == Run(.wrong, errors: run.errors))
            #expect(isHarmless(run.errors), "\(run.errors.debugDescription)")
            #expect(!run.errors.contains("\nhotfix: READY"))
        }
    }
}
