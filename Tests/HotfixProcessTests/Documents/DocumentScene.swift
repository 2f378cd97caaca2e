import Foundation
import HotfixTestSupport
import Testing

/// Where the blocks of one page run, in their order: a machine's directories, with what the page names found elsewhere.
///
/// The directories of the system, and the addresses of the sources, are the test's own. What would change the machine is
/// stood in for: `make` says what it would do, `sudo` does nothing of its own, `systemctl start hotfix.service` runs the
/// unit's command. Everything else is the real thing.
struct DocumentScene {
    /// What the page says, and what that is here.
    let substitutions: [(documented: String, actual: String)]
    let directory: String
    let prefix: String

    /// Makes the scene in an empty directory.
    init(directory: String, prefix: String, prometheus: String, sentry: String, variables: [String: String])
        async throws
    {
        self.directory = directory
        self.prefix = prefix
        substitutions = [
            ("/etc/hotfix", "\(directory)/etc/hotfix"), ("/etc/cron.d", "\(directory)/etc/cron.d"),
            ("/var/lib/hotfix", "\(directory)/var/lib/hotfix"), ("/backup", "\(directory)/backup"),
            ("/usr/local", prefix), ("http://localhost:9090", prometheus), ("https://sentry.io", sentry),
            ("{type: sentry, organization", "{type: sentry, url: \"\(sentry)\", organization"),
        ]
        let environment = [
            "PATH": "\(directory)/bin:\(prefix)/bin:/usr/bin:/bin", "HOME": directory, "USER": "operator",
            "LANG": "C.UTF-8", "TZ": "UTC",
        ].merging(variables) { $1 }
        let exports = environment.map { "export \($0.key)='\($0.value)'\n" }.joined()
        let prepared = try await shell(
            """
            set -e
            mkdir -p bin state etc/cron.d backup shop
            printf '%s\\n' '\(Site.token)' >shop/sentry-token
            cd shop
            git init --quiet
            git -c user.name=test -c user.email=test@example.com commit --quiet --allow-empty --message='A hotfix'
            """, in: directory)
        try #require(prepared.exitStatus == 0, "\(prepared.output)")
        try exports.write(toFile: "\(directory)/state/environment", atomically: false, encoding: .utf8)
        try "\(directory)/shop\n".write(toFile: "\(directory)/state/directory", atomically: false, encoding: .utf8)
        for (name, script) in Self.standIns {
            let path = "\(directory)/bin/\(name)"
            let text = script.replacing("@directory@", with: directory).replacing("@prefix@", with: prefix)
                .replacing("@repository@", with: repository)
            try "#!/bin/sh\nset -e\n\(text)\n".write(toFile: "\(path).text", atomically: false, encoding: .utf8)
        }
        // A program is not run while any process has its file open for writing, and a process that another test starts at this
        // moment may have inherited the file that this one writes. A copy is written by a process of its own.
        let copied = try await shell(
            "for text in bin/*.text; do install -m 755 \"$text\" \"${text%.text}\" && rm \"$text\"; done", in: directory
        )
        try #require(copied.exitStatus == 0, "\(copied.output)")
    }

    /// Replaces what the page names by what that is here.
    func actual(_ text: String) -> String {
        let text = substitutions.reduce(text) { $0.replacing($1.documented, with: $1.actual) }
        guard let server else { return text }
        return text.replacing(Self.documentedServer, with: server)
    }

    /// Replaces what is here by what the page names.
    func documented(_ text: String) -> String {
        let text = substitutions.reduce(text) { $0.replacing($1.actual, with: $1.documented) }
        guard let server else { return text }
        return text.replacing(server, with: Self.documentedServer)
    }

    private static let documentedServer = "https://hotfix.example.com"

    /// Where a server that the page started answers; nil where it started none.
    private var server: String? {
        (try? String(contentsOfFile: "\(directory)/state/served", encoding: .utf8))?
            .firstMatch(of: /http:\/\/127\.0\.0\.1:\d+/).map { String($0.output) }
    }

    /// Ends a server that the page started.
    func end() async throws {
        _ = try await shell(
            "[ ! -f state/server ] || { kill \"$(cat state/server)\" && rm state/server; }", in: directory)
    }

    /// Runs a script where the one before it ended, with the variables that it exported.
    func run(_ script: String) async throws -> SpawnedCommand.Ending {
        try await shell(
            """
            set -e
            . '\(directory)/state/environment'
            cd "$(cat '\(directory)/state/directory')"
            trap 'export -p >"\(directory)/state/environment"; pwd >"\(directory)/state/directory"' EXIT
            \(actual(script))
            """, environment: [:])
    }

