import Foundation
import HotfixCore
import HotfixPage
import Testing

/// Noon of the day that tests take place on.
private let noon = Instant(1_795_176_000)

/// What would be markup wherever somebody forgot to escape it.
private let hostile = "<script>alert('x')</script>\"'&amp;\u{202E}\u{0}javascript:alert(1)"

@Suite("The page")
struct PageTests {
    private func contents(_ name: String = "checkout", guardrail: String = "latency-p95", link: String? = nil) throws
        -> PageContents
    {
        let pair = Pair(name, guardrail)
        let points = (0..<2016).map { index -> Plot.Point in
            let outcome: Plot.Outcome =
                switch index {
                case 0..<1500: .unjudged
                case 1900..<1904: .breach
                case 1910: .pending
                case 1920: .unproven
                case 1930: .missing
                default: .clean
                }
            let value: Double? = index == 1930 ? nil : 0.2 + Double(index % 7) / 100
            return Plot.Point(outcome: outcome, value: value, baseline: 0.21, limit: 0.252)
        }
        let start = noon - 2016 * 300
        let plot = Plot(
            title: pair.description, unit: "s", start: start, step: 300, points: points,
            deployments: [start + 1500 * 300])
        let deployment = Deployment(
            id: 1, hotfix: 1, branch: "release/\(name)", commit: name, version: name, at: start + 1500 * 300,
            recordedAt: start + 1500 * 300, services: [name])
        let episode = Episode(
            pair: pair, start: start + 1900 * 300, openedAt: start + 1901 * 300, lastBreach: start + 1903 * 300,
            windows: 4,
            peak: 0.4)
        let silence = Silence(
            id: 3, service: name, start: noon - 60, end: noon + 3600, reason: name, by: name, recordedAt: noon - 60)
        let readiness = try Readiness(
            JSONReader(
                .object([
                    "state": JSONValue("breaching"), "ready": .boolean(false), "required_seconds": JSONValue(172_800),
                    "proven_seconds": JSONValue(0), "since": JSONValue(noon - 3600),
                    "earliest_ready": JSONValue(noon + 172_800), "evaluated_until": JSONValue(noon),
                    "deployment": deployment.json, "other_deployments": .array([]),
                    "services": .array([service(name, guardrail)]), "episodes": .array([episode.json(nil)]),
                    "notes": .array([JSONValue(name)]), "silences": .array([silence.json]),
                    "unrecorded_deploys": .array([]),
                ]), "readiness"))
        let overview = Overview(
            at: noon, from: start,
            services: [
                .init(
                    name: name, environment: name, policy: 1, adoptedAt: start, streak: .init(),
                    guardrails: [
                        .init(
                            name: guardrail, source: name, measure: name, limits: [name], baseline: name,
                            confirm: .init(),
                            isDropped: false, link: link, plot: plot)
                    ])
            ], deployments: [deployment], episodes: [episode], acknowledgements: [], silences: [silence], excusals: [],
            exclusions: [], acceptances: [],
            tracker: .init(
                facts: [.init(name: name, text: name)], tasks: [.init(name: name, text: name)],
                history: [.init(at: noon - 60, by: name, step: "approve", did: name, reason: name)]))
        let book = AlertsBook(
            episodes: [
                .init(
                    episode: episode, acknowledgement: nil, silences: [3],
                    elsewhere: [.init(channel: name, id: name, by: name, reason: name)])
            ], silences: [silence],
            messages: [
                .init(
                    head: MessageHead(
                        id: 1, kind: .breach, thread: name, opening: nil, at: noon, createdAt: noon, service: name,
                        guardrail: guardrail, severity: .critical), title: name,
                    deliveries: [.init(channel: name, state: .givenUp, reason: name, attempts: 1, at: noon)])
            ])
        return PageContents(readiness: readiness, overview: overview, alerts: book, now: noon)
    }

