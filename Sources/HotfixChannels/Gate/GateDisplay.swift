package import HotfixCore

/// The merge gate: a status beside the head of the hotfix branch and of its requests to merge, and one comment on each of these.
///
/// It never shows success for a commit that is not the branch's head, as the forge says in the same check, and never where the
/// readiness objects. What cannot be found out takes success away and never gives it.
package struct GateDisplay: Display {
    package let name: String
    private let forge: any GateForge
    private let context: String
    private let comments: Bool

    /// Words are written anew after so many seconds, a change of state at once.
    private static let patience: Seconds = 3600
    /// Of the statuses that a commit may get, so many are kept for changes of state.
    private static let reserve = 100

    /// Makes a gate.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - forge: Where code is merged.
    ///   - context: What the status is called there, for examinations.
    ///   - comments: Whether requests to merge get a comment.
    package init(name: String, forge: any GateForge, context: String, comments: Bool = true) {
        self.name = name
        self.forge = forge
        self.context = context
        self.comments = comments
    }

    package func update(to state: DisplayState, memory: DisplayMemory) async -> [DisplayFailure] {
        var round = GateRound(forge: forge, state: state, memory: memory)
        do {
            try await round.begin()
            // What was shown is taken back first, whatever cannot be found out afterwards.
            await round.takeBack()
            await round.showHeads(patience: Self.patience, reserve: Self.reserve)
            if comments { await round.writeComments(patience: Self.patience) }
        } catch {
            round.failures.append(DisplayFailure("\(error)"))
        }
        return round.failures
    }

    package func examine(at now: Instant) async -> Diagnosis {
        await forge.examine(.channel(name), context: context, at: now)
    }
}

/// One update of the gate.
private struct GateRound {
    let forge: any GateForge
    let state: DisplayState
    let memory: DisplayMemory
    var failures: [DisplayFailure] = []
    private var records: [String: (record: GateRecord, receipt: DisplayReceipt)] = [:]
    private var written: [String: DisplayReceipt] = [:]
    private var isPatient = false
    private var head: String?
    private var requests: [MergeRequest] = []

    init(forge: any GateForge, state: DisplayState, memory: DisplayMemory) {
        self.forge = forge
        self.state = state
        self.memory = memory
    }

    private var now: Instant { state.now }
    private var deployment: Deployment? { state.readiness.deployment }
    private var hotfix: Int { deployment?.hotfix ?? 0 }

    /// Reads what is remembered, and asks for the heads.
    mutating func begin() async throws {
        let receipts = try memory.receipts()
        for (subject, receipt) in receipts {
            if let commit = subject.tail(after: "commit/"), let record = GateRecord(receipt.content) {
                records[commit] = (record, receipt)
            } else if subject.hasPrefix("comment/") {
                written[subject] = receipt
            }
        }
        if let pause = receipts["pause"], let until = Instant(text: pause.content), now < until {
            isPatient = true
            return
        }
        guard let branch = deployment?.branch else {
            if deployment != nil {
                failures.append(
                    DisplayFailure(
                        isMisconfigured: true,
                        "The gate shows nothing: the deployment names no branch. Record it with --branch NAME."))
            }
            return
        }
        do {
            head = try await forge.head(of: branch, at: now)
            requests = try await forge.requests(from: branch, at: now)
        } catch {
            note(error)
        }
    }

    /// Takes success away from commits that have lost it, also where their branch can no longer be asked about.
    mutating func takeBack() async {
        for (commit, remembered) in records.sorted(by: { $0.key < $1.key })
        where remembered.record.hotfix == hotfix && remembered.record.stopped == nil && commit != head {
            let isHead = head == nil
            let wanted = state.readiness.gateStatus(of: commit, isHead: isHead)
            // Without knowing the head, success stays where it was and is given nowhere.
            guard remembered.record.status.state == .success || remembered.receipt.isIntent, wanted.state != .success
            else { continue }
            await show(wanted, of: commit)
        }
    }

    /// Shows the status of the branch's head, and of the heads of its requests.
    mutating func showHeads(patience: Seconds, reserve: Int) async {
        guard let head else { return }
        for commit in [head] + requests.map(\.head).filter({ $0 != head }).uniqued {
            let wanted = state.readiness.gateStatus(of: commit, isHead: commit == head)
            if let (record, receipt) = records[commit] {
                if let stopped = record.stopped {
                    failures.append(DisplayFailure("Commit \(commit.prefix(12)) shows no status: \(stopped)"))
                    continue
                }
                let isSame = !receipt.isIntent && record.hotfix == hotfix && record.status.state == wanted.state
                let isWorded = record.status == wanted || now - receipt.at < patience
                let isScarce = forge.mostStatuses.map { record.posts >= $0 - reserve } ?? false
                if isSame && (isWorded || isScarce) { continue }
            }
            await show(wanted, of: commit)
        }
    }

