import HotfixTestSupport

/// The made-up services: nine days of samples, a deployment 50 hours before their end, and an incident for each rule of judgement.
enum Shop {
    /// 2024-03-14 12:00 UTC: the end of the last window.
    static let end = 1_710_417_600
    /// The start of the deployment's window, where the look-back ends.
    static let anchor = end - 50 * 3600
    /// The deployment: a second too late for its window to count.
    static let deployedAt = anchor + 1
    static let week = 7 * 86_400
    static let window = 300
    static let start = anchor - week - 2 * window

    static let duration = "http_server_request_duration_seconds"
    /// Buckets, each with its share of the usual requests.
    static let bounds: [(label: String, bound: Double, share: Double)] = [
        ("0.1", 0.1, 0.5), ("0.25", 0.25, 0.35), ("0.5", 0.5, 0.13), ("1", 1, 0.018), ("+Inf", .infinity, 0.002),
    ]

    /// An instant so many hours after the start of the deployment's window; whole windows.
    static func hour(_ hours: Double) -> Int { anchor + Int(hours * 12) * window }

    /// The services of the hotfix.
    static let deployed: [ShopService] = [
        ShopService(
            name: "checkout", policy: "main", labels: promoted("checkout"), interval: 60, offset: 17,
            incidents: [.init(.slow, at: hour(10), for: 600)], hasErrorBuckets: true),
        ShopService(
            name: "cart", policy: "main", labels: promoted("cart"),
            incidents: [.init(.busy, at: hour(3)), .init(.fat, at: hour(5), for: 600)]),
        // The outage takes twelve windows: an hour, and no longer.
        ShopService(
            name: "search", policy: "main", labels: promoted("search"), offset: 20,
            outages: [hour(40)...hour(41)],
            incidents: [.init(.failing, at: hour(6)), .init(.traffic(0.3), at: hour(8), for: 600)]),
        // Scraped at the very borders of windows; restarted inside of one, at the sample of a border, and right after one.
        ShopService(
            name: "payments", policy: "main", labels: promoted("payments"), interval: 60, offset: 0,
            instances: [
                .init(name: "1", restarts: [hour(-30) + 150, hour(2) + 150, hour(4), hour(4.5) + 1])
            ]),
        // Instances overlap while the deployment, and another roll-out, replace them.
        ShopService(
            name: "inventory", policy: "main", labels: promoted("inventory"),
            instances: [
                .init(name: "1", to: anchor + 90), .init(name: "2", to: anchor + 450),
                .init(name: "3", from: anchor - 130, to: hour(24) + 200),
                .init(name: "4", from: anchor + 120, to: hour(24) + 320),
                .init(name: "5", from: hour(24) - 250), .init(name: "6", from: hour(24) + 60),
            ]),
        ShopService(
            name: "mail", policy: "main", labels: promoted("mail"),
            outages: [(hour(30) + 120)...(hour(32) + 1000)]),
        ShopService(
            name: "images", policy: "main", labels: promoted("images"), interval: 150, offset: 70,
            instances: [.init(name: "1"), .init(name: "2")],
            incidents: [
                .init(.nonsense("2"), at: hour(1), for: 600), .init(.nonsense(nil), at: hour(1.5), for: 600),
                .init(.endless, at: hour(12), for: 600), .init(.busy, at: end - 300),
            ]),
        ShopService(
            name: "ledger", policy: "main", labels: promoted("ledger"), interval: 150, offset: 110,
            outages: [hour(-72)...hour(-69)]),
        ShopService(name: "legacy", policy: "main", labels: ["job": "shop/legacy"], interval: 150, offset: 20),
        ShopService(
            name: "night", policy: "quiet", labels: promoted("night"),
            incidents: (0..<7).map { .init(.traffic(0), at: hour(-160 + 24 * Double($0)), for: 3600) } + [
                .init(.traffic(0), at: hour(20), for: 2700), .init(.traffic(0.01), at: hour(22), for: 1800),
            ] + (0..<60).map { .init(.traffic(0), at: hour(27) + 1200 * $0) }),
        ShopService(
            name: "batch", policy: "statistics", labels: promoted("batch"), interval: 150, offset: 35,
            incidents: [
                .init(.busy, at: hour(7)), .init(.busy, at: hour(9), for: 600), .init(.fat, at: hour(11)),
                .init(.traffic(0.4), at: hour(13)), .init(.slow, at: hour(15)),
            ], swing: 0.6),
        // The gauge: at its limit, above it by less than counts, above it by more; then its end.
        ShopService(
            name: "worker", policy: "own", labels: ["service_name": "worker"], interval: 150, offset: 70,
            outages: [(hour(40) + 100)...end],
            incidents: [
                .init(.level(0.625), at: hour(2)), .init(.level(0.625 * (1 + 0x1p-31)), at: hour(2.5)),
                .init(.level(0.625 * (1 + 0x1p-28)), at: hour(3)), .init(.traffic(0.1), at: hour(5), for: 600),
            ], isWebService: false),
        ShopService(
            name: "mailer", policy: "own", labels: ["service_name": "mailer"], interval: 150, offset: 70,
            incidents: [.init(.level(0.75), at: hour(2)), .init(.level(0.75 * (1 + 0x1p-28)), at: hour(3))],
            isWebService: false, level: 0.625),
    ]

    /// A service that the hotfix does not cover.
    static let undeployed = ShopService(
        name: "canary", policy: "early", labels: promoted("canary"), interval: 150, offset: 50,
        incidents: [.init(.busy, at: hour(20)), .init(.fat, at: hour(30))])

    static let services = deployed + [undeployed]

    private static func promoted(_ name: String) -> [String: String] {
        ["service_name": name, "deployment_environment_name": "production", "job": "shop/\(name)"]
    }
}
