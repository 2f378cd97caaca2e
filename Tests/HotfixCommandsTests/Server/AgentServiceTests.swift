import Foundation
import HotfixCore
import HotfixDemo
import HotfixHTTP
import HotfixStore
import HotfixTestSupport
import Synchronization
import Testing

@testable import HotfixCommands

@Suite("hotfix serve --check-every")
struct AgentServiceTests {
    private func checks(_ lab: CommandLab) throws -> [Instant] {
        let ledger = try SQLiteLedger.open(path: lab.path(".hotfix/ledger.db"), createIfMissing: false)
        return try ledger.checks(limit: 100).map(\.at).reversed()
    }

    @Test(
        "checks are made when the timer would make them, whatever the period and the source",
        arguments: [
            (300, 120, noon, noon + 130), (300, 120, noon + 129, noon + 130), (300, 120, noon + 130, noon + 430),
            (300, 290, noon, noon + 300), (300, 90, noon + 1, noon + 100), (60, 120, noon, noon + 10),
            (3600, 120, noon + 131, noon + 3730), (300, 0, noon + 9, noon + 10),
        ])
    func schedule(period: Seconds, settle: Seconds, now: Instant, next: Instant) {
        #expect(CheckSchedule(period: period, settle: settle).next(after: now) == next)
    }

    @Test("one check is made at once, and the others 10 s after the newest window has settled, without drift")
    func instants() async throws {
        try await withSentry(now: noon + 17) { lab in
            let time = AgentTime(lab.commands, until: noon + 1800)
            try await lab.commands.served("--check-every", "5m", sleep: time.sleep) { served in
                await time.end()
                let made = try checks(lab.commands)
                #expect(made == [17, 130, 430, 730, 1030, 1330, 1630].map { noon + $0 })
                #expect(served.said().split(separator: "\n").count == 1, "\(served.said())")
            }
            // They judged what the timer's checks would have.
            let rows = await lab.commands.rows()
            #expect(rows.count == 7)
            #expect(rows.allSatisfy { $0["verdict"] == "clean" || $0["verdict"] == "unproven" })
        }
    }

