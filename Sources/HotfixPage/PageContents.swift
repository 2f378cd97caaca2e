package import HotfixCore

/// Everything that the main page and the page of a service are made from.
package struct PageContents: Sendable {
    /// Whether the hotfix is ready.
    package var readiness: Readiness
    /// The series of the services that are shown in full, and what was done over time.
    package var overview: Overview
    /// What is open, silenced and told.
    package var alerts: AlertsBook
    /// The instant that all of it is of.
    package var now: Instant
    /// The one service that the page is about; nil for the main page.
    package var service: String?

    /// Makes contents.
    package init(
        readiness: Readiness, overview: Overview, alerts: AlertsBook, now: Instant, service: String? = nil
    ) {
        self.readiness = readiness
        self.overview = overview
        self.alerts = alerts
        self.now = now
        self.service = service
    }

    /// How many services the main page shows in full; of more it names the others, the worst first.
    package static let mostServices = 8

    /// The services that a page shows in full.
    ///
    /// - Parameters:
    ///   - readiness: The readiness of all of them.
    ///   - service: The one that it is about; nil for the main page.
    /// - Returns: Their names: the worst first where there are too many, else as configured.
    package static func shown(_ readiness: Readiness, service: String?) -> [String] {
        if let service { return [service] }
        let all = readiness.services
        guard all.count > mostServices else { return all.map(\.name) }
        func rank(_ state: Readiness.State) -> Int { Readiness.State.allCases.firstIndex(of: state) ?? 0 }
        return all.enumerated().sorted { (rank($0.element.state), $0.offset) < (rank($1.element.state), $1.offset) }
            .prefix(mostServices).map(\.element.name)
    }
}

/// Whom a page is for, and what stands around what it says.
package struct PageFrame: Sendable {
    /// What forms prove that they come from a page of ours with; nil where whoever reads may not write.
    package var formProof: String?
    /// Whether there is a token that writes, so that signing in gives something.
    package var isWritable: Bool
    /// Whether whoever reads has signed in.
    package var isSignedIn: Bool
    /// What is said above everything; nil where nothing is.
    package var banner: String?
    /// The state that the page was made from, to tell whether another is newer.
    package var mark: String
    /// The path of the page, with its query.
    package var path: String

    /// Makes a frame.
    package init(
        formProof: String? = nil, isWritable: Bool = false, isSignedIn: Bool = false, banner: String? = nil,
        mark: String = "", path: String = "/"
    ) {
        self.formProof = formProof
        self.isWritable = isWritable
        self.isSignedIn = isSignedIn
        self.banner = banner
        self.mark = mark
        self.path = path
    }
}
