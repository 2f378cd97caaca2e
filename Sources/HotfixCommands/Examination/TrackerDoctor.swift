import HotfixConfiguration
import HotfixCore
import HotfixTracker

/// Tells whether the tracker's files can be published as the configuration asks, and changes nothing here or at origin.
struct TrackerDoctor {
    private let settings: TrackerSettings?
    private let surroundings: Surroundings

    init(_ settings: TrackerSettings?, _ surroundings: Surroundings) {
        self.settings = settings
        self.surroundings = surroundings
    }

    /// Looks at the repository, holds the status file against it, and goes the way of a push where one is asked for.
    func examine() async -> Diagnosis {
        guard let settings else { return Diagnosis() }
        var diagnosis = await differences(settings)
        if settings.publish != .none { diagnosis.merge(await publication(settings)) }
        return diagnosis
    }

    /// Where git and the status file differ.
    private func differences(_ settings: TrackerSettings) async -> Diagnosis {
        var diagnosis = Diagnosis()
        let subject = Finding.Subject.file(settings.statusFile)
        var git = Git(
            directory: nearestDirectory(to: settings.statusFile), environment: surroundings.environment,
            deadline: .seconds(20))
        git.isUnattended = true
        do {
            let status = try StatusFile.read(path: settings.statusFile)
            guard status["branch", "name"] != .null else { return diagnosis }
            let progress = try await BranchProgress.observe(
                Repository(containing: git), status: status, main: settings.main, asksOrigin: true)
            let differences = progress.differences(from: status)
            for difference in differences {
                diagnosis.findings.append(
                    Finding(
                        .warning, .trackerDiffers, subject, difference,
                        remedy: "Carry the step out with hotfix, or set the status file right: see `hotfix status`."))
            }
            if differences.isEmpty { diagnosis.pass(subject, "The tracker says of the hotfix what git says.") }
        } catch let error as GitError where error.code == .notRun || error.code == .noRepository {
            // A tracker may be kept where there is no repository; that one is needed to publish is said there.
        } catch is StatusFileError {
            // What is wrong with the file is a finding of its own.
        } catch {
            diagnosis.leaveOut(subject, "whether git agrees with it: \(error)", remedy: "Run hotfix doctor again.")
        }
        return diagnosis
    }

    private func publication(_ settings: TrackerSettings) async -> Diagnosis {
        var diagnosis = Diagnosis()
        let subject = Finding.Subject.file(settings.statusFile)
        let publication = TrackerPublication(settings, surroundings)
        let prospect: TrackerPublication.Prospect
        do {
            prospect = try await publication.prospect(in: nearestDirectory(to: settings.statusFile))
        } catch {
            diagnosis.findings.append(
                Finding(
                    .problem, .unpublishable, subject, "It cannot be published: \(error)",
                    remedy: "Mend that as the user that runs `hotfix check`, or set `tracker.publish` to none."))
            return diagnosis
        }
        diagnosis.pass(
            subject, "It can be committed to the tracker's branch in \(prospect.repository), as \(prospect.identity).")
        if prospect.isFallback {
            diagnosis.findings.append(
                Finding(
                    .note, .noIdentity, subject,
                    "git knows nobody here: the tracker is committed as \(prospect.identity).",
                    remedy:
                        "Set git's user.name and user.email for the user that runs `hotfix check`, if it should be another."
                ))
        }
        guard settings.publish == .push else { return diagnosis }
        guard prospect.commit != nil else {
            diagnosis.leaveOut(
                subject, "whether origin can be pushed to: the repository has no commit yet.",
                remedy: "Run hotfix doctor again after the next check.")
            return diagnosis
        }
        do {
            try await publication.rehearsePush(prospect)
            diagnosis.pass(subject, "Origin lets this user push, as far as it tells before a push.")
        } catch {
            diagnosis.findings.append(
                Finding(
                    .problem, .originUnreachable, subject, "Origin cannot be pushed to: \(error)",
                    remedy: "Give the user that runs `hotfix check` a key or token of origin that may push."))
        }
        return diagnosis
    }
}
