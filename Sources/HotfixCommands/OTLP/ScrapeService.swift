import Foundation
import HotfixConfiguration
import HotfixCore
import HotfixHTTP
import HotfixOTLP
import ServiceLifecycle

/// Reads a page of metrics every minute.
struct ScrapeService: ServiceLifecycle.Service {
    /// How long after a scrape the next one is due, in seconds.
    private static let interval = 60.0
    /// The largest page that is taken, in bytes.
    private static let pageBytes = 20 << 20

    private let source: SourceSettings
    private let intake: PointIntake
    private let client: HTTPClient
    private let surroundings: Surroundings

    init(_ source: SourceSettings, _ intake: PointIntake, _ client: HTTPClient, _ surroundings: Surroundings) {
        self.source = source
        self.intake = intake
        self.client = client
        self.surroundings = surroundings
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await scrapeForever() }
    }

    /// Scrapes until whoever waits between two scrapes is interrupted.
    func scrapeForever() async {
        var isWell = true
        var due = surroundings.clock()
        while !Task.isCancelled {
            let trouble = await scrape()
            // The same trouble is told once, and that it is over.
            if let trouble, isWell { tell("\(source.name): not scraped. \(trouble)") }
            if trouble == nil, !isWell { tell("\(source.name): scraped again.") }
            isWell = trouble == nil
            let now = surroundings.clock()
            // Neither a clock that was set nor a page that took long makes the next one later than that, or several at once.
            due = min(max(due + Self.interval, now), now + Self.interval)
            do { try await surroundings.sleep(.seconds(due - now)) } catch { return }
        }
    }

    private func tell(_ text: String) { surroundings.writeError("hotfix: \(oneLine(text))\n") }

    /// Scrapes once.
    ///
    /// - Returns: What went wrong; nil where all went well.
    func scrape() async -> String? {
        let call = HTTPCall(
            .get, source.url,
            headers: [("Accept", ScrapedPage.accept)] + source.headers.map { ($0.name, $0.value.value) },
            credentials: source.credentials.forHTTP, tls: source.tls.forHTTP, deadline: .seconds(source.timeout),
            bodyLimit: Self.pageBytes, retry: .none)
        let now = surroundings.clock()
        do {
            let answer = try await client.send(call)
            guard answer.status == 200 else { return "The page answered \(answer.status)." }
            let page = ScrapedPage(
                contentType: answer.contentType ?? "text/plain", body: answer.body)
            let result = try await intake.take(page, at: now)
            return result.message.map { "Not taken were \($0)" }
        } catch let error as ScrapeError {
            return "The page cannot be used: \(error.message)."
        } catch let error as PointIntake.Unavailable {
            return error.message
        } catch {
            return "\(error)"
        }
    }
}
