import Foundation
import HotfixCommands
import HotfixCore
import HotfixTestSupport
import Testing

@Suite("The page in a real browser", .heavyAndLong)
struct PageBrowserTests {
    /// Runs a body with a page of a service that breaches its limit since 12:15, which anybody may read.
    private func withPage(_ body: (ServedLab, ChromiumPage) async throws -> Void) async throws {
        let spike = project { $0 >= noon + 900 ? 70 : 50 }
        try await withSentry(
            [spike], more: "serve: {write_token: \"${WRITE_TOKEN}\"}", now: noon,
            environment: ["WRITE_TOKEN": writeToken]
        ) { lab in
            await lab.commands.run("deployed", "--commit", commit, "--branch", "release/hotfix", "--no-incident")
            await lab.commands.checks(from: noon, to: noon + 1500)
            try await lab.commands.served { served in
                try await withChromium { browser in
                    try await body(served, try await browser.open(served.url + "/"))
                }
            }
        }
    }

    /// What the strip shows of each window: `12:05 b`.
    private func strip(_ page: ChromiumPage) async throws -> [String] {
        let text = try await page.text(
            """
            [...document.querySelectorAll(".strip a.w:not(.n)")]
              .map((cell) => cell.title.slice(11, 16) + " " + cell.className.slice(2)).join("\\n")
            """)
        return text.split(separator: "\n").map(String.init)
    }

    private func ledger(_ lab: CommandLab) async -> [String] {
        await lab.rows().filter { !($0["verdict"] ?? "").isEmpty }.map { row in
            "\((row["window_start"] ?? "").dropFirst(11).prefix(5)) \((row["verdict"] ?? "").prefix(1))"
        }
    }