    private mutating func show(_ status: GateStatus, of commit: String) async {
        guard !isPatient else { return }
        let posts = (records[commit]?.record.posts ?? 0) + 1
        if let most = forge.mostStatuses, posts > most {
            failures.append(
                DisplayFailure(
                    "\(forge.title) takes no more than \(most) statuses for commit \(commit.prefix(12)), which shows "
                        + "'\(records[commit]?.record.status.description ?? "")'. Use hotfix gate in its place."))
            return
        }
        var record = GateRecord(hotfix: hotfix, status: status, posts: posts)
        do {
            // What is remembered stays the older status until the new one is shown: success may still be there.
            var intent = record
            intent.status = records[commit]?.record.status ?? status
            try remember(intent, of: commit, isIntent: true)
            do {
                try await forge.post(status, of: commit, branch: deployment?.branch, at: now)
                try remember(record, of: commit, isIntent: false)
            } catch let failure as ForgeFailure {
                note(failure)
                if failure.code == .refused {
                    // It would be refused again; a commit that is gone is asked about no more.
                    record.stopped = failure.message
                    try remember(record, of: commit, isIntent: false)
                }
            }
        } catch {
            failures.append(DisplayFailure("\(error)"))
        }
    }

    private mutating func remember(_ record: GateRecord, of commit: String, isIntent: Bool) throws {
        let receipt = DisplayReceipt(content: record.content, isIntent: isIntent, at: now)
        try memory.keep(receipt, of: "commit/\(commit)")
        records[commit] = (record, receipt)
    }

    /// Keeps one comment on each request up to date.
    mutating func writeComments(patience: Seconds) async {
        guard !isPatient, let deployment else { return }
        let mark = "<!-- \(messageKey(ledgerID: state.facts.ledgerID, thread: "gate/\(deployment.hotfix)")) -->"
        let gist = gist
        for request in requests {
            let subject = "comment/\(request.number)"
            let known = written[subject].flatMap { receipt in
                GateCommentRecord(receipt.content).map { (record: $0, receipt: receipt) }
            }
            if let known, !known.receipt.isIntent, known.record.gist == gist, now - known.receipt.at < patience {
                continue
            }
            guard !isPatient else { return }
            do {
                let remembered = known?.record.number
                let found = remembered == nil ? try await forge.comment(marked: mark, on: request.number, at: now) : nil
                let intent = GateCommentRecord(number: remembered ?? found, gist: gist)
                try memory.keep(DisplayReceipt(content: intent.content, isIntent: true, at: now), of: subject)
                let text = mark + "\n" + state.readiness.markdown(room: 60_000)
                let number = try await write(text, over: remembered ?? found, on: request.number)
                let done = GateCommentRecord(number: number, gist: gist)
                try memory.keep(DisplayReceipt(content: done.content, at: now), of: subject)
            } catch let failure as ForgeFailure {
                note(failure)
            } catch {
                failures.append(DisplayFailure("\(error)"))
            }
        }
    }

    /// Writes a comment; anew where somebody removed the older one.
    private func write(_ text: String, over number: Int?, on request: Int) async throws(ForgeFailure) -> Int? {
        guard let number else { return try await forge.write(comment: text, over: nil, on: request, at: now) }
        do {
            return try await forge.write(comment: text, over: number, on: request, at: now)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        return try await forge.write(comment: text, over: nil, on: request, at: now)
    }

    /// What makes people look: states, deployment and episodes, and no figure that moves with every window.
    private var gist: String {
        let readiness = state.readiness
        let services = readiness.services.map { "\($0.name) \($0.state) \($0.stateReason.map { "\($0)" } ?? "")" }
        let episodes = readiness.episodes.map { "\($0.id) \($0.ending?.rawValue ?? "open")" }
        let whole = (["\(readiness.state)", "\(readiness.deployment?.id ?? 0)", head ?? ""] + services + episodes)
            .joined(separator: "\n")
        return messageKey(ledgerID: state.facts.ledgerID, thread: whole)
    }

    private mutating func note(_ failure: ForgeFailure) {
        if let patience = failure.patience {
            isPatient = true
            do {
                try memory.keep(
                    DisplayReceipt(content: (now + patience).description, at: now), of: "pause")
            } catch {
                failures.append(DisplayFailure("\(error)"))
            }
        }
        failures.append(DisplayFailure(isMisconfigured: failure.isMisconfigured, failure.message))
    }
}

extension String {
    /// What follows a beginning; nil where it does not begin so.
    fileprivate func tail(after beginning: String) -> String? {
        hasPrefix(beginning) ? String(dropFirst(beginning.count)) : nil
    }
}

extension [String] {
    /// The elements in their order, each once.
    fileprivate var uniqued: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
