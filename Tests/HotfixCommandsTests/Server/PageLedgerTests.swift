import Foundation
import HotfixCommands
import HotfixCore
import HotfixDemo
import HotfixTestSupport
import Synchronization
import Testing

@Suite("The page against the ledger, in a real browser", .heavyAndLong)
struct PageLedgerTests {
    /// A guardrail that confirms a breach by the second of three windows.
    private static let policy = loadPolicy(loadRule + ", confirm: {breaching: 2, of: 3}")

    /// What the simulated load is at an instant: it rises and falls, breaches alone and in pairs, and is not there at times.
    private static func load(_ at: Instant) -> Double? {
        let window = (at - noon) / 300
        if window % 50 == -17 || window % 50 == -18 { return nil }
        if window % 40 == -9 || window % 120 == -50 || window % 120 == -51 { return 150 + Double(-window % 7) }
        return 100 + Double((window * window) % 11)
    }

    /// Runs a body with the page of a service that was deployed 50 hours ago, and whose source fails since noon.
    private func withHistory(_ body: (ServedLab, ChromiumPage) async throws -> Void) async throws {
        let isDown = Mutex(false)
        let answer = prometheus([SimulatedPrometheus.GivenSeries { _, at in Self.load(at) }])
        try await withPrometheus(
            policy: Self.policy, { isDown.withLock { $0 } ? .answer(status: 503) : answer($0) }
        ) { lab in
            lab.commands.now = noon + 130
            await lab.commands.run(
                "deployed", "--commit", commit, "--at", "\(noon - 50 * 3600)", "--branch", "release/hotfix",
                "--no-incident")
            await lab.commands.run("check")
            isDown.withLock { $0 = true }
            lab.commands.now = noon + 2000
            await lab.commands.run("check")
            try await lab.commands.served { served in
                try await withChromium { browser in
                    try await body(served, try await browser.open(served.url + "/"))
                }
            }
        }
    }

    @Test("each of the 576 cells of a strip is what the ledger has of its window")
    func cells() async throws {
        try await withHistory { lab, page in
            let text = try await page.text(
                """
                [...document.querySelectorAll(".strip a.w")]
                  .map((cell) => new URL(cell.href).searchParams.get("at") + " " + cell.className.slice(2)).join("\\n")
                """)
            let cells = text.split(separator: "\n").map(String.init)
            #expect(cells.count == 576)
            var held: [String: String] = [:]
            for row in await lab.here.rows() {
                let isConfirmed = row["confirmed"] == "true"
                held[row["window_start"] ?? ""] =
                    ["clean": "c", "unproven": "u", "breach": isConfirmed ? "b" : "p"][row["verdict"] ?? ""]
            }
            var seen: Set<Character> = []
            for cell in cells {
                let parts = cell.split(separator: " ")
                #expect(parts[1] == held[String(parts[0])] ?? "m", "\(cell)")
                seen.insert(parts[1].first ?? " ")
            }
            #expect(seen == ["c", "b", "p", "u", "m"])
            // The report counts the same verdicts.
            #expect(await lab.here.run("report", "--html", "report.html").status == .done)
            try await page.visit("file://\(lab.here.path("report.html"))")
            let counted = try await page.text(
                "[...document.querySelectorAll('#verdicts tbody td.number')].map((cell) => cell.textContent).join(' ')")
            let numbers = ["c", "b", "p", "u"].map { kind in held.values.count { $0 == kind } }
            #expect(counted.hasPrefix(numbers.map(String.init).joined(separator: " ") + " "), "\(counted), \(numbers)")
            try await page.visit(lab.url + "/")
            let word = try await page.text("document.querySelector('h1 .word').textContent")
            let readiness = await lab.here.run("readiness").output
            #expect(readiness.hasPrefix("NOT READY: \(word)"), "\(word), \(readiness)")
        }
    }

