import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// Marks deployments and breaches on Grafana's dashboards, each from its beginning to its end.
///
/// Grafana knows no repeats: every mark has a tag of its own, is looked for before it is made, and is remembered by its number.
/// What was over before it was first configured is never marked.
package struct GrafanaAnnotations: Display {
    package let name: String
    private let api: GrafanaAPI
    private let dashboards: [String]

    /// Makes annotations.
    ///
    /// - Parameters:
    ///   - name: The name in the configuration.
    ///   - url: Grafana's address, without `/api`.
    ///   - token: A service account's token.
    ///   - dashboards: The dashboards by their uid; none means every dashboard that asks for the tags.
    ///   - client: The client of the process.
    package init(name: String, url: String, token: Secret, dashboards: [String], client: HTTPClient) {
        self.name = name
        self.dashboards = dashboards
        api = GrafanaAPI(url: url, token: token, client: client)
    }

    package func update(to view: DisplayState, memory: DisplayMemory) async -> [DisplayFailure] {
        var round = GrafanaRound(name: name, api: api, memory: memory, now: view.now)
        let places: [String?] = dashboards.isEmpty ? [nil] : dashboards
        do {
            try round.begin()
            let marks = AnnotationView(view, since: round.first).wanted
            for mark in marks {
                for place in places {
                    try Task.checkCancellation()
                    try await round.show(mark, on: place, ledgerID: view.facts.ledgerID)
                }
            }
            try round.forget(allBut: marks.flatMap { mark in places.map { round.subject(mark, $0) } })
        } catch let failure as GrafanaAPI.Failure {
            round.failures.append(
                DisplayFailure(failure.receiver, of: name, undone: "Annotations are not up to date."))
        } catch is CancellationError {
            round.failures.append(
                DisplayFailure("\(name): there was no time for all annotations. The next check goes on."))
        } catch {
            round.failures.append(
                DisplayFailure("\(name): what it has shown could not be read or kept: \(error)"))
        }
        return round.failures
    }

    package func examine(at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        let subject = Finding.Subject.channel(name)
        do {
            try await api.probe()
            diagnosis.pass(
                subject,
                "Grafana lets its annotations be read. Whether the token may write them shows when there is one to write."
            )
            for dashboard in dashboards {
                switch try await api.hasDashboard(dashboard) {
                case true?: diagnosis.pass(subject, "There is the dashboard '\(oneLine(dashboard))'.")
                case false?:
                    diagnosis.findings.append(
                        Finding(
                            .problem, .notTheAPI, subject, "Grafana knows no dashboard '\(oneLine(dashboard))'.",
                            remedy: "Give `dashboards` uids as they are in the dashboards' addresses: /d/UID/…."))
                case nil:
                    diagnosis.leaveOut(
                        subject, "whether there is a dashboard '\(oneLine(dashboard))', which the token may not know.",
                        remedy: "Give the token's service account the permission dashboards:read.")
                }
            }
        } catch {
            diagnosis.findings.append(error.receiver.finding(about: subject))
        }
        return diagnosis
    }
}
