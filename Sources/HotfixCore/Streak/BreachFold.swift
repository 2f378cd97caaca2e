/// Confirms the breaches of one guardrail of one service, and groups them into episodes, window by window.
///
/// Windows go in oldest first, each once; missing ones are left out.
package struct BreachFold: Sendable {
    /// The starts of the windows whose breach is confirmed.
    package private(set) var confirmed: Set<Instant> = []
    /// The episodes so far, oldest first; only the last may be open.
    package private(set) var episodes: [Episode] = []

    private let pair: Pair
    private let guardrail: Guardrail
    private let step: Seconds
    private let reach: Seconds
    private let confirmedEarlier: Set<Instant>
    private var recent: [(start: Instant, isBreach: Bool, value: Double?)] = []
    private var cleanSinceBreach = 0

    /// Makes a fold that has seen no window.
    ///
    /// - Parameters:
    ///   - pair: Whose windows they are.
    ///   - guardrail: The rule of confirmation and recovery.
    ///   - step: The length of a window in seconds.
    ///   - longestGap: The longest gap that confirmation reaches across, in seconds.
    ///   - confirmedEarlier: Windows that an earlier rule confirmed, and that stay so.
    package init(
        pair: Pair, guardrail: Guardrail, step: Seconds, longestGap: Seconds, confirmedEarlier: Set<Instant> = []
    ) {
        self.pair = pair
        self.guardrail = guardrail
        self.step = step
        reach = guardrail.confirm.of * step + longestGap
        self.confirmedEarlier = confirmedEarlier
    }

    /// How far before a window the fold has to start to decide it, in seconds.
    package static func reach(of guardrail: Guardrail, step: Seconds, longestGap: Seconds) -> Seconds {
        guardrail.confirm.of * step + longestGap
    }

    /// Takes a window before the first one that is decided here, with what is stored of it.
    package mutating func seed(_ start: Instant, _ counted: CountedVerdict, isConfirmed: Bool) {
        guard counted.verdict != .unproven else { return }
        remember(start, isBreach: counted.verdict == .breach, counted.value)
        if isConfirmed { confirmed.insert(start) }
    }

    /// Takes the next window.
    package mutating func advance(_ start: Instant, _ counted: CountedVerdict) {
        switch counted.verdict {
        case .unproven: return
        case .clean:
            remember(start, isBreach: false, counted.value)
            recover(at: start + step)
        case .breach:
            remember(start, isBreach: true, counted.value)
            cleanSinceBreach = 0
            confirm(start, counted)
        }
    }

    private mutating func remember(_ start: Instant, isBreach: Bool, _ value: Double?) {
        recent.append((start, isBreach, value))
        if recent.count > guardrail.confirm.of { recent.removeFirst(recent.count - guardrail.confirm.of) }
    }

    private mutating func recover(at end: Instant) {
        guard let last = episodes.indices.last, episodes[last].isOpen else { return }
        cleanSinceBreach += 1
        guard cleanSinceBreach >= guardrail.recoverAfter else { return }
        episodes[last].closedAt = end
        episodes[last].ending = .recovered
    }

    private mutating func confirm(_ start: Instant, _ counted: CountedVerdict) {
        let end = start + step
        let breaching = recent.filter { $0.isBreach && $0.start >= end - reach }
        var newly: [(start: Instant, isBreach: Bool, value: Double?)] = []
        if breaching.count >= guardrail.confirm.breaching {
            newly = breaching.filter { !confirmed.contains($0.start) }
        } else if counted.isSevere || confirmedEarlier.contains(start) {
            newly = [(start, true, counted.value)]
        }
        if let last = episodes.indices.last, episodes[last].isOpen { episodes[last].lastBreach = start }
        guard let earliest = newly.first else { return }
        for window in newly { confirmed.insert(window.start) }
        if let last = episodes.indices.last, episodes[last].isOpen {
            episodes[last].windows += newly.count
        } else {
            episodes.append(
                Episode(
                    pair: pair, start: earliest.start, openedAt: end, lastBreach: start, windows: newly.count, peak: nil
                ))
        }
        guard let last = episodes.indices.last else { return }
        for value in newly.compactMap(\.value) { episodes[last].peak = worse(episodes[last].peak, value) }
    }

    private func worse(_ old: Double?, _ new: Double) -> Double {
        guard let old else { return new }
        return guardrail.limits.contains(where: \.isUpper) ? max(old, new) : min(old, new)
    }
}