    @Test("the curve of six hours goes through the values of the ledger, and is broken where there is none")
    func curve() async throws {
        try await withHistory { lab, page in
            // Without JavaScript a link leads there just the same.
            let link = try await page.text("document.querySelector('h2 a[href^=\"/services/\"]').href")
            try await page.visitWithoutScript(link)
            let short = try await page.text("document.querySelector('.spans a:not([aria-current])').href")
            #expect(try await page.text("document.querySelector('noscript').textContent").contains("load it again"))
            try await page.visitWithoutScript(short)
            #expect(
                try await page.text("document.querySelector('.spans [aria-current]').textContent") == "The last 6 h")
            let table = try await page.text(
                """
                [...document.querySelectorAll("article tbody tr")].map((row) =>
                  row.querySelector("time").dateTime + " " + row.cells[2].textContent).reverse().join("\\n")
                """)
            let rows = table.split(separator: "\n").map { $0.split(separator: " ") }
            #expect(rows.count == 72)
            var held: [String: Double] = [:]
            for row in await lab.here.rows() { held[row["window_start"] ?? ""] = row["value"].flatMap { Double($0) } }
            for row in rows { #expect(Double(row[1]) == held[String(row[0])], "\(row)") }

            // What is drawn, read back by the labels of its axis.
            let drawn = try await page.text(Self.reading)
            let parts = drawn.split(separator: "|", omittingEmptySubsequences: false)
            var curve: [Int: Double] = [:]
            for entry in parts[0].split(separator: " ") {
                let sides = entry.split(separator: ":")
                if let index = Int(sides[0]), let value = Double(sides[1]) { curve[index] = value }
            }
            for (index, row) in rows.enumerated() {
                guard let value = held[String(row[0])] else {
                    #expect(curve[index] == nil, "\(row)")
                    continue
                }
                #expect(abs((curve[index] ?? -1) - value) < 0.05, "\(row), \(curve[index] ?? -1)")
            }
            let isHeld = rows.map { held[String($0[0])] != nil }
            let runs = isHeld.indices.count { isHeld[$0] && ($0 == 0 || !isHeld[$0 - 1]) }
            #expect(runs > 1 && Int(parts[1]) == runs)
            let limits = Set(await lab.here.rows().suffix(72).compactMap { $0["limit"].flatMap { Double($0) } })
            #expect(limits.count == 1 && abs((Double(parts[2]) ?? -1) - (limits.first ?? 0)) < 0.05)
        }
    }

    /// Reads the values, the number of lines and the limit from the picture: `0:103.2 1:99 …|3|125`.
    private static let reading = """
        (() => {
          const picture = document.querySelector(".wide svg");
          const places = (path) => [...path.getAttribute("d").matchAll(/[ML]([0-9.]+) ([0-9.]+)/g)]
            .map((match) => [Number(match[1]), Number(match[2])]);
          const ticks = [...picture.querySelectorAll("text[text-anchor=end]")]
            .filter((text) => /^[0-9.]+$/.test(text.textContent))
            .map((text) => [Number(text.getAttribute("y")) - 4, Number(text.textContent)]);
          const [first, last] = [ticks[0], ticks[ticks.length - 1]];
          const value = (y) => first[1] + (y - first[0]) / (last[0] - first[0]) * (last[1] - first[1]);
          const edge = [...picture.querySelectorAll("path.hotfix-axis")].map(places)
            .find((line) => line.length === 2 && line[0][1] === line[1][1] && line[1][0] - line[0][0] > 300);
          const [left, right] = [edge[0][0], edge[1][0]];
          const middle = (index) => left + (index + 0.5) / 72 * (right - left);
          const line = [...picture.querySelectorAll("path.hotfix-value")]
            .sort((one, other) => other.getAttribute("d").length - one.getAttribute("d").length)[0];
          const curve = [];
          for (const [x, y] of places(line)) {
            const index = Math.round((x - left) / (right - left) * 72 - 0.5);
            if (Math.abs(middle(index) - x) < 0.02) curve.push(index + ":" + value(y));
          }
          const limit = [...picture.querySelectorAll("path.hotfix-limit")]
            .sort((one, other) => places(other).at(-1)[0] - places(one).at(-1)[0])[0];
          return curve.join(" ") + "|" + line.getAttribute("d").split("M").slice(1).length + "|" + value(places(limit)[0][1]);
        })()
        """

    @Test("a service of any name is reached by the page's own links, and so are its verdicts")
    func names() async throws {
        let names = [".", "..", "%2e", "🚀 süß", "it's\\<b>"]
        try await withPrometheus(prometheus([SimulatedPrometheus.GivenSeries { _, _ in 100 }])) { lab in
            let services = names.map {
                "  - {name: \(JSONValue($0).line), environment: production, otel: {service: checkout}}"
            }
            try lab.commands.write(
                """
                policy: policy.yaml
                sources:
                  otel: {type: prometheus, url: "\(lab.server.url)", recheck: 10m}
                services:
                \(services.joined(separator: "\n"))
                """, to: "hotfix.yaml")
            let deployed = await lab.commands.run("deployed", "--commit", commit, "--no-incident")
            #expect(deployed.status == .done, "\(deployed)")
            await lab.commands.checks(from: noon, to: noon + 600)
            try await lab.commands.served { served in
                try await withChromium { browser in
                    let page = try await browser.open(served.url + "/")
                    for name in names {
                        try await page.visit(served.url + "/")
                        let wanted = JSONValue(name).line
                        let link =
                            "[...document.querySelectorAll('h2 a')].find((link) => link.textContent === \(wanted))"
                        try await page.visit(try await page.text("\(link).href"))
                        let title = try await page.text("document.querySelector('h2 a').textContent")
                        #expect(title == name)
                        #expect(try await page.text("document.title").hasPrefix("\(name) · "))
                        let cell = "document.querySelector('.strip li:last-child a.w:last-of-type').href"
                        try await page.visit(try await page.text(cell))
                        let heading = try await page.text("document.querySelector('h1').textContent")
                        #expect(heading == "cleanload of \(name)")
                    }
                    #expect(page.complaints == [])
                }
            }
        }
    }
}
