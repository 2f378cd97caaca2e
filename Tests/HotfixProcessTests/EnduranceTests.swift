import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

/// What happens to the sources and to whoever asks them.
private final class Faults: Sendable {
    private struct State {
        var isOut = false
        var requests = 0
        var powerLoss: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Whether the sources are out of service.
    func setOut(_ isOut: Bool) { state.withLock { $0.isOut = isOut } }

    /// Lets the power go while the next check waits for its second answer.
    func loseThePower(_ powerLoss: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.requests = 0
            state.powerLoss = powerLoss
        }
    }

    func intercept(_ request: LoopbackRequest) -> LoopbackAnswer? {
        state.withLock { state in
            state.requests += 1
            if state.requests == 2 { state.powerLoss.take()?() }
            return state.isOut ? .json(#"{"detail":"out of service"}"#, status: 503) : nil
        }
    }
}

/// What runs the check every five minutes.
private protocol Machine {
    /// Runs a check, at a time in the past as though it were now: what it ended with, nil where it was killed, and
    /// what it said where that is known.
    func check(until: Instant) async throws -> (status: Int32?, output: String)
    /// How to end every process of it at once, from now on.
    func powerLoss() -> @Sendable () -> Void
    /// Switches it on again.
    func switchOn() async throws
}

/// The place of a ledger, which can be full.
private final class Disk: Sendable {
    let directory: String
    /// Whether it is a file system of its own; else the size of files is limited.
    private let isMounted: Bool
    private let isFull = Mutex(false)

    private init(directory: String, isMounted: Bool) {
        self.directory = directory
        self.isMounted = isMounted
    }

    static func with(_ directory: String, _ body: (Disk) async throws -> Void) async throws {
        let mounted = try await shell(
            "mkdir -p '\(directory)' && mount -t tmpfs -o size=8m,mode=2770 hotfix-test '\(directory)' 2>/dev/null")
        let disk = Disk(directory: directory, isMounted: mounted.exitStatus == 0)
        do { try await body(disk) } catch {
            await disk.unmount()
            throw error
        }
        await disk.unmount()
    }

    private func unmount() async {
        if isMounted { _ = try? await shell("umount --lazy '\(directory)'") }
    }

    func fill() async throws {
        isFull.withLock { $0 = true }
        guard isMounted else { return }
        let filled = try await shell("head -c 64M /dev/zero >'\(directory)/filler' 2>/dev/null")
        #expect(filled.exitStatus != 0)
    }

    func clear() throws {
        isFull.withLock { $0 = false }
        if isMounted { try FileManager.default.removeItem(atPath: "\(directory)/filler") }
    }

    /// What goes before a command so that the disk is full for it, where it is not really.
    var limit: String { isFull.withLock(\.self) && !isMounted ? "ulimit -f 1; trap '' XFSZ;" : "" }
}

/// Runs what a unit's `ExecStart=` says, in the environment that systemd gives it.
private final class LoopMachine: Machine, Sendable {
    private let command: String
    private let environment: [String: String]
    private let disk: Disk
    private let running = Mutex<Int32?>(nil)

    init(unit: UnitFile, config: String, credentials: String, disk: Disk) throws {
        #expect(try unit.one("Environment") == "HOTFIX_CONFIG=/etc/hotfix/hotfix.yaml")
        #expect(try unit.one("StateDirectory") == "hotfix")
        #expect(try unit.one("WorkingDirectory") == "/")
        #expect(try unit.one("LoadCredential").hasPrefix("sentry-token:"))
        command = try unit.one("ExecStart")
        self.disk = disk
        environment = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
            "USER": "hotfix", "LOGNAME": "hotfix", "HOME": "/var/lib/hotfix", "SHELL": "/usr/sbin/nologin",
            "HOTFIX_CONFIG": config, "CREDENTIALS_DIRECTORY": credentials, "STATE_DIRECTORY": disk.directory,
        ]
    }

    func check(until: Instant) async throws -> (status: Int32?, output: String) {
        try await withTemporaryDirectory { scratch in
            // Under the lock: a check may ask its sources, and its power be taken, before this thread goes on.
            let process = try running.withLock { running in
                let process = try SpawnedCommand.start(
                    "/bin/sh", ["-c", "cd / && { \(disk.limit) exec \(command) --until \(until); }"],
                    environment: environment, outputFile: "\(scratch)/output")
                running = process.pid
                return process
            }
            defer { running.withLock { $0 = nil } }
            let ending = await process.ending()
            return (ending.exitStatus, ending.output)
        }
    }

    func powerLoss() -> @Sendable () -> Void {
        { [self] in if let pid = running.withLock(\.self) { kill(pid, SIGKILL) } }
    }

    func switchOn() async throws {}
}

/// Has systemd start the unit.
private struct SystemdMachine: Machine {
    private let systemd: RealSystemd

    init(_ systemd: RealSystemd) async throws {
        self.systemd = systemd
        let unit = try UnitFile(systemd.path("/usr/local/lib/systemd/system/hotfix.service"))
        let prepared = try await systemd.run(
            """
            # Time is accelerated, and systemd would not start a unit so often.
            printf '[Unit]\\nStartLimitIntervalSec=0\\n[Service]\\nExecStart=\\nExecStart=\(try unit.one("ExecStart")) --until ${UNTIL}\\nEnvironmentFile=/run/until\\n' \
                >/etc/systemd/system/hotfix.service.d/until.conf && systemctl daemon-reload
            """)
        #expect(prepared.exitStatus == 0, "\(prepared.output)")
    }

