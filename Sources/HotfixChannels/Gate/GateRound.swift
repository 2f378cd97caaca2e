import HotfixCalls
import HotfixCore

/// One update of the gate.
struct GateRound {
    let forge: any GateForge
    let state: DisplayState
    let memory: DisplayMemory
    var failures: [DisplayFailure] = []
    private var records: [String: Remembered] = [:]
    private var written: [String: DisplayReceipt] = [:]
    private var lastPause: GatePause?
    private var isPatient = false
    private var head: String?
    private var requests: [MergeRequest] = []

    /// What is remembered of a commit.
    private struct Remembered {
        var record: GateRecord
        var receipt: DisplayReceipt
    }

    /// Words are written anew after so many seconds, a change of state at once.
    private static let patience: Seconds = 3600
    /// Of the statuses that a commit may get, so many are kept for changes of state.
    private static let reserve = 100
    /// What shows nothing that matters is remembered for so many seconds.
    private static let memoryLength: Seconds = 14 * 86_400

    init(forge: any GateForge, state: DisplayState, memory: DisplayMemory) {
        self.forge = forge
        self.state = state
        self.memory = memory
    }

    private var now: Instant { state.now }
    private var deployment: Deployment? { state.readiness.deployment }

    /// Reads what is remembered.
    ///
    /// - Returns: Whether the forge may be asked.
    mutating func begin() throws -> Bool {
        let receipts = try memory.receipts()
        for (subject, receipt) in receipts {
            if let commit = subject.tail(after: "commit/"), let record = GateRecord(receipt.content) {
                records[commit] = Remembered(record: record, receipt: receipt)
            } else if subject.hasPrefix("comment/") {
                written[subject] = receipt
            }
        }
        lastPause = receipts["pause"].flatMap { GatePause($0.content) }
        guard let pause = lastPause, pause.holds(at: now) else { return true }
        let shown = records.values.filter { $0.record.status.state == .success }.map(\.record.status.description)
        let words = shown.isEmpty ? "" : " It shows meanwhile: \(shown.sorted().joined(separator: "; "))."
        failures.append(DisplayFailure("\(forge.title) asks for patience until \(pause.until).\(words)"))
        return false
    }

    /// Asks for the head of the hotfix branch, and for its requests to merge.
    mutating func findHeads() async {
        guard let deployment else { return }
        guard let branch = deployment.branch else {
            failures.append(
                DisplayFailure(
                    isMisconfigured: true,
                    "The gate shows nothing: the deployment names no branch. Record it with --branch NAME."))
            return
        }
        do {
            head = try await forge.head(of: branch, at: now)
            requests = try await forge.requests(from: branch, at: now)
        } catch {
            note(error)
        }
    }

    /// Takes success away from commits that have lost it: other heads, other hotfixes, taken back or closed deployments.
    mutating func takeBack() async {
        for (commit, remembered) in records.sorted(by: { $0.key < $1.key })
        where commit != head && (remembered.record.status.state == .success || remembered.receipt.isIntent) {
            // Without knowing the head, success stays where it was and is given nowhere.
            let wanted = state.readiness.gateStatus(of: commit, isHead: deployment == nil || head == nil)
            guard wanted.state != .success else { continue }
            await show(wanted, of: commit)
        }
    }

    /// Shows the status of the branch's head, and of the heads of its requests.
    mutating func showHeads() async {
        guard let head else { return }
        for commit in [head] + requests.map(\.head).filter({ $0 != head }).uniqued {
            let wanted = state.readiness.gateStatus(of: commit, isHead: commit == head)
            if let remembered = records[commit] {
                let record = remembered.record
                let isSame =
                    !remembered.receipt.isIntent && record.hotfix == deployment?.hotfix
                    && record.status.state == wanted.state
                let isWorded = record.status == wanted || now - remembered.receipt.at < Self.patience
                let isScarce = forge.mostStatuses.map { record.posts >= $0 - Self.reserve } ?? false
                if isSame && (isWorded || isScarce) { continue }
            }
            await show(wanted, of: commit)
        }
    }

