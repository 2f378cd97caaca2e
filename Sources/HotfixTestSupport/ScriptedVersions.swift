package import HotfixCore
import Synchronization

/// A source that gives no values, and whose versions are a function.
package final class ScriptedVersions: MetricSource, VersionSource {
    /// What the source does with one ask of one window.
    package enum Behaviour: Sendable {
        /// It saw these.
        case saw(Set<String>)
        /// Cannot be asked.
        case fails(SourceError)
        /// Says that the window is not due.
        case notDue
    }

    package let name: String
    package let timing: SourceTiming

    private struct State {
        var asks: [VersionAsk] = []
        var wishes: [VersionWish] = []
        var finding: Result<VersionFinding, SourceError>?
        var newest: VersionSighting?
    }

    private let state = Mutex(State())
    private let behaviour: @Sendable (VersionAsk, Instant) -> Behaviour

    /// Makes a source that knows versions.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - timing: How its data arrives.
    ///   - behaviour: What it does with an ask for the window that starts at an instant.
    package init(
        name: String = "versions", timing: SourceTiming = SourceTiming(settle: 120, recheck: 900),
        behaviour: @escaping @Sendable (VersionAsk, Instant) -> Behaviour
    ) {
        self.name = name
        self.timing = timing
        self.behaviour = behaviour
    }

    /// What it was asked so far.
    package var asks: [VersionAsk] { state.withLock { $0.asks } }

    /// Of which services it was asked whether it knows them, so far.
    package var wishes: [VersionWish] { state.withLock { $0.wishes } }

    /// Forgets what it was asked.
    package func forget() {
        state.withLock {
            $0.asks = []
            $0.wishes = []
        }
    }

    /// Sets whether it knows versions; nil means that it does.
    package func setFinding(_ finding: Result<VersionFinding, SourceError>?) {
        state.withLock { $0.finding = finding }
    }

    /// Sets the newest roll-out that it has recorded.
    package func setNewest(_ newest: VersionSighting?) { state.withLock { $0.newest = newest } }

    package func define(_ wishes: [SeriesWish]) async -> [Pair: Result<SeriesDefinition, SourceError>] { [:] }

    package func answer(_ asks: [Ask]) async -> [Answer] { asks.map { Answer(ask: $0) } }

    package func findVersions(_ wishes: [VersionWish]) async -> [String: Result<VersionFinding, SourceError>] {
        let finding = state.withLock { state in
            state.wishes += wishes
            return state.finding
        }
        let known = Result<VersionFinding, SourceError>.success(
            .known(SeriesDefinition(source: name, query: "versions")))
        return Dictionary(wishes.map { ($0.service.name, finding ?? known) }, uniquingKeysWith: { $1 })
    }

    package func versions(_ asks: [VersionAsk]) async -> [VersionAnswer] {
        let newest = state.withLock { state in
            state.asks += asks
            return state.newest
        }
        return asks.map { ask in
            var answer = VersionAnswer(ask: ask, newest: newest)
            for window in ask.span.windows {
                switch behaviour(ask, window.start) {
                case .saw(let versions): answer.seen[window.start] = versions
                case .fails(let error):
                    answer.failures.append(
                        (Span(start: window.start, end: window.end, step: ask.span.step), error))
                case .notDue: break
                }
            }
            return answer
        }
    }
}
