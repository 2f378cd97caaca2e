import HotfixCore

/// One update of Grafana's annotations.
struct GrafanaRound {
    /// Under what the first look is remembered.
    private static let firstLook = "first look"

    let name: String
    let api: GrafanaAPI
    let memory: DisplayMemory
    let now: Instant
    var failures: [DisplayFailure] = []
    /// When it was looked first.
    private(set) var first = Instant.distantFuture
    private var receipts: [String: DisplayReceipt] = [:]
    /// Which dashboards there are, as far as that could be asked.
    private var dashboards: [String: Bool?] = [:]

    init(name: String, api: GrafanaAPI, memory: DisplayMemory, now: Instant) {
        self.name = name
        self.api = api
        self.memory = memory
        self.now = now
    }

    /// Reads what is remembered, and remembers the first look.
    ///
    /// - Throws: `LedgerError`.
    mutating func begin() throws {
        receipts = try memory.receipts()
        if let known = receipts[Self.firstLook] {
            first = known.at
        } else {
            first = now
            try memory.keep(DisplayReceipt(content: "", at: now), of: Self.firstLook)
        }
    }

    /// What a mark at a place is remembered by.
    func subject(_ mark: WantedAnnotation, _ dashboard: String?) -> String {
        mark.thing + (dashboard.map { "@\($0)" } ?? "")
    }

    /// Makes a mark be seen at a place.
    ///
    /// - Throws: `GrafanaAPI.Failure` where no other mark would fare better, `LedgerError`.
    mutating func show(_ mark: WantedAnnotation, on dashboard: String?, ledgerID: String) async throws {
        let subject = subject(mark, dashboard)
        let tags = AnnotationTags(mark.tags, key: messageKey(ledgerID: ledgerID, thread: "annotation/\(subject)"))
        do {
            if var known = receipts[subject].flatMap({ AnnotationReceipt(text: $0.content) }), let id = known.id {
                if try await follow(mark, id, &known, subject) { return }
            }
            try await make(mark, tags, on: dashboard, as: subject)
        } catch let failure as GrafanaAPI.Failure where !failure.isWhole {
            failures.append(
                DisplayFailure(failure.receiver, of: name, undone: "One annotation could not be written."))
        }
    }

    /// Forgets what is no longer seen to.
    ///
    /// - Throws: `LedgerError`.
    mutating func forget(allBut subjects: [String]) throws {
        let kept = Set(subjects + [Self.firstLook])
        for subject in receipts.keys where !kept.contains(subject) { try memory.keep(nil, of: subject) }
    }

    /// Moves the end of what is there.
    ///
    /// - Returns: Whether it is still there.
    private mutating func follow(
        _ mark: WantedAnnotation, _ id: Int, _ known: inout AnnotationReceipt, _ subject: String
    ) async throws -> Bool {
        guard let end = mark.end else {
            // Readiness was lost. An end cannot be taken away again; the next one moves it.
            if known.isReadiness {
                known.isReadiness = false
                try keep(known, subject)
            }
            return true
        }
        // What was ready keeps that end, whenever the hotfix is closed.
        if known.isReadiness, !end.isReadiness { return true }
        if known.end != end.at {
            guard try await api.end(id, at: end.at, text: mark.endText) else { return false }
        }
        let shown = AnnotationReceipt(id: id, end: end.at, isReadiness: end.isReadiness)
        if shown != known { try keep(shown, subject) }
        return true
    }

    private mutating func make(
        _ mark: WantedAnnotation, _ tags: AnnotationTags, on dashboard: String?, as subject: String
    ) async throws {
        if let dashboard, try await has(dashboard) == false { return }
        try keep(AnnotationReceipt(), subject, isIntent: true)
        if let id = try await api.find(tags.own) {
            guard try await stands(id, on: dashboard) else { return }
            var known = AnnotationReceipt(id: id)
            try keep(known, subject)
            guard try await !follow(mark, id, &known, subject) else { return }
        }
        let id = try await api.create(mark, tags: tags, dashboard: dashboard)
        // Where it does not, it is found again by its tag, so that there is but one such.
        guard try await stands(id, on: dashboard) else { return }
        let isReadiness = mark.end?.isReadiness ?? false
        try keep(AnnotationReceipt(id: id, end: mark.end?.at, isReadiness: isReadiness), subject)
    }

    /// Whether an annotation stands where it was meant to, which is asked where it is not known whether there is such a dashboard.
    private mutating func stands(_ id: Int, on dashboard: String?) async throws -> Bool {
        guard let dashboard, case .some(.none) = dashboards[dashboard] else { return true }
        let stands = try await api.isOn(dashboard, id)
        dashboards[dashboard] = stands
        if !stands {
            failures.append(
                DisplayFailure(
                    isMisconfigured: true,
                    "\(name): Grafana did not put annotation \(id) on the dashboard '\(oneLine(dashboard))', so it may show on"
                        + " all of them. Delete that annotation, and give `dashboards` uids as they are in the dashboards'"
                        + " addresses: /d/UID/…."))
        }
        return stands
    }

    /// Whether there is a dashboard, nil where the token may not know: Grafana may take an annotation for one that it does not know as
    /// one for all.
    private mutating func has(_ dashboard: String) async throws -> Bool? {
        if let known = dashboards[dashboard] { return known }
        let exists = try await api.hasDashboard(dashboard)
        dashboards[dashboard] = .some(exists)
        if exists == false {
            failures.append(
                DisplayFailure(
                    isMisconfigured: true,
                    "\(name): Grafana knows no dashboard '\(oneLine(dashboard))', so nothing is marked on it. Give `dashboards`"
                        + " uids as they are in the dashboards' addresses: /d/UID/…."))
        }
        return exists
    }

    private mutating func keep(_ receipt: AnnotationReceipt, _ subject: String, isIntent: Bool = false) throws {
        let kept = DisplayReceipt(content: receipt.text, isIntent: isIntent, at: now)
        try memory.keep(kept, of: subject)
        receipts[subject] = kept
    }
}