    private mutating func show(_ status: GateStatus, of commit: String) async {
        guard !isPatient else { return }
        let before = records[commit]
        let posts = (before?.record.posts ?? 0) + 1
        if let most = forge.mostStatuses, posts > most || before?.record.isExhausted == true {
            failures.append(exhausted(commit))
            return
        }
        let hotfix = deployment?.hotfix ?? before?.record.hotfix ?? 0
        do {
            // What is remembered stays the older status until the new one is shown: success may still be there.
            let intent = GateRecord(hotfix: hotfix, status: before?.record.status ?? status, posts: posts)
            try remember(intent, of: commit, isIntent: true)
            do {
                try await forge.post(status, of: commit, branch: deployment?.branch, at: now)
                try remember(GateRecord(hotfix: hotfix, status: status, posts: posts), of: commit, isIntent: false)
            } catch let failure as ForgeFailure {
                try settle(failure, of: commit, before: before)
            }
        } catch {
            failures.append(DisplayFailure("\(error)"))
        }
    }

    /// Remembers what is shown beside a commit after an attempt that failed.
    private mutating func settle(_ failure: ForgeFailure, of commit: String, before: Remembered?) throws {
        switch failure.code {
        // It may be shown and it may not: the intent stays, and so does its count.
        case .unknown: note(failure)
        case .commitGone where commit != head:
            // Nothing can be merged that is not there.
            try memory.keep(nil, of: "commit/\(commit)")
            records[commit] = nil
        case .exhausted:
            var record = before?.record ?? GateRecord(hotfix: 0, status: GateStatus(.pending, ""), posts: 0)
            record.isExhausted = true
            try remember(record, of: commit, isIntent: before?.receipt.isIntent ?? false)
            failures.append(exhausted(commit))
        default:
            // Nothing was shown: what was remembered holds, and the attempt does not count.
            try memory.keep(before?.receipt, of: "commit/\(commit)")
            records[commit] = before
            note(failure)
        }
    }

    private func exhausted(_ commit: String) -> DisplayFailure {
        DisplayFailure(
            "\(forge.title) takes no more statuses for commit \(commit.prefix(12)), which shows "
                + "'\(records[commit]?.record.status.description ?? "")'. Use hotfix gate in its place.")
    }

    private mutating func remember(_ record: GateRecord, of commit: String, isIntent: Bool) throws {
        let receipt = DisplayReceipt(content: record.content, isIntent: isIntent, at: now)
        try memory.keep(receipt, of: "commit/\(commit)")
        records[commit] = Remembered(record: record, receipt: receipt)
    }

    /// Keeps one comment on each request up to date.
    mutating func writeComments() async {
        guard let deployment else { return }
        let mark = "<!-- \(messageKey(ledgerID: state.facts.ledgerID, thread: "gate/\(deployment.hotfix)")) -->"
        let gist = gist
        for request in requests where !isPatient {
            let subject = "comment/\(request.number)"
            let known = written[subject].flatMap { receipt in
                GateCommentRecord(receipt.content).map { (record: $0, receipt: receipt) }
            }
            if let known, !known.receipt.isIntent, known.record.gist == gist, now - known.receipt.at < Self.patience {
                continue
            }
            do {
                let remembered = known?.record.number
                let found =
                    remembered == nil ? try await forge.comment(marked: mark, on: request.number, at: now) : nil
                let intent = GateCommentRecord(number: remembered ?? found, gist: gist)
                try memory.keep(DisplayReceipt(content: intent.content, isIntent: true, at: now), of: subject)
                let text = mark + "\n" + state.readiness.markdown(room: 60_000)
                let number = try await write(text, over: remembered ?? found, on: request.number)
                let done = DisplayReceipt(content: GateCommentRecord(number: number, gist: gist).content, at: now)
                try memory.keep(done, of: subject)
                written[subject] = done
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

    /// Forgets commits and requests that nobody can merge any more, or that show nothing that could.
    func forget() throws {
        let heads = Set([head].compactMap(\.self) + requests.map(\.head))
        for (commit, remembered) in records where !heads.contains(commit) {
            let mayMatter = remembered.record.status.state == .success || remembered.receipt.isIntent
            if !mayMatter, now - remembered.receipt.at > Self.memoryLength {
                try memory.keep(nil, of: "commit/\(commit)")
            }
        }
        let open = Set(requests.map { "comment/\($0.number)" })
        for (subject, receipt) in written where !open.contains(subject) && now - receipt.at > Self.memoryLength {
            try memory.keep(nil, of: subject)
        }
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
        if failure.code == .rateLimited {
            isPatient = true
            let pause = GatePause(after: lastPause, asked: failure.patience, at: now)
            lastPause = pause
            do {
                try memory.keep(DisplayReceipt(content: pause.content, at: now), of: "pause")
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