    private func service(_ name: String, _ guardrail: String) -> JSONValue {
        .object([
            "name": JSONValue(name), "state": JSONValue("breaching"), "deployment": JSONValue("1"),
            "commit": JSONValue(name),
            "required_seconds": JSONValue(172_800), "proven_seconds": JSONValue(0), "since": JSONValue(noon - 3600),
            "earliest_ready": JSONValue(noon + 172_800), "evaluated_until": JSONValue(noon),
            "unproven_windows": JSONValue(1), "missing_windows": JSONValue(1), "not_watched": .array([JSONValue(name)]),
            "guardrails": .array([
                .object([
                    "name": JSONValue(guardrail), "verdict": JSONValue("clean"), "window_start": JSONValue(noon - 300),
                    "value": JSONValue(0.22), "baseline": JSONValue(0.21), "limit": JSONValue(0.252),
                    "unit": JSONValue(name), "baseline_windows": JSONValue(2016), "baseline_possible": JSONValue(2016),
                    "baseline_silent": .boolean(false),
                ])
            ]),
            "last_breach": .object([
                "guardrail": JSONValue(guardrail), "window_start": JSONValue(noon - 3600), "value": JSONValue(0.4),
                "limit": JSONValue(0.252),
            ]),
        ])
    }

    private func main(_ contents: PageContents, _ frame: PageFrame = PageFrame()) -> String {
        MainPage(contents, in: frame).html.markup
    }

    /// What is wrong with a document as XML of well-known elements: void elements are closed first.
    private func elements(of markup: String) throws -> [PageElement] {
        var text = markup.replacing("<!DOCTYPE html>", with: "")
        for tag in ["meta", "link", "input"] {
            text = text.replacing(try Regex("<\(tag)( [^>]*)?>"), with: { String($0.0.dropLast()) + "/>" })
        }
        // Attributes that are there or not have no value in HTML.
        for flag in ["defer", "required", "hidden", "selected", "open"] {
            text = text.replacing(try Regex(" \(flag)(?=[ />])"), with: " \(flag)=\"\"")
        }
        return try PageReader(text).elements()
    }