    @Test("a check that cannot be made is told, and the next one is made; what is changed holds from the next one on")
    func failures() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            let settings = try String(contentsOfFile: commands.path("hotfix.yaml"), encoding: .utf8)
            let time = AgentTime(commands, until: noon + 1500) { now in
                if now == noon + 300 { try commands.write(settings + "\nnonsense: 1\n", to: "hotfix.yaml") }
                if now == noon + 600 { try commands.write(settings, to: "hotfix.yaml") }
                if now == noon + 900 {
                    try commands.write(errorPolicy.replacing("+25%", with: "+26%"), to: "policy.yaml")
                }
            }
            try await commands.served("--check-every", "5m", sleep: time.sleep) { served in
                await time.end()
                let made = try checks(commands)
                #expect(made == [0, 130, 730, 1030, 1330].map { noon + $0 })
                #expect(served.said().contains("nonsense"))
                let ledger = try SQLiteLedger.open(path: commands.path(".hotfix/ledger.db"), createIfMissing: false)
                #expect(try ledger.facts().policies.map(\.adoptedAt) == [noon, noon + 1030])
            }
        }
    }

    @Test(
        "while another check runs, none is made, which is told; a check beside it finds the agent's lock the same way")
    func locked() async throws {
        try await withSentry(now: noon) { lab in
            let commands = lab.commands
            let child = HeldLock()
            let time = AgentTime(commands, until: noon + 800) { now in
                if now == noon + 300 { try child.take(commands.path(".hotfix/ledger.db")) }
                if now == noon + 600 { child.leave() }
            }
            try await commands.served("--check-every", "5m", sleep: time.sleep) { served in
                await time.end()
                let made = try checks(commands)
                #expect(made == [0, 130, 730].map { noon + $0 })
                #expect(served.said().contains("Another check of"))
                let answer = try await served.send(.get, "/api/v1/readiness")
                #expect(answer.status == 200)
            }
        }
    }

    @Test("what was not taken is told again when that is due, and not only after the next check")
    func delivery() async throws {
        let spike = project { $0 >= noon ? 500 : 50 }
        let heard = Mutex<[Instant]>([])
        let clock = Mutex<CommandLab?>(nil)
        let receiver: @Sendable (LoopbackRequest) async -> LoopbackAnswer = { _ in
            let now = clock.withLock { $0?.now } ?? noon
            let count = heard.withLock { heard in
                heard.append(now)
                return heard.count
            }
            return count > 2 ? .answer(status: 204) : .answer(status: 503)
        }
        try await withLoopbackServer(receiver, date: { .at(clock.withLock { $0?.clock } ?? 0) }) { server in
            try await withSentry(
                [spike], more: "notify: [{type: webhook, url: \"\(server.url)\"}]", now: noon
            ) { lab in
                clock.withLock { $0 = lab.commands }
                let time = AgentTime(lab.commands, until: noon + 730)
                try await lab.commands.served("--check-every", "5m", sleep: time.sleep) { _ in
                    await time.end()
                    let times = heard.withLock { $0 }
                    #expect(times.count == 3)
                    // The check at 12:07:10 opens the episode; the next is at 12:12:10.
                    #expect(times.allSatisfy { (noon + 430..<noon + 730).contains($0) }, "\(times)")
                    let last = try #require(times.last)
                    #expect(last > noon + 450)
                }
            }
        }
    }

    @Test("its memory does not grow with its checks", .enabled(if: isSoaking, "make soak runs it alone"))
    func memory() async throws {
        try await withSentry(now: noon) { lab in
            let sizes = Mutex<[Int: Int]>([:])
            let time = AgentTime(lab.commands, until: noon + 600 * 300) { now in
                let check = (now - noon) / 300
                if [200, 599].contains(check) { sizes.withLock { $0[check] = residentKiB() } }
            }
            try await lab.commands.served("--check-every", "5m", sleep: time.sleep) { _ in
                await time.end()
                let known = sizes.withLock { $0 }
                let (early, late) = (try #require(known[200]), try #require(known[599]))
                print("resident after 200 checks: \(early) KiB, after 600: \(late) KiB")
                #expect(late < early + 8 * 1024)
            }
        }
    }

    @Test("the period is from a minute to an hour", arguments: ["", "5", "59s", "61m", "x", "-5m"])
    func period(text: String) async throws {
        try await withSentry { lab in
            let run = await lab.commands.run(["serve", "--check-every", text])
            #expect(run.status == .wrong, "\(run)")
        }
    }

    @Test(
        "a period by which readiness would not last until the next check is refused",
        arguments: [
            ("5m", "10m", true), ("5m", "13m", true), ("5m", "14m", false), ("5m", "20m", false), ("5m", "1h", false),
            ("1m", "1m", true), ("1m", "2m", false), ("15m", "43m", true), ("15m", "44m", false),
        ])
    func longPeriods(window: String, period: String, isTaken: Bool) async throws {
        try await withSentry(policy: "window: \(window)\n\(errorPolicy)", now: noon) { lab in
            guard isTaken else {
                let run = await lab.commands.run("serve", "--listen", "127.0.0.1:0", "--check-every", period)
                #expect(run.status == .wrong)
                #expect(run.errors.contains("too seldom for 'checkout'"), "\(run)")
                return
            }
            let time = AgentTime(lab.commands, until: noon + 100)
            try await lab.commands.served("--check-every", period, sleep: time.sleep) { _ in }
        }
    }

    @Test("a server that cannot listen does not check either")
    func taken() async throws {
        try await withServer("") { lab in
            let before = try checks(lab.here)
            let run = await lab.here.run("serve", "--check-every", "5m", "--listen", "127.0.0.1:\(lab.port)")
            #expect(run.status == .unfinished)
            #expect(try checks(lab.here) == before)
        }
    }

    @Test("what waits for a channel that is not configured is dropped by a check alone")
    func missingChannel() async throws {
        let heard = Mutex<[Int]>([])
        let receiver: @Sendable (LoopbackRequest) async -> LoopbackAnswer = { _ in
            .answer(
                status: heard.withLock { heard in
                    heard.append(0)
                    return heard.count > 1 ? 204 : 503
                })
        }
        let spike = project { $0 >= noon ? 500 : 50 }
        try await withLoopbackServer(receiver) { server in
            try await withSentry([spike], more: "notify: [{type: webhook, url: \"\(server.url)\"}]", now: noon) { lab in
                let commands = lab.commands
                let settings = try String(contentsOfFile: commands.path("hotfix.yaml"), encoding: .utf8)
                let without = settings.split(separator: "\n").filter { !$0.hasPrefix("notify") }.joined(separator: "\n")
                let time = AgentTime(commands, until: noon + 720) { now in
                    // The check at 12:07:10 opens the episode.
                    if now == noon + 440 { try commands.write(without, to: "hotfix.yaml") }
                    if now == noon + 600 { try commands.write(settings, to: "hotfix.yaml") }
                }
                try await commands.served("--check-every", "5m", sleep: time.sleep) { served in
                    await time.end()
                    #expect(!served.said().contains("no longer configured"), "\(served.said())")
                    #expect(heard.withLock { $0.count } == 2)
                }
            }
        }
    }

    @Test("secrets of sources are asked for at the start where it checks, and only there")
    func secrets() async throws {
        try await withSentry { lab in
            let bare = CommandLab(directory: lab.commands.directory, environment: [:], now: noon)
            let run = await bare.run("serve", "--check-every", "5m", "--listen", "127.0.0.1:0")
            #expect(run.status == .wrong)
            #expect(run.errors.contains("SENTRY_AUTH_TOKEN"))
            try await bare.served { served in
                let answer = try await served.send(.get, "/healthz")
                #expect(answer.status == 200)
            }
        }
    }
}

private let isSoaking = ProcessInfo.processInfo.environment["HOTFIX_SOAK"] != nil

/// How much memory this process holds now.
private func residentKiB() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
}

/// The lock of a check, held for a while.
private final class HeldLock: Sendable {
    private let descriptor = Mutex<Int32>(-1)

    func take(_ ledger: String) throws {
        let file = open(ledger + ".lock", O_RDWR)
        try #require(file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0)
        descriptor.withLock { $0 = file }
    }

    func leave() { close(descriptor.withLock { $0 }) }
}
