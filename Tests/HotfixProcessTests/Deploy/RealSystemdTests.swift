import Foundation
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Testing

@Suite(
    "Under a real systemd", .heavy, .enabled("root and the right to make namespaces") { try await RealSystemd.canRun() }
)
struct RealSystemdTests {
    /// A machine with the units installed and the documented configuration, ready for the first check.
    static func withAgent(
        prometheus: String, sentry: String, _ body: (RealSystemd) async throws -> Void
    ) async throws {
        try await withInstallation(prefix: "/usr/local") { prefix in
            try await RealSystemd.withMachine(installation: prefix) { machine in
                _ = try Site(
                    machine.path("/etc/hotfix"), name: "hotfix", prometheus: prometheus, sentry: sentry,
                    state: "/var/lib/hotfix/ledger.db", token: "credential:sentry-token")
                let ready = try await machine.run(
                    """
                    set -e
                    systemd-sysusers
                    systemd-tmpfiles --create hotfix.conf
                    printf '%s\\n' '\(Site.token)' >/etc/hotfix/credentials/sentry-token
                    chmod 600 /etc/hotfix/credentials/sentry-token
                    for unit in hotfix.service hotfix-failed@.service; do
                        mkdir -p /etc/systemd/system/$unit.d
                        printf '[Service]\\nStandardOutput=append:/run/output\\nStandardError=append:/run/output\\n' \\
                            >/etc/systemd/system/$unit.d/output.conf
                    done
                    systemctl daemon-reload
                    """)
                try #require(ready.exitStatus == 0, "\(ready.output)")
                try await body(machine)
            }
        }
    }

    private static let success = "Result=success\nExecMainStatus=0\n"
    private static let outcome =
        "systemctl show hotfix.service -p Result -p ExecMainStatus; cat /run/output 2>/dev/null"