    func check(until: Instant) async throws -> (status: Int32?, output: String) {
        let ending = try await systemd.run(
            """
            echo UNTIL=\(until) >/run/until
            systemctl start hotfix.service >/dev/null 2>&1
            systemctl show hotfix.service -p ExecMainStatus --value
            """)
        return (Int32(ending.output.trimmingCharacters(in: .whitespacesAndNewlines)), "")
    }

    func powerLoss() -> @Sendable () -> Void { systemd.powerLoss }

    func switchOn() async throws { try await systemd.switchOn() }
}

@Suite("Two hundred checks with an outage, a loss of power and a full disk", .heavyAndLong, .serialized)
struct EnduranceTests {
    private static let windows = 200

    /// Runs the checks with all that befalls them.
    private func endure(_ machine: some Machine, _ disk: Disk, _ faults: Faults) async throws {
        for window in 0..<Self.windows {
            switch window {
            case 60: faults.setOut(true)
            case 66: faults.setOut(false)
            case 100: faults.loseThePower(machine.powerLoss())
            case 140: try await disk.fill()
            case 143: try disk.clear()
            default: break
            }
            // The machine is off for half an hour.
            if (101...106).contains(window) { continue }
            if window == 107 { try await machine.switchOn() }
            let (status, output) = try await machine.check(until: Site.due(window))
            let expected: Int32? =
                switch window {
                case 60..<66: 3
                case 100: nil
                case 140..<143: 5
                default: 0
                }
            #expect(status == expected, "window \(window): \(output)")
        }
    }

    /// Compares a ledger with that of a run that nothing befell.
    private func compare(_ site: Site, with steady: Site) async throws {
        for window in 0..<Self.windows { _ = await steady.run(["check", "--until", "\(Site.due(window))"]) }
        let expected = await steady.verdicts()
        #expect(expected.count == 3 * Self.windows + 1)
        #expect(expected.contains { $0.contains(",breach,") })
        #expect(await site.verdicts() == expected)
        let question = ["readiness", "--format", "json", "--at", "\(Site.due(Self.windows - 1))"]
        let answer = await site.run(question).output.split(separator: "\n")
        let reference = await steady.run(question).output.split(separator: "\n")
        #expect(reference.contains { $0.contains("checkout/load/") })
        // The two deployments were recorded one after the other.
        let differences = zip(answer, reference).filter { $0 != $1 && !$0.contains("recorded_at") }
        #expect(differences.map { "\($0) against \($1)" } == [])
        #expect(answer.count == reference.count)
    }

    private static let deployed = [
        "deployed", "--commit", String(repeating: "ab", count: 20), "--at", "\(Site.start)", "--no-incident",
    ]

    @Test("by the unit's command leave the ledger of an undisturbed run")
    func loop() async throws {
        let faults = Faults()
        try await withSite(intercept: faults.intercept) { prometheus, sentry, directory in
            try await withInstallation { prefix in
                try await Disk.with("\(directory)/state") { disk in
                    let site = try Site(
                        directory, name: "endured", prometheus: prometheus, sentry: sentry,
                        state: "\(disk.directory)/ledger.db", token: "credential:sentry-token")
                    try Site.token.write(toFile: "\(directory)/sentry-token", atomically: false, encoding: .utf8)
                    #expect(await site.run(Self.deployed).status == .done)
                    let unit = try UnitFile("\(prefix)/lib/systemd/system/hotfix.service")
                    try await endure(
                        try LoopMachine(unit: unit, config: site.config, credentials: directory, disk: disk), disk,
                        faults)
                    let steady = try Site(directory, name: "steady", prometheus: prometheus, sentry: sentry)
                    #expect(await steady.run(Self.deployed).status == .done)
                    try await compare(site, with: steady)
                }
            }
        }
    }

    @Test(
        "by a real systemd leave the ledger of an undisturbed run",
        .enabled("root and the right to make namespaces") { try await RealSystemd.canRun() })
    func systemd() async throws {
        let faults = Faults()
        try await withSite(intercept: faults.intercept) { prometheus, sentry, directory in
            try await RealSystemdTests.withAgent(prometheus: prometheus, sentry: sentry) { systemd in
                systemd.powerLoss()
                try await Disk.with(systemd.path("/var/lib/hotfix")) { disk in
                    try await systemd.switchOn()
                    let recorded = try await systemd.run(
                        "chgrp hotfix /var/lib/hotfix && HOTFIX_CONFIG=/etc/hotfix/hotfix.yaml hotfix "
                            + Self.deployed.joined(separator: " "))
                    #expect(recorded.exitStatus == 0, "\(recorded.output)")
                    try await endure(try await SystemdMachine(systemd), disk, faults)
                    systemd.powerLoss()
                    let site = try Site(
                        directory, name: "endured", prometheus: prometheus, sentry: sentry,
                        state: "\(disk.directory)/ledger.db")
                    let steady = try Site(directory, name: "steady", prometheus: prometheus, sentry: sentry)
                    #expect(await steady.run(Self.deployed).status == .done)
                    try await compare(site, with: steady)
                }
            }
        }
    }
}