    @Test("loads without a complaint, shows what the ledger holds, and shows more when a window was judged")
    func live() async throws {
        try await withPage { lab, page in
            #expect(try await page.text("document.querySelector('h1').textContent").contains("breaching"))
            #expect(try await strip(page) == ledger(lab.here))
            #expect(try await strip(page).last == "12:20 b")

            // Somebody who reads a table, or stands on a window, stays there.
            _ = try await page.value(
                "document.querySelector('.strip').nextElementSibling.nextElementSibling.open = true")
            _ = try await page.value("document.querySelector('.strip a.w[tabindex=\"0\"]').focus()")
            try await page.press(.left)
            let focused = try await page.text("document.activeElement.title")
            #expect(focused.contains("12:15"))
            await lab.here.checks(from: noon + 1500, to: noon + 1800)
            try await page.waits(for: "document.querySelectorAll('.strip a.w:not(.n)').length === 6")
            #expect(try await strip(page) == ledger(lab.here))
            #expect(try await page.text("document.activeElement.title") == focused)
            #expect(
                try await page.value("document.querySelector('.strip').nextElementSibling.nextElementSibling.open")
                    == .boolean(true))

            // The cell leads to its verdict, whose table holds the values of the ledger.
            try await page.press(.enter)
            try await page.waits(
                for: "location.pathname.includes('/guardrails/') && document.readyState === 'complete'")
            let table = try await page.text(
                """
                [...document.querySelectorAll("#windows-table tbody tr")].map((row) =>
                  [...row.cells].slice(0, 3).map((cell) => cell.textContent).join("|")).join("\\n")
                """)
            let rows = table.split(separator: "\n").map(String.init)
            #expect(rows.first?.hasPrefix("2026-11-20 12:15 UTC|breach|14/min") == true, "\(rows.prefix(5))")
            #expect(rows.contains { $0.hasPrefix("2026-11-20 12:10 UTC|clean|10/min") }, "\(rows.prefix(5))")
            let marks = try await page.value("document.querySelectorAll('.wide path.hotfix-breach').length")
            #expect(marks != JSONValue(0))
            #expect(page.complaints == [])
        }
    }

    @Test("a page that the server does not confirm says so, since when, and shows no state as the present one")
    func lost() async throws {
        try await withPage { lab, page in
            let title = try await page.text("document.title")
            let icon = try await page.text("document.querySelector('link[rel=icon]').href")
            let ledger = lab.here.path(".hotfix/ledger.db")
            // The server answers, but not what is asked; the network is gone; events come, and nothing to show for them.
            let troubles: [(begin: () async throws -> Void, end: () async throws -> Void)] = [
                (
                    { try FileManager.default.moveItem(atPath: ledger, toPath: ledger + ".gone") },
                    { try FileManager.default.moveItem(atPath: ledger + ".gone", toPath: ledger) }
                ),
                ({ try await offline(true, page) }, { try await offline(false, page) }),
                (
                    {
                        _ = try await page.value("window.given = window.fetch")
                        _ = try await page.value("window.fetch = () => Promise.reject(new Error('x')); 0")
                        await lab.here.checks(from: noon + 1500, to: noon + 1800)
                    }, { _ = try await page.value("window.fetch = window.given; 0") }
                ),
            ]
            for (isReached, trouble) in zip([false, false, true], troubles) {
                try await trouble.begin()
                try await hurry(page)
                try await page.waits(for: "!document.querySelector('.lost').hidden")
                let said = try await page.text("document.querySelector('.lost').textContent")
                #expect(said.hasPrefix("The server has not said how it stands since 2026-11-20 12:"), "\(said)")
                #expect(try await page.text("document.title") == "Out of date · \(title)")
                #expect(try await page.text("document.querySelector('link[rel=icon]').href") != icon)
                #expect(
                    try await page.text("getComputedStyle(document.querySelector('main')).filter") == "grayscale(1)")
                if isReached {
                    // What the server says goes on to come, and confirms nothing of what is shown.
                    _ = try await page.value(
                        """
                        window.confirmed = 0; window.stills = 0;
                        new MutationObserver(() => { window.confirmed += 1; })
                          .observe(document.querySelector(".lost"), { attributes: true });
                        new EventSource("/events").addEventListener("still", () => { window.stills += 1; }); 0
                        """)
                    try await page.waits(for: "window.stills >= 3")
                    #expect(try await page.value("window.confirmed") == JSONValue(0))
                }
                try await trouble.end()
                _ = try await page.value("window.backToNow()")
                try await page.waits(for: "document.querySelector('.lost').hidden")
                #expect(try await page.text("document.title") == title)
                #expect(try await page.text("document.querySelector('link[rel=icon]').href") == icon)
            }
        }
    }

    /// Lets time go by a thousand times faster for a page, until `backToNow()`.
    private func hurry(_ page: ChromiumPage) async throws {
        _ = try await page.value(
            """
            (() => {
              const real = Date.now, begin = performance.now();
              window.backToNow = () => { Date.now = real; };
              Date.now = () => real() + (performance.now() - begin) * 1000;
            })()
            """)
    }

    private func offline(_ isOffline: Bool, _ page: ChromiumPage) async throws {
        try await page.send(
            "Network.emulateNetworkConditions",
            [
                "offline": .boolean(isOffline), "latency": JSONValue(0), "downloadThroughput": JSONValue(-1),
                "uploadThroughput": JSONValue(-1),
            ])
    }

    @Test("more pages than a browser has connections can be open at once")
    func manyPages() async throws {
        try await withPage { lab, first in
            var pages = [first]
            for _ in 0..<7 {
                _ = try await pages[pages.count - 1].value(
                    """
                    Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
                    document.dispatchEvent(new Event("visibilitychange")); 0
                    """)
                pages.append(try await first.beside(lab.url + "/"))
            }
            // Whoever comes back to one sees how it is now.
            await lab.here.checks(from: noon + 1500, to: noon + 1800)
            _ = try await first.value(
                """
                Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
                document.dispatchEvent(new Event("visibilitychange")); 0
                """)
            try await first.waits(for: "document.querySelectorAll('.strip a.w:not(.n)').length === 6")
        }
    }

    @Test("where the keyboard is, it stays, and what somebody reads is not replaced by the same")
    func steady() async throws {
        try await withPage { lab, page in
            _ = try await page.value("document.getElementById('policy').dataset.kept = 'yes'")
            _ = try await page.value("document.querySelector('#messages .scroll').focus()")
            await lab.here.run("silence", "--service", "checkout", "--for", "2h", "--reason", "a drill", "--by", "Ann")
            try await page.waits(for: "document.getElementById('silences').textContent.includes('a drill')")
            #expect(try await page.text("document.getElementById('policy').dataset.kept || 'no'") == "yes")
            #expect(try await page.text("document.activeElement.getAttribute('aria-label')") == "The newest messages")
            // An episode that was acknowledged is said to whoever does not see it only where the state changed.
            #expect(try await page.text("document.querySelector('.told').textContent") == "")
            await lab.here.run("deployed", "--close")
            try await page.waits(for: "document.querySelector('.told').textContent.startsWith('not deployed: ')")
        }
    }

    @Test("an acknowledgement and a silence made by the keyboard alone end in the ledger")
    func keyboard() async throws {
        try await withPage { lab, page in
            try await page.tab(to: "it.textContent === 'Sign in'")
            try await page.press(.enter)
            try await page.waits(for: "document.getElementById('token')")
            try await page.tab(to: "it.id === 'token'")
            try await page.type(writeToken)
            try await page.press(.enter)
            try await page.waits(for: "document.querySelector('form.entry[action=\"/ack\"]')")

            try await page.tab(to: "it.name === 'by' && it.closest('form').getAttribute('action') === '/ack'")
            try await page.type("Ann")
            try await page.press(.tab)
            try await page.type("rolling back")
            try await page.press(.tab)
            try await page.press(.enter)
            try await page.waits(for: "document.body.textContent.includes('Acknowledged by Ann')")
            #expect(await lab.here.run("readiness").output.contains("acknowledged by Ann: rolling back"))

            try await page.tab(to: "it.tagName === 'SUMMARY' && it.textContent === 'Silence messages'")
            try await page.press(.enter)
            try await page.press(.tab)
            try await page.press(.down)
            try await page.tab(to: "it.id === 'silence-for'")
            try await page.type("2h")
            try await page.press(.tab)
            try await page.type("a drill")
            try await page.press(.tab)
            try await page.type("Ann")
            try await page.press(.enter)
            try await page.waits(for: "document.getElementById('silences').textContent.includes('a drill')")
            #expect(await lab.here.run("silence", "--list").output.contains("a drill"))
            #expect(await lab.here.run("silence", "--list").output.contains("checkout"))
            #expect(page.complaints == [])
        }
    }

    @Test(
        "fits on a narrow and on a wide screen, light and dark",
        arguments: [(360, false), (360, true), (1600, false), (1600, true)])
    func screens(width: Int, isDark: Bool) async throws {
        try await withPage { lab, page in
            #expect(await lab.here.run("report", "--html", "report.html").status == .done)
            for path in [
                "/", "/services/checkout?span=6h", "/services/checkout/guardrails/error-rate?at=2026-11-20T12:15:00Z",
                "/services/nobody", "/sign-in", "report",
            ] {
                try await page.show(width: width, height: 900, isDark: isDark)
                try await page.visit(path == "report" ? "file://\(lab.here.path("report.html"))" : lab.url + path)
                let overflow = try await page.value("document.documentElement.scrollWidth - innerWidth")
                #expect(overflow == JSONValue(0), "\(path)")
                let ground = try await page.text("getComputedStyle(document.documentElement).backgroundColor")
                #expect(ground == (isDark ? "rgb(11, 15, 20)" : "rgb(244, 245, 247)"))
                // For whoever wants to look at them.
                if let directory = ProcessInfo.processInfo.environment["HOTFIX_PICTURES"] {
                    let name = path.split(separator: "/").last?.prefix { $0 != "?" } ?? "page"
                    let file = "\(directory)/\(name)-\(width)-\(isDark ? "dark" : "light").png"
                    try Data(try await page.picture()).write(to: URL(fileURLWithPath: file))
                }
            }
            #expect(page.complaints.allSatisfy { $0.contains("404") })
        }
    }

    @Test("what cannot be shown is shown once it can be")
    func waiting() async throws {
        try await withPage { lab, page in
            let ledger = lab.here.path(".hotfix/ledger.db")
            try FileManager.default.moveItem(atPath: ledger, toPath: ledger + ".gone")
            try await page.visit(lab.url + "/")
            #expect(try await page.text("document.querySelector('h1').textContent").hasPrefix("not shown"))
            try FileManager.default.moveItem(atPath: ledger + ".gone", toPath: ledger)
            try await page.waits(for: "document.querySelector('.strip')")
        }
    }
}