    @Test("the check runs with all its protection, and leaves a ledger that its group may use")
    func works() async throws {
        try await withSite { prometheus, sentry, _ in
            try await Self.withAgent(prometheus: prometheus, sentry: sentry) { machine in
                let started = try await machine.run("systemctl start hotfix.service && \(Self.outcome)")
                // Whether the data breaches in the newest windows, which is printed, depends on the time of the day.
                #expect(started.output.hasPrefix(Self.success), "\(started.output)")
                let files = try await machine.run(
                    "cd /var/lib/hotfix && stat --format='%n %U %G %a' . ledger.db ledger.db.lock")
                #expect(
                    files.output
                        == ". hotfix hotfix 2770\nledger.db hotfix hotfix 660\nledger.db.lock hotfix hotfix 660\n")
                // A member of the group, who is nobody else.
                let operated = try await machine.run(
                    """
                    cd / && setpriv --reuid=65534 --regid=65534 --groups="$(getent group hotfix | cut -d: -f3)" \\
                        env HOTFIX_CONFIG=/etc/hotfix/hotfix.yaml hotfix deployed --commit abcdef0 --no-incident \\
                        && systemctl start hotfix.service && \(Self.outcome)
                    """)
                #expect(operated.output.contains("Deployment 1 of abcdef0"))
                #expect(operated.output.contains("\n" + Self.success), "\(operated.output)")
            }
        }
    }

    @Test(
        "the check tells channels, one by an address that it was handed as a credential"
    )
    func tells() async throws {
        let receiver = WebhookStandIn(secret: nil, now: { Instant(Int(Date().timeIntervalSince1970)) })
        try await withSite { prometheus, sentry, _ in
            try await withLoopbackServer({ receiver.answer($0) }) { server in
                try await Self.withAgent(prometheus: prometheus, sentry: sentry) { machine in
                    let told = try await machine.run(
                        """
                        set -e
                        cat >>/etc/hotfix/hotfix.yaml <<'END'

                        notify:
                          - {type: webhook, url: "credential:webhook-url"}
                          - {type: output}
                        END
                        printf '%s\\n' '\(server.url)/secret' >/etc/hotfix/credentials/webhook-url
                        chmod 600 /etc/hotfix/credentials/webhook-url
                        printf '[Service]\\nLoadCredential=webhook-url:/etc/hotfix/credentials/webhook-url\\n' \\
                            >/etc/systemd/system/hotfix.service.d/channels.conf
                        systemctl daemon-reload
                        HOTFIX_CONFIG=/etc/hotfix/hotfix.yaml hotfix deployed --commit abcdef0 --no-incident
                        systemctl start hotfix.service
                        \(Self.outcome)
                        """)
                    #expect(told.output.contains("Result=success\nExecMainStatus=0\n"), "\(told.output)")
                    #expect(
                        told.output.contains("\nDeployed: checkout was deployed. Commit abcdef0."), "\(told.output)")
                    #expect(receiver.taken.map { $0.event["type"] } == [JSONValue("io.hotfix.deployed")])
                }
            }
        }
    }

    @Test("a source that does not answer fails the unit, which is told once")
    func fails() async throws {
        try await Self.withAgent(prometheus: "http://127.0.0.1:1", sentry: "http://127.0.0.1:1") { machine in
            let started = try await machine.run(
                """
                systemctl start hotfix.service; systemctl start hotfix.service; \(Self.outcome)
                """)
            #expect(started.output.contains("Result=exit-code\nExecMainStatus=3\n"))
            #expect(started.output.contains("otel: POST http://127.0.0.1:1/api/v1/query_range: no connection"))
            let told = "hotfix.service failed. See: journalctl --unit=hotfix.service"
            let counted = try await machine.run(
                "for attempt in $(seq 50); do grep -q 'See: journalctl' /run/output && break; sleep 0.1; done; cat /run/output"
            )
            #expect(counted.output.matches(of: try Regex(told)).count == 1)
        }
    }

    @Test("a missing secret, and a check that is running already, are told apart from failure")
    func busyAndWrong() async throws {
        try await withSite { prometheus, sentry, _ in
            try await Self.withAgent(prometheus: prometheus, sentry: sentry) { machine in
                let busy = try await machine.run(
                    """
                    systemctl start hotfix.service
                    flock /var/lib/hotfix/ledger.db.lock systemctl start hotfix.service; \(Self.outcome)
                    """)
                // systemd forgets the status of what has succeeded.
                #expect(busy.output.hasPrefix("Result=success\n"))
                #expect(busy.output.contains("Another check of /var/lib/hotfix/ledger.db is running"))
                let wrong = try await machine.run(
                    "rm /etc/hotfix/credentials/sentry-token; systemctl start hotfix.service; \(Self.outcome)")
                #expect(wrong.output.contains("Result=exit-code\nExecMainStatus=243\n"))
            }
        }
    }

    @Test("the timer is enabled, and fires when the newest window is due")
    func timer() async throws {
        try await withSite { prometheus, sentry, _ in
            try await Self.withAgent(prometheus: prometheus, sentry: sentry) { machine in
                let enabled = try await machine.run(
                    """
                    systemctl enable --quiet --now hotfix.timer && systemctl is-active hotfix.timer
                    date --date="$(systemctl show hotfix.timer -p NextElapseUSecRealtime --value)" +%M:%S
                    """)
                let lines = enabled.output.split(separator: "\n")
                #expect(lines.first == "active", "\(enabled.output)")
                let next = try #require(lines.last?.firstMatch(of: /^(?<minute>\d\d):10$/), "\(enabled.output)")
                #expect(Int(next.minute).map { $0 % 5 } == 2)
            }
        }
    }

    @Test("the server says when it answers, and ends when it is told to")
    func server() async throws {
        try await withSite { prometheus, sentry, _ in
            try await Self.withAgent(prometheus: prometheus, sentry: sentry) { machine in
                let unit = try UnitFile(machine.path("/usr/local/lib/systemd/system/hotfix-serve.service"))
                let command = try unit.one("ExecStart").replacing(":8321", with: ":0")
                let served = try await machine.run(
                    """
                    head -c 32 /dev/zero | tr '\\0' r >/etc/hotfix/credentials/read-token
                    head -c 32 /dev/zero | tr '\\0' w >/etc/hotfix/credentials/write-token
                    chmod 600 /etc/hotfix/credentials/*
                    printf '\\n%s\\n' 'serve: {read_token: "credential:read-token", write_token: "credential:write-token"}' \
                        >>/etc/hotfix/hotfix.yaml
                    mkdir /etc/systemd/system/hotfix-serve.service.d
                    printf '[Service]\\nExecStart=\\nExecStart=\(command)\\nStandardError=append:/run/served\\n' \
                        >/etc/systemd/system/hotfix-serve.service.d/port.conf
                    systemctl daemon-reload
                    systemctl start hotfix.service hotfix-serve.service && systemctl is-active hotfix-serve.service
                    cat /run/served
                    systemctl stop hotfix-serve.service
                    systemctl show hotfix-serve.service -p Result
                    """)
                #expect(served.output.hasPrefix("active\n"), "\(served.output)")
                #expect(served.output.contains("http://127.0.0.1:"), "\(served.output)")
                #expect(served.output.hasSuffix("Result=success\n"), "\(served.output)")
            }
        }
    }

    @Test("the agent checks, says that it lives, and ends when it is told to")
    func agent() async throws {
        try await withSite { prometheus, sentry, _ in
            try await Self.withAgent(prometheus: prometheus, sentry: sentry) { machine in
                let unit = try UnitFile(machine.path("/usr/local/lib/systemd/system/hotfix-agent.service"))
                let command = try unit.one("ExecStart").replacing(":8321", with: ":0")
                let ran = try await machine.run(
                    """
                    head -c 32 /dev/zero | tr '\\0' r >/etc/hotfix/credentials/read-token
                    head -c 32 /dev/zero | tr '\\0' w >/etc/hotfix/credentials/write-token
                    chmod 600 /etc/hotfix/credentials/*
                    printf '\\n%s\\n' 'serve: {read_token: "credential:read-token", write_token: "credential:write-token"}' \
                        >>/etc/hotfix/hotfix.yaml
                    mkdir /etc/systemd/system/hotfix-agent.service.d
                    printf '[Service]\\nWatchdogSec=2\\nExecStart=\\nExecStart=\(command)\\nStandardError=append:/run/served\\n' \
                        >/etc/systemd/system/hotfix-agent.service.d/port.conf
                    systemctl daemon-reload
                    systemctl start hotfix-agent.service
                    for attempt in $(seq 200); do [ -e /var/lib/hotfix/ledger.db.lock ] && break; sleep 0.1; done
                    sleep 5
                    systemctl is-active hotfix-agent.service
                    systemctl show hotfix-agent.service -p NRestarts
                    cat /run/served
                    systemctl stop hotfix-agent.service
                    systemctl show hotfix-agent.service -p Result
                    """)
                #expect(ran.output.hasPrefix("active\nNRestarts=0\n"), "\(ran.output)")
                #expect(ran.output.contains("http://127.0.0.1:"), "\(ran.output)")
                #expect(ran.output.hasSuffix("Result=success\n"), "\(ran.output)")
            }
        }
    }
}
