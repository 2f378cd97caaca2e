package import HotfixCore

/// Finds out, as the next check would, whether a source tells the running versions of deployed services.
package struct VersionDoctor: Sendable {
    /// The source.
    package var source: any VersionSource

    /// Makes a doctor for a source.
    package init(source: any VersionSource) {
        self.source = source
    }

    /// Examines what the source tells.
    ///
    /// - Parameter wishes: The services whose running deployment has a version.
    /// - Returns: A problem for every service whose windows are missing for want of an answer.
    package func examine(_ wishes: [VersionWish]) async -> Diagnosis {
        var diagnosis = Diagnosis()
        guard !wishes.isEmpty else { return diagnosis }
        let findings = await source.findVersions(wishes)
        for wish in wishes {
            let subject = Finding.Subject.service(wish.service.name)
            switch findings[wish.service.name] {
            case .success(.known):
                diagnosis.pass(subject, "'\(source.name)' tells its running version.")
            case .success(.unknown(let reason, _)):
                diagnosis.pass(subject, "Its running version is not watched at '\(source.name)': \(reason).")
            case .failure(let error):
                var finding = Finding(error, about: subject)
                finding.what += " Until that is mended every window since its deployment is missing."
                diagnosis.findings.append(finding)
            case .success(.unfinished):
                diagnosis.leaveOut(
                    subject, "whether '\(source.name)' knows its running version, which takes several checks.",
                    remedy: "See what `hotfix readiness` says of it after some checks.")
            case nil:
                diagnosis.leaveOut(
                    subject, "its running version: '\(source.name)' did not say whether it knows it.",
                    remedy: "Run hotfix doctor again.")
            }
        }
        return diagnosis
    }
}
