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
    /// The state of the whole hotfix.
    package var whole: Readiness.State

    /// Makes contents.
    ///
    /// - Parameters:
    ///   - readiness: Whether the hotfix, or the service that the page is about, is ready.
    ///   - overview: The series of the services that are shown.
    ///   - alerts: What is open, silenced and told.
    ///   - now: The instant that all of it is of.
    ///   - service: The one service that the page is about; nil for the main page.
    ///   - whole: The state of the whole hotfix; nil where that is what the readiness says.
    package init(
        readiness: Readiness, overview: Overview, alerts: AlertsBook, now: Instant, service: String? = nil,
        whole: Readiness.State? = nil
    ) {
        self.readiness = readiness
        self.overview = overview
        self.alerts = alerts
        self.now = now
        self.service = service
        self.whole = whole ?? readiness.state
    }

    /// How many services the main page shows the windows of; of more it names the others, the worst first.
    package static let mostServices = 6
    /// How many services the main page shows with all their curves.
    static let mostInFull = 4
    /// How many it shows with their curves where there are more than that: the worst.
    static let fewInFull = 2

    /// The services that a page shows.
    ///
    /// - Parameters:
    ///   - readiness: The readiness of all of them.
    ///   - service: The one that it is about; nil for the main page.
    /// - Returns: Their names: the worst first where there are too many, else as configured.
    package static func shown(_ readiness: Readiness, service: String?) -> [String] {
        if let service { return [service] }
        let all = readiness.services
        guard all.count > mostServices else { return all.map(\.name) }
        return worstFirst(all).prefix(mostServices).map(\.name)
    }

    /// Services in the order of their states, the worst first, and of these as configured.
    static func worstFirst(_ services: [ServiceReadiness]) -> [ServiceReadiness] {
        func rank(_ state: Readiness.State) -> Int { Readiness.State.allCases.firstIndex(of: state) ?? 0 }
        return services.enumerated()
            .sorted { (rank($0.element.state), $0.offset) < (rank($1.element.state), $1.offset) }.map(\.element)
    }

    /// The services whose curves the page shows too; the pages of the others have them.
    var inFull: Set<String> {
        let names = overview.services.map(\.name)
        guard service == nil, names.count > Self.mostInFull else { return Set(names) }
        let shown = Set(names)
        return Set(
            Self.worstFirst(readiness.services.filter { shown.contains($0.name) }).prefix(Self.fewInFull).map(\.name))
    }
}

/// What of the contents whoever reads has asked for.
package struct PageView: Sendable, Hashable {
    /// The spans of curves that a service's page shows: how an address asks for them, and how long they are in seconds; the first is the usual.
    static let spans: [(name: String, length: Seconds)] = [("7d", 7 * 86_400), ("6h", Plot.shown)]

    /// The span of the curves, one of ``spans``.
    let span: String
    /// Which part of a long list of services is shown, from 1.
    let listing: Int

    /// Makes a view; what there is not is the usual.
    ///
    /// - Parameters:
    ///   - span: The span of the curves as an address asks for it: `7d` or `6h`.
    ///   - listing: Which part of a long list of services is shown, from 1.
    package init(span: String? = nil, listing: Int = 1) {
        self.span = Self.spans.first { $0.name == span }?.name ?? Self.spans[0].name
        self.listing = max(1, listing)
    }

    var length: Seconds { Self.spans.first { $0.name == span }?.length ?? Self.spans[0].length }
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
