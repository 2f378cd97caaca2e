import HotfixCore
import HotfixDemo

/// The service whose hotfixes the tracker's page takes to their end.
enum TrackedHotfix {
    private static let deployed = Instant(text: "2026-11-20T14:00:00Z") ?? Instant(0)

    private static let shop = SimulatedShop(
        services: [
            .init("checkout", instances: 1, requests: 240, errors: 36, cores: 0.4, bytes: 512 * 1_048_576, seed: 1)
        ], origin: deployed, history: deployed - 8 * 86_400..<deployed + 8 * 86_400)

    /// Runs a body with the page's time, its sources, and what stands in for GitHub.
    static func with<T>(_ body: (PageTime) async throws -> T) async throws -> T {
        let clock = SimulatedClock(deployed)
        return try await SimulatedSite.run(shop, clock: clock, organization: "acme", token: Site.token) { site in
            let shop = HostedShop()
            return try await shop.run { forge in
                try await body(
                    PageTime(
                        clock: clock, prometheus: site.prometheusURL, sentry: site.sentryURL,
                        substitutions: [
                            ("github: {repository", "github: {url: \"\(forge)\", repository"),
                            ("https://updates.example.com", forge),
                        ], shop: shop))
            }
        }
    }
}