    @Test("is well formed, and every identifier, label and reference leads somewhere")
    func structure() throws {
        let frame = PageFrame(formProof: "proof", isWritable: true, isSignedIn: true, banner: "x", mark: "1")
        let found = try elements(of: main(try contents(), frame))
        let ids = found.compactMap { $0.attributes["id"] }
        #expect(ids.count == Set(ids).count, "\(ids.filter { id in ids.count { $0 == id } > 1 })")
        for element in found {
            for name in ["for", "aria-labelledby", "aria-describedby"] {
                if let id = element.attributes[name] { #expect(ids.contains(id), "\(element.name) \(name)=\(id)") }
            }
            if let href = element.attributes["href"], href.hasPrefix("#") {
                #expect(ids.contains(String(href.dropFirst())))
            }
            for (name, _) in element.attributes {
                #expect(name != "style" && !name.hasPrefix("on"), "\(element.name) has \(name)")
            }
        }
        #expect(!found.contains { $0.name == "style" })
        let headings = found.compactMap { element in
            ["h1", "h2", "h3", "h4"].firstIndex(of: element.name)
        }
        #expect(headings.first == 0 && headings.count { $0 == 0 } == 1)
        for (before, after) in zip(headings, headings.dropFirst()) { #expect(after <= before + 1) }
        for landmark in ["header", "main", "footer"] { #expect(found.count { $0.name == landmark } == 1) }
        for input in found where ["input", "select"].contains(input.name) && input.attributes["type"] != "hidden" {
            let id = try #require(input.attributes["id"])
            #expect(found.contains { $0.name == "label" && $0.attributes["for"] == id })
        }
        let scripts = found.filter { $0.name == "script" }
        #expect(scripts.count == 1 && scripts[0].attributes["src"] == PageSheet.script.link.text)
    }

    @Test("names from outside are text everywhere, and lead nowhere else")
    func escaping() throws {
        let frame = PageFrame(
            formProof: hostile, isWritable: true, isSignedIn: true, banner: hostile, mark: hostile, path: hostile)
        for markup in [
            main(try contents(hostile, guardrail: hostile, link: "javascript:alert(1)"), frame),
            main(
                try contents(hostile, guardrail: hostile, link: "https://example.com/\"><script>alert(1)</script>"),
                frame),
            main(try contents(hostile, guardrail: hostile), PageFrame(isWritable: true, path: hostile)),
            ProblemPage(hostile, hostile, in: frame, now: noon).html.markup,
            SignInPage(.reading, next: hostile, in: frame, now: noon).html.markup,
            ReportPage(try contents(hostile).readiness, try contents(hostile, guardrail: hostile).overview, now: noon)
                .html.markup,
        ] {
            #expect(!markup.contains("<script>alert"))
            #expect(!markup.unicodeScalars.contains { ["\u{202E}", "\u{0}"].contains($0) })
            let found = try elements(of: markup)
            for element in found {
                for name in ["href", "src", "action"] {
                    guard let link = element.attributes[name] else { continue }
                    let isOurs = link.hasPrefix("/") && !link.hasPrefix("//") || link.hasPrefix("#")
                    #expect(
                        isOurs || link.hasPrefix("https://example.com/") || link.hasPrefix("data:image/svg+xml,"),
                        "\(link)")
                }
            }
            #expect(found.count { $0.name == "script" } <= 1)
        }
    }

    @Test(
        "the strip has the 576 windows of 48 hours, each told apart by more than its colour and leading to its verdict")
    func strip() throws {
        let found = try elements(of: main(try contents()))
        let cells = found.filter { $0.name == "a" && ($0.attributes["class"] ?? "").hasPrefix("w ") }
        #expect(cells.count == 576)
        var counts: [String: Int] = [:]
        for cell in cells { counts[String(cell.attributes["class"]?.last ?? " "), default: 0] += 1 }
        #expect(counts == ["b": 4, "p": 1, "u": 1, "m": 1, "c": 509, "n": 60])
        let breach = try #require(cells.first { $0.attributes["class"] == "w b" })
        let start = noon - 116 * 300
        #expect(
            breach.attributes["href"]
                == "/services/checkout/guardrails/latency-p95?at=\(start.description.replacing(":", with: "%3A"))")
        #expect(breach.attributes["title"]?.hasSuffix(": breach, latency-p95") == true)
        #expect(cells.count { $0.attributes["tabindex"] == "0" } == 1)
    }

    @Test("says the state in a word and a sentence, and shows what can be done as a form or as a command")
    func state() throws {
        let page = main(try contents())
        #expect(page.contains("The hotfix is not ready: latency-p95 of checkout breached its limit."))
        #expect(page.contains("hotfix ack checkout/latency-p95/"))
        #expect(!page.contains("<form class=\"entry\""))
        let signedIn = main(try contents(), PageFrame(formProof: "proof", isWritable: true, isSignedIn: true))
        #expect(signedIn.contains("action=\"/ack\"") && signedIn.contains("action=\"/silence\""))
        #expect(signedIn.contains("name=\"proof\" value=\"proof\""))
    }

    /// Contents of a hotfix that is ready, by services of these commits.
    private func ready(_ commits: [String] = [String(repeating: "a1", count: 20)]) throws -> PageContents {
        var ready = try contents()
        ready.readiness.state = .ready
        ready.readiness.provenSeconds = 172_800
        ready.readiness.earliestReady = noon - 3600
        ready.readiness.episodes = []
        ready.overview.episodes = []
        let service = ready.readiness.services[0]
        ready.readiness.services = commits.enumerated().map { index, commit in
            var service = service
            service.state = .ready
            service.provenSeconds = 172_800
            service.deployment = ready.readiness.deployment
            service.deployment?.commit = commit
            if index > 0 { service.name = "service-\(index)" }
            return service
        }
        ready.readiness.deployment?.commit = commits[0]
        return ready
    }

    @Test("what the gate would refuse is not called ready to be merged")
    func gate() throws {
        let one = String(repeating: "a1", count: 20)
        let open = main(try ready())
        #expect(open.contains("The hotfix is ready to be merged back, since"))
        #expect(open.contains("class=\"state is-good\""))
        for commits in [[one, String(repeating: "b2", count: 20)], ["a1a1a1a"]] {
            let page = main(try ready(commits))
            #expect(!page.contains("ready to be merged"), "\(commits)")
            #expect(page.contains("but nothing can be merged."))
            #expect(!page.contains("class=\"state is-good\""))
        }
    }

    @Test("the page of a service that is ready, and a report of it, say nothing of the hotfix but how it stands")
    func partial() throws {
        var contents = try ready()
        contents.service = "checkout"
        contents.whole = .breaching
        let page = main(contents)
        #expect(!page.contains("The hotfix is ready"))
        #expect(page.contains("checkout has proven its time"))
        #expect(page.contains("as a whole is <span class=\"word bad\">breaching</span>"))
        let report = ReportPage(contents.readiness, contents.overview, about: ["checkout"], now: noon).html.markup
        #expect(!report.contains("The hotfix is ready"))
        #expect(report.contains("nothing of the hotfix as a whole"))
    }

    @Test("what is lacking is said, and no instant that is past is given for when it will be")
    func lacking() throws {
        var contents = try ready()
        contents.readiness.state = .counting
        contents.readiness.services[0].state = .counting
        #expect(main(contents).contains("the time is proven, but the newest window is not clean for every guardrail"))
        contents.readiness.state = .blind
        contents.readiness.stateReason = .stale
        contents.readiness.provenSeconds = 7200
        contents.readiness.services[0].provenSeconds = 7200
        #expect(main(contents).contains("No instant of readiness can be told while nothing is judged."))
        #expect(!main(contents).contains("The time is proven"))
        // The least proven time and the longest required one may be those of different services.
        contents = try ready([String](repeating: String(repeating: "a1", count: 20), count: 2))
        contents.readiness.state = .counting
        contents.readiness.provenSeconds = 86_400
        contents.readiness.services[0].provenSeconds = 144_000
        contents.readiness.services[1].provenSeconds = 86_400
        contents.readiness.services[1].requiredSeconds = 86_400
        #expect(main(contents).contains("8 h of clean time are still to be proven"))
        #expect(main(contents).contains("40 h of 48 h, by checkout, which lacks most"))
        contents.readiness.state = .notDeployed
        contents.readiness.stateReason = .closed
        contents.readiness.services[1].state = .notDeployed
        let closed = main(contents)
        #expect(closed.contains("it is not deployed to service-1: the deployment was closed."))
        #expect(!closed.contains("hotfix deployed --commit SHA"))
    }

    @Test(
        "a page of a thousand services shows the worst first, the rest in parts, and is no larger than a megabyte or so"
    )
    func thousand() throws {
        var contents = try contents()
        let (service, series) = (contents.readiness.services[0], contents.overview.services[0])
        contents.readiness.services = (0..<1000).map { index in
            var service = service
            service.name = "service-with-a-name-\(index)"
            service.state = index == 900 ? .breaching : index == 700 ? .blind : .counting
            return service
        }
        contents.overview.services = PageContents.shown(contents.readiness, service: nil).map { name in
            var series = series
            series.name = name
            series.guardrails = (0..<4).map { index in
                var guardrail = series.guardrails[0]
                guardrail.name = "guardrail-\(index)"
                return guardrail
            }
            return series
        }
        #expect(
            contents.overview.services.prefix(2).map(\.name) == ["service-with-a-name-900", "service-with-a-name-700"])
        let page = main(contents)
        #expect(page.utf8.count < 1_250_000, "\(page.utf8.count)")
        #expect(page.contains("Of 1000 services: 1 breaching, 1 blind, 998 counting."))
        let first = try #require(page.firstRange(of: ">service-with-a-name-900<")?.lowerBound)
        #expect(try #require(page.firstRange(of: ">service-with-a-name-0<")?.lowerBound) > first)
        #expect(page.contains("href=\"/services/service-with-a-name-700\""))
        var named: Set<Substring> = []
        for part in [1, 2, 3, 19, 20, 21] {
            let html = MainPage(contents, in: PageFrame(), view: PageView(listing: part)).html.markup
            let table = html[(try #require(html.firstRange(of: "id=\"services\"")).lowerBound...)]
            let end = try #require(table.firstRange(of: "</table>")).lowerBound
            for match in table[..<end].matches(of: /href="\/services\/([^"]+)"/) { named.insert(match.1) }
        }
        // The last part is shown where one asks for a later one.
        #expect(named.count == 250)
        _ = try elements(of: page)
    }

    @Test("the page of a service shows what was told of it, and counts messages, not their channels")
    func messages() throws {
        var contents = try contents()
        let line = contents.alerts.messages[0].deliveries[0]
        contents.alerts.messages[0].deliveries = [line, line, line]
        var other = contents.alerts.messages[0]
        other.head.service = "search"
        other.title = "Breach: of search"
        contents.alerts.messages.append(other)
        #expect(main(contents).contains("2 messages could not be told at every channel."))
        contents.service = "checkout"
        #expect(main(contents).contains("1 message could not be told at every channel."))
        #expect(!main(contents).contains("Breach: of search"))
    }

    @Test("a verdict of long ago has no colour of now, and a command can be copied whatever a name holds")
    func oldAndOdd() throws {
        var contents = try contents("it's $(reboot)")
        #expect(main(contents).contains("hotfix ack &#39;it&#39;\\&#39;&#39;s $(reboot)/latency-p95/"))
        #expect(main(contents).contains("<span class=\"word good\">clean</span>"))
        contents.now = noon + 86_400
        #expect(main(contents).contains("<span class=\"word\">clean</span> at 2026-11-20 11:55 UTC:"))
    }

    @Test("the curves of a service are shown for as long as was asked for")
    func spans() throws {
        var contents = try contents()
        contents.service = "checkout"
        let week = MainPage(contents, in: PageFrame()).html.markup
        #expect(week.contains("2026-11-13 12:00 UTC to 2026-11-20 12:00 UTC, each row 2 h"))
        let hours = MainPage(contents, in: PageFrame(), view: PageView(span: "6h")).html.markup
        #expect(hours.contains("checkout/latency-p95, 2026-11-20 06:00 UTC to 2026-11-20 12:00 UTC"))
        #expect(hours.contains("<a href=\"/services/checkout?span=6h\" aria-current=\"page\">The last 6 h</a>"))
        #expect(MainPage(contents, in: PageFrame(), view: PageView(span: "1y")).html.markup == week)
    }

    @Test("a report tells that nobody approved only where the tracker says so")
    func approvals() throws {
        var contents = try contents()
        contents.overview.tracker?.history = []
        func report() -> String { ReportPage(contents.readiness, contents.overview, now: noon).html.markup }
        #expect(report().contains("The tracker holds none of this time."))
        contents.overview.tracker?.failure = "the file is gone"
        #expect(report().contains("who approved is not known") && !report().contains("holds none"))
        contents.overview.tracker = nil
        #expect(report().contains("nobody knows here"))
        let early = contents.overview.from - 86_400
        contents.readiness.deployment?.at = early
        contents.overview.deployments[0].at = early
        #expect(report().contains("tells nothing of before"))
    }

    @Test("a report holds everything in itself: no script, no link to elsewhere, its own style")
    func report() throws {
        let contents = try contents()
        let markup = ReportPage(contents.readiness, contents.overview, now: noon).html.markup
        #expect(!markup.contains("<script") && !markup.contains("src="))
        for element in try elements(of: markup) {
            if let href = element.attributes["href"] { #expect(href.hasPrefix("#"), "\(href)") }
        }
        for text in ["Timeline", "Approvals and overrides", "deployed", "silenced", "approve: checkout", "<style>"] {
            #expect(markup.contains(text), "\(text)")
        }
    }

    @Test(
        "a link leads to where it says, whatever its parts hold",
        arguments: ["a b?c&d=e#f", "ä+%20", "\"'<>", "+", "%2e", "..."])
    func links(name: String) throws {
        let link = PageLink.verdict(Pair(name, name), at: noon).text
        #expect(link.allSatisfy { $0.isASCII && !"<>\"' #".contains($0) })
        let parts = try #require(URLComponents(string: "https://hotfix.example.com\(link)"))
        #expect(parts.path == "/services/\(name)/guardrails/\(name)")
        #expect(parts.queryItems?.first?.value == "2026-11-20T12:00:00Z")
        // What browsers and proxies take for steps stands in the query.
        for steps in [".", "..", "a/b", "a\\b"] {
            let link = PageLink.verdict(Pair(name, steps), at: noon).text
            let parts = try #require(URLComponents(string: "https://hotfix.example.com\(link)"))
            #expect(parts.path == "/services")
            #expect(parts.queryItems?.map(\.value) == [name, steps, "2026-11-20T12:00:00Z"])
            #expect(PageLink.service(steps).text.hasPrefix("/services?service="))
        }
        for address in ["javascript:alert(1)", "data:text/html,x", "//example.com", "https://a b", " https://a", ""] {
            #expect(PageLink(outside: address) == nil, "\(address)")
        }
    }
}