    /// What a page leaves out of a configuration that it shows a part of.
    private static let shop = """
        sources:
          sentry: {type: sentry, organization: acme, token: "${SENTRY_AUTH_TOKEN}"}
          otel: {type: prometheus, url: "http://localhost:9090"}
        services: [{name: checkout, sentry: {project: checkout-api}, otel: {service: checkout}}]

        """

    /// Puts a file where the page says, and has its configuration checked.
    ///
    /// - Parameters:
    ///   - file: Its name.
    ///   - text: What the page shows of it.
    ///   - isPart: Whether the page leaves out sources and services.
    /// - Returns: What the check said.
    /// - Throws: Where a file cannot be written, or no command be run.
    func write(_ file: String, _ text: String, isPart: Bool = false) async throws -> SpawnedCommand.Ending {
        let shop = "\(directory)/shop"
        if file != "hotfix.yaml", !FileManager.default.fileExists(atPath: "\(shop)/hotfix.yaml") {
            try actual("policy: \(file)\n\(Self.shop)")
                .write(toFile: "\(shop)/hotfix.yaml", atomically: false, encoding: .utf8)
        }
        let text = isPart ? Self.shop + text : text
        try actual(text).write(toFile: "\(shop)/\(file)", atomically: false, encoding: .utf8)
        return try await shell(
            """
            . '\(directory)/state/environment'
            export SENTRY_AUTH_TOKEN='\(Site.token)' CREDENTIALS_DIRECTORY='\(directory)/shop'
            hotfix config validate
            """, environment: [:], in: shop)
    }

    /// What stands in for a command; it refuses what it does not know.
    private static let standIns = [
        "make": "exec /usr/bin/make --dry-run --no-print-directory SWIFT=true -C '@repository@' \"$@\" >/dev/null",
        "sudo": """
        if [ "$1" = -u ]; then [ "$2" = hotfix ]; shift 2; fi
        case $1 in -*) exit 64 ;; esac
        exec "$@"
        """,
        "chown": "[ $# = 2 ] && [ \"$1\" = hotfix ] && [ -f \"$2\" ]",
        "usermod": "[ \"$*\" = '--append --groups hotfix operator' ]",
        "systemd-sysusers": "[ $# = 0 ] && grep -q '^u hotfix ' '@prefix@/lib/sysusers.d/hotfix.conf'",
        "systemd-tmpfiles": """
        [ "$*" = '--create hotfix.conf' ]
        sed -n 's/^d \\([^ ]*\\) .*/\\1/p' '@prefix@/lib/tmpfiles.d/hotfix.conf' | while read -r path; do
            mkdir -p "@directory@$path"
        done
        """,
        "systemctl": """
        verb=$1
        shift
        case $verb in
        daemon-reload) [ $# = 0 ] ;;
        enable | disable) [ "$1" = --now ] && shift ;;
        start | stop) [ $# != 0 ] ;;
        *) exit 64 ;;
        esac
        for unit; do
            file=@prefix@/lib/systemd/system/$unit
            [ -f "$file" ]
            case $verb in enable | disable) grep -q '^\\[Install\\]' "$file" ;; esac
            if [ "$verb $unit" = 'enable hotfix-serve.service' ]; then
                for name in $(sed -n 's/^LoadCredential=\\([^:]*\\):.*/\\1/p' "$file"); do
                    [ -f @directory@/etc/hotfix/credentials/"$name" ]
                done
                env -i HOTFIX_CONFIG=@directory@/etc/hotfix/hotfix.yaml CREDENTIALS_DIRECTORY=@directory@/etc/hotfix/credentials \\
                    $(sed -n 's/^ExecStart=//p' "$file" | sed 's/:8321$/:0/') >@directory@/state/served 2>&1 &
                echo $! >@directory@/state/server
                until grep -q http @directory@/state/served; do kill -0 $!; done
            fi
            if [ "$verb $unit" = 'start hotfix.service' ]; then
                env -i HOTFIX_CONFIG=@directory@/etc/hotfix/hotfix.yaml CREDENTIALS_DIRECTORY=@directory@/etc/hotfix/credentials \\
                    $(sed -n 's/^ExecStart=//p' "$file")
            fi
        done
        """,
    ]
}
