/// A source that may know which version of a service runs.
///
/// It never decides whether that is the deployed one, and never throws: failures are values.
package protocol VersionSource: Sendable {
    /// The name in the configuration.
    var name: String { get }

    /// Finds out whether the source knows the running versions of services, and how it is asked; what is found is recorded.
    ///
    /// - Parameter wishes: The services.
    /// - Returns: What was found, or why it could not be found out, for every wish by the service's name.
    func findVersions(_ wishes: [VersionWish]) async -> [String: Result<VersionFinding, SourceError>]

    /// Asks which versions were seen in windows, bundling what can be asked together.
    ///
    /// - Parameter asks: What is wanted.
    /// - Returns: One answer for each ask, in any order.
    func versions(_ asks: [VersionAsk]) async -> [VersionAnswer]
}

/// A service whose running version is to be watched.
package struct VersionWish: Sendable, Hashable {
    /// The service.
    package var service: Service
    /// The length of a window in seconds.
    package var window: Seconds
    /// The end of the newest due window.
    package var at: Instant
    /// What the source wanted remembered when it did not know; nil where there was nothing.
    package var memo: String?

    /// Makes a wish.
    package init(service: Service, window: Seconds, at: Instant, memo: String? = nil) {
        self.service = service
        self.window = window
        self.at = at
        self.memo = memo
    }
}

/// Whether a source knows which version of a service runs.
package enum VersionFinding: Sendable, Hashable {
    /// It does; this is how it is asked.
    case known(SeriesDefinition)
    /// It does not; why, for people, and what it wants to be told when it is asked again.
    case unknown(String, memo: String? = nil)
    /// It looked at a part only, and goes on at the next check with what it wants to be told then.
    case unfinished(memo: String)
}

/// A question to a source: the versions of one service in some windows.
package struct VersionAsk: Sendable, Hashable {
    /// The service's name.
    package var service: String
    /// How the source is asked.
    package var definition: SeriesDefinition
    /// Which windows.
    package var span: Span
    /// What the source wanted remembered with its last answer; nil where there was none.
    package var memo: String?
    /// Whether the source is to look at everything again, however old, as once before a streak is ready.
    package var isThorough: Bool

    /// Makes an ask.
    package init(service: String, definition: SeriesDefinition, span: Span, memo: String? = nil, isThorough: Bool) {
        self.service = service
        self.definition = definition
        self.span = span
        self.memo = memo
        self.isThorough = isThorough
    }
}

/// A version that was rolled out.
package struct VersionSighting: Sendable, Hashable, Codable {
    /// The version, as the source writes it.
    package var version: String
    /// When its roll-out was finished.
    package var at: Instant

    /// Makes a sighting.
    package init(version: String, at: Instant) {
        self.version = version
        self.at = at
    }
}

/// What came of an ask.
///
/// Every window of the ask's span is in exactly one of three: `seen`, `failures`, or neither, where it is not due yet.
package struct VersionAnswer: Sendable {
    /// The ask.
    package var ask: VersionAsk
    /// The versions, by the start of the window; a window in which the source saw none is here too, with an empty set.
    package var seen: [Instant: Set<String>]
    /// Windows that could not be asked, and why.
    package var failures: [(span: Span, error: SourceError)]
    /// The source's clock when it answered, nil where it has none.
    package var sourceNow: Instant?
    /// What the source wants to be told with the next ask; nil where nothing is new.
    package var memo: String?
    /// The newest roll-out that the source has recorded; nil where it records none.
    package var newest: VersionSighting?
    /// Whether the source looked at a part only, and has to be asked of these windows again.
    package var isUnsettled: Bool

    /// Makes an answer.
    package init(
        ask: VersionAsk, seen: [Instant: Set<String>] = [:], failures: [(span: Span, error: SourceError)] = [],
        sourceNow: Instant? = nil, memo: String? = nil, newest: VersionSighting? = nil, isUnsettled: Bool = false
    ) {
        self.ask = ask
        self.seen = seen
        self.failures = failures
        self.sourceNow = sourceNow
        self.memo = memo
        self.newest = newest
        self.isUnsettled = isUnsettled
    }
}
