/// A deployment that a person wants recorded.
package struct DeploymentEntry: Sendable, Hashable {
    /// The commit.
    package var commit: String
    /// The branch; nil means the open hotfix's, or the tracker's.
    package var branch: String?
    /// The version that runs since.
    package var version: String?
    /// Versions that may run beside it.
    package var beside: [String]
    /// When the roll-out was finished, as written; nil means now.
    package var at: String?
    /// The services; none means all.
    package var services: [String]
    /// The regression that it mends, FROM or FROM/TO, as written.
    package var incident: String?
    /// Whether there was no regression.
    package var noIncident: Bool
    /// Whether the look-back ends with this deployment rather than with the hotfix's first.
    package var newBaseline: Bool
    /// Why: with an incident and with a new baseline.
    package var reason: String?

    /// Makes an entry.
    package init(
        commit: String, branch: String? = nil, version: String? = nil, beside: [String] = [], at: String? = nil,
        services: [String] = [], incident: String? = nil, noIncident: Bool = false, newBaseline: Bool = false,
        reason: String? = nil
    ) {
        self.commit = commit
        self.branch = branch
        self.version = version
        self.beside = beside
        self.at = at
        self.services = services
        self.incident = incident
        self.noIncident = noIncident
        self.newBaseline = newBaseline
        self.reason = reason
    }

    /// What is wrong with the entry by itself; nil where nothing is.
    package var objection: String? {
        if incident != nil && noIncident { return "--incident and --no-incident exclude each other." }
        let needsReason = incident != nil || newBaseline
        if needsReason && isBlank(reason) { return lacksReason }
        if reason != nil && !needsReason {
            return "--reason says why: it goes with --incident, --new-baseline or --void."
        }
        return nil
    }
}

/// A deployment that a person wants taken back.
package struct TakingBackEntry: Sendable, Hashable {
    /// The number of the deployment.
    package var deployment: Int
    /// Why.
    package var reason: String

    /// Makes an entry.
    package init(deployment: Int, reason: String) {
        self.deployment = deployment
        self.reason = reason
    }

    /// What is wrong with the entry by itself; nil where nothing is.
    package var objection: String? { isBlank(reason) ? lacksReason : nil }
}

/// An interval that a person wants left out of look-backs.
package struct ExclusionEntry: Sendable, Hashable {
    /// FROM/TO, as written.
    package var interval: String
    /// The service; nil means all.
    package var service: String?
    /// Why.
    package var reason: String
    /// Who says so.
    package var by: String?

    /// Makes an entry.
    package init(interval: String, service: String? = nil, reason: String, by: String? = nil) {
        self.interval = interval
        self.service = service
        self.reason = reason
        self.by = by
    }

    /// What is wrong with the entry by itself; nil where nothing is.
    package var objection: String? { isBlank(reason) ? "--reason must say why." : nil }
}

/// An episode that a person wants excused.
package struct ExcusalEntry: Sendable, Hashable {
    /// The episode's identity.
    package var episode: String
    /// Why.
    package var reason: String
    /// Who says so.
    package var by: String

    /// Makes an entry.
    package init(episode: String, reason: String, by: String) {
        self.episode = episode
        self.reason = reason
        self.by = by
    }

    /// What is wrong with the entry by itself; nil where nothing is.
    package var objection: String? {
        isBlank(reason) || isBlank(by) ? "--reason must say why, and --by who says so." : nil
    }
}

/// That a person accepts that guardrails were dropped.
package struct AcceptanceEntry: Sendable, Hashable {
    /// Why.
    package var reason: String
    /// Who says so.
    package var by: String?

    /// Makes an entry.
    package init(reason: String, by: String? = nil) {
        self.reason = reason
        self.by = by
    }

    /// What is wrong with the entry by itself; nil where nothing is.
    package var objection: String? { isBlank(reason) ? "--reason must say why." : nil }
}

private let lacksReason = "--incident, --new-baseline and --void need a --reason."

/// Whether a text shows nothing: marks that no reader sees name nobody and give no reason.
func isBlank(_ text: String?) -> Bool { text?.unicodeScalars.allSatisfy(isUnseen) ?? true }

private func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    if properties.isWhitespace || properties.isDefaultIgnorableCodePoint { return true }
    return [.format, .control, .unassigned, .nonspacingMark, .enclosingMark].contains(properties.generalCategory)
}
