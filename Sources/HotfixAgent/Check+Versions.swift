import HotfixCore

extension Check {
    /// Finds out, once, which sources know the running versions of services.
    func findVersions(
        _ roster: inout Roster, at now: Instant, services: Set<String>?, report: inout CheckReport
    ) async {
        for source in sources.compactMap({ $0 as? any VersionSource }) {
            let wishes = roster.versionWishes(at: source.name, now: now).filter { wish in
                (services?.contains(wish.service.name) ?? true)
                    && !report.hasVersionFailure(of: wish.service.name, at: source.name)
            }
            guard !wishes.isEmpty else { continue }
            let began = ContinuousClock.now
            let findings = await source.findVersions(wishes)
            asked.note(
                source.name, .now - began,
                isFailure: wishes.contains { (try? findings[$0.service.name]?.get()) == nil })
            for wish in wishes {
                let missing = SourceError(
                    .malformed,
                    "Source '\(source.name)' did not say whether it knows the version of '\(wish.service.name)'.")
                switch findings[wish.service.name] ?? .failure(missing) {
                case .success(let finding): roster.pin(finding, for: wish, at: source.name, now: now)
                case .failure(let error):
                    report.unfoundVersions.append(
                        VersionFailure(service: wish.service.name, source: source.name, span: nil, error: error))
                }
            }
        }
    }
}

/// What was asked and answered of running versions in the rounds of one check.
struct VersionRounds: Sendable {
    /// The answers so far, by the names of the sources.
    private(set) var answers: [String: [VersionAnswer]] = [:]
    private var asked: [String: Set<Instant>] = [:]
    private let sources: [any VersionSource]
    private let book: TallyBook

    init(_ sources: [any MetricSource], noting book: TallyBook = TallyBook()) {
        self.book = book
        self.sources = sources.compactMap { $0 as? any VersionSource }
    }

    /// Leaves out the questions all of whose windows were asked in this check already, as thoroughly, whatever came of it.
    mutating func fresh(_ questions: [VersionQuestion]) -> [VersionQuestion] {
        questions.filter { question in
            let starts = Set(question.ask.span.windows.map(\.start))
            let subject = "\(question.source) \(question.ask.service)"
            let isNew = !starts.isSubset(
                of: asked[subject + (question.ask.isThorough ? " thoroughly" : ""), default: []])
            asked[subject, default: []].formUnion(starts)
            if question.ask.isThorough { asked[subject + " thoroughly", default: []].formUnion(starts) }
            return isNew
        }
    }

    /// Asks the sources, all at once.
    func answers(to questions: [VersionQuestion]) async -> [String: [VersionAnswer]] {
        let bySource = Dictionary(grouping: questions, by: \.source).mapValues { $0.map(\.ask) }
        return await withTaskGroup(of: (String, [VersionAnswer]).self) { group in
            for source in sources {
                guard let asks = bySource[source.name] else { continue }
                let book = book
                group.addTask {
                    let began = ContinuousClock.now
                    let found = await source.versions(asks)
                    book.note(source.name, .now - began, isFailure: found.contains { !$0.failures.isEmpty })
                    return (source.name, found)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// Keeps what was answered.
    mutating func take(_ more: [String: [VersionAnswer]]) {
        answers.merge(more) { $0 + $1 }
    }
}
