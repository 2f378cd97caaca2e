package import HotfixCore
import Synchronization

/// A source whose answers are a function, and which can be made to fail.
package final class ScriptedSource: MetricSource {
    /// What the source does with one ask of one window.
    package enum Behaviour: Sendable {
        /// Answers with this.
        case answers(Observation)
        /// Cannot be asked.
        case fails(SourceError)
        /// Says that the window is not due.
        case notDue
    }

    package let name: String
    package let timing: SourceTiming

    private struct State {
        var asks: [Ask] = []
        var now: Instant?
        var definitionFailures: [Pair: SourceError] = [:]
    }

    private let behaviour: @Sendable (Ask, Instant) -> Behaviour
    private let details: @Sendable (SeriesWish) -> [String: String]
    private let state = Mutex(State())
    private let acceptsAnything: @Sendable (Ask) -> Bool?

    /// Makes a source.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - timing: How its data arrives.
    ///   - details: What tells one definition from another.
    ///   - acceptsAnything: What outcomes say of a look-back.
    ///   - behaviour: What it does with an ask for the window that starts at an instant.
    package init(
        name: String = "scripted", timing: SourceTiming = SourceTiming(settle: 120, recheck: 900),
        details: @escaping @Sendable (SeriesWish) -> [String: String] = { _ in [:] },
        acceptsAnything: @escaping @Sendable (Ask) -> Bool? = { _ in nil },
        behaviour: @escaping @Sendable (Ask, Instant) -> Behaviour
    ) {
        self.name = name
        self.timing = timing
        self.details = details
        self.acceptsAnything = acceptsAnything
        self.behaviour = behaviour
    }

    /// What it was asked so far.
    package var asks: [Ask] { state.withLock { $0.asks } }

    /// Forgets what it was asked.
    package func forget() { state.withLock { $0.asks = [] } }

    /// Sets the source's clock; nil means that its answers carry none.
    package func setClock(_ now: Instant?) { state.withLock { $0.now = now } }

    /// Makes it refuse to define a pair.
    package func refuse(_ pair: Pair, with error: SourceError?) {
        state.withLock { $0.definitionFailures[pair] = error }
    }

    package func define(_ wishes: [SeriesWish]) async -> [Pair: Result<SeriesDefinition, SourceError>] {
        let failures = state.withLock { $0.definitionFailures }
        return Dictionary(
            wishes.map { wish in
                if let error = failures[wish.pair] { return (wish.pair, .failure(error)) }
                return (
                    wish.pair,
                    .success(
                        SeriesDefinition(
                            source: name, query: "\(wish.guardrail.measure.text) of \(wish.service.name)",
                            details: details(wish)))
                )
            }, uniquingKeysWith: { $1 })
    }

    package func answer(_ asks: [Ask]) async -> [Answer] {
        state.withLock { $0.asks += asks }
        let now = state.withLock { $0.now }
        return asks.map { ask in
            var answer = Answer(ask: ask, sourceNow: now, acceptedAnything: acceptsAnything(ask))
            for window in ask.span.windows {
                switch behaviour(ask, window.start) {
                case .answers(let observation): answer.observations[window.start] = observation
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
