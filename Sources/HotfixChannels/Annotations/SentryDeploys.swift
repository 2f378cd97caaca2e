import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// Records deployments that have a version as deploys of that release in Sentry, once each.
///
/// Sentry takes every repeat for another deploy: it is asked first whether the deploy is there, recorded by us or by anybody else.
package struct SentryDeploys: Display {
    package let name: String
    private let api: SentryDeployAPI
    private let projects: [String: String]
    private let environments: [String: String]

    /// Makes a recorder of deploys.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - url: Sentry's address, without `/api`.
    ///   - organization: The organization's slug.
    ///   - token: A token with `project:releases` or `org:ci`.
    ///   - projects: The services' projects, by slug.
    ///   - environments: The services' environments; one without is left out.
    ///   - headers: Further headers of every request.
    ///   - tls: Whom to trust.
    ///   - client: The client of the process.
    package init(
        name: String, url: String, organization: String, token: Secret, projects: [String: String],
        environments: [String: String], headers: [(name: String, value: String)] = [], tls: HTTPTLS = .init(),
        client: HTTPClient
    ) {
        self.name = name
        self.projects = projects
        self.environments = environments
        api = SentryDeployAPI(
            url: url, organization: organization, token: token, headers: headers, tls: tls, client: client)
    }

    package func update(to view: DisplayState, memory: DisplayMemory) async -> [DisplayFailure] {
        var failures: [DisplayFailure] = []
        do {
            let receipts = try memory.receipts()
            let first = receipts[Self.firstLook]?.at ?? view.now
            if receipts[Self.firstLook] == nil {
                try memory.keep(DisplayReceipt(content: "", at: view.now), of: Self.firstLook)
            }
            let wanted = deploys(view, since: first)
            for deploy in wanted where Self.isDue(receipts[deploy.subject], at: view.now) {
                try Task.checkCancellation()
                do {
                    try await record(deploy, memory, at: view.now)
                } catch let failure as SentryDeployAPI.Failure where !failure.isWhole {
                    failures.append(
                        DisplayFailure(
                            failure.receiver, of: name,
                            undone: "The deploy of \(oneLine(deploy.version)) is not recorded."))
                    // Sentry would refuse the same at every check; it is asked again once in an hour.
                    try memory.keep(DisplayReceipt(content: Self.refused, at: view.now), of: deploy.subject)
                }
            }
            let kept = Set(wanted.map(\.subject) + [Self.firstLook])
            for subject in receipts.keys where !kept.contains(subject) { try memory.keep(nil, of: subject) }
        } catch let failure as SentryDeployAPI.Failure {
            failures.append(DisplayFailure(failure.receiver, of: name, undone: "Deploys are not recorded."))
        } catch is CancellationError {
            failures.append(DisplayFailure("\(name): there was no time for all deploys. The next check goes on."))
        } catch {
            failures.append(DisplayFailure("\(name): what it has recorded could not be read or kept: \(error)"))
        }
        return failures
    }

    package func examine(at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        do {
            try await api.probe()
            diagnosis.pass(
                .channel(name),
                "Sentry lets the organization's releases be read. Whether the token may write them shows when there is one to write."
            )
        } catch {
            diagnosis.findings.append(error.receiver.finding(about: .channel(name)))
        }
        return diagnosis
    }

    private static let firstLook = "first look"
    private static let refused = "refused"

    private static func isDue(_ receipt: DisplayReceipt?, at now: Instant) -> Bool {
        guard let receipt else { return true }
        return receipt.isIntent || receipt.content == refused && abs(now - receipt.at) >= 3600
    }

    /// The deploys that Sentry should know: those of open deployments, and of others recorded since the first look.
    private func deploys(_ view: DisplayState, since first: Instant) -> [WantedDeploy] {
        view.facts.deployments.flatMap { deployment -> [WantedDeploy] in
            guard let version = deployment.version, !deployment.isVoid,
                deployment.isOpen || deployment.recordedAt >= first,
                view.now - deployment.recordedAt <= AnnotationView.memory || deployment.isOpen
            else { return [] }
            let services = deployment.services.filter { projects[$0] != nil && environments[$0] != nil }
            let grouped = Dictionary(grouping: services) { environments[$0] ?? "" }
            return grouped.sorted { $0.key < $1.key }.map { environment, services in
                WantedDeploy(
                    subject: "deployment/\(deployment.id)/\(environment)", version: version, commit: deployment.commit,
                    environment: environment, projects: Set(services.compactMap { projects[$0] }).sorted(),
                    finished: deployment.at,
                    name: messageKey(
                        ledgerID: view.facts.ledgerID, thread: "deployment/\(deployment.id)/\(environment)"))
            }
        }
    }

    private func record(_ deploy: WantedDeploy, _ memory: DisplayMemory, at now: Instant) async throws {
        if let objection = deploy.objection {
            throw SentryDeployAPI.Failure(
                receiver: ReceiverFailure(.refused(reason: objection), code: .queryRefused), isWhole: false)
        }
        try memory.keep(DisplayReceipt(content: "intent", isIntent: true, at: now), of: deploy.subject)
        var known = try await api.deploys(of: deploy.version)
        if known == nil {
            try await api.makeRelease(deploy)
            known = []
        }
        let isKnown = known?.contains(where: deploy.isSame) ?? false
        if !isKnown { try await api.makeDeploy(deploy) }
        try memory.keep(DisplayReceipt(content: isKnown ? "known" : "recorded", at: now), of: deploy.subject)
    }
}

/// A deploy that Sentry should know.
struct WantedDeploy: Sendable, Hashable {
    /// What it is remembered by.
    var subject: String
    /// The release's version.
    var version: String
    /// The commit that was deployed.
    var commit: String
    /// Where.
    var environment: String
    /// The projects, by slug.
    var projects: [String]
    /// When it was finished.
    var finished: Instant
    /// Its name in Sentry, by which it is found again.
    var name: String

    /// Why Sentry cannot know it; nil where it can.
    var objection: String? {
        if version.utf16.count > 200
            || version.unicodeScalars.contains(where: { "\r\n\u{C}\t/\\".unicodeScalars.contains($0) })
            || ["", ".", "..", "latest"].contains(version)
        {
            return
                "'\(clipped(oneLine(version), units: 80))' cannot be a version in Sentry: it has at most 200 characters,"
                + " no slash, backslash, tab or line break, and is not '.', '..' or 'latest'."
        }
        return environment.utf16.count > 64
            ? "'\(clipped(oneLine(environment), units: 80))' is longer than the 64 characters of Sentry's environments."
            : nil
    }

    /// Whether a deploy in Sentry is this one: recorded by us, or by somebody else for the same roll-out of all these projects.
    ///
    /// A release has the deploys of all its projects, so that of another says nothing of these.
    func isSame(_ other: SentryDeployAPI.Deploy) -> Bool {
        guard other.environment == environment else { return false }
        if other.name == name { return true }
        // One of ours by another name is another deployment's.
        guard other.name?.hasPrefix("hotfix:") != true, let at = other.finished, let known = other.projects,
            known.isSuperset(of: projects)
        else { return false }
        return abs(at - finished) <= 1800
    }
}
