package import HotfixCore

/// Why GitHub, or GitLab, did not do what it was asked.
package struct ForgeFailure: Error, Sendable, Hashable {
    /// The kinds of failure.
    package enum Code: String, Sendable, Hashable {
        /// It could not be asked, and did nothing; the next check asks again.
        case unreachable
        /// It was asked to change something, and whether it did is not known.
        case unknown
        /// It asks for patience.
        case rateLimited
        /// The token is wrong or has expired.
        case credentials
        /// The token may not do this.
        case permission
        /// What was named is not there, or the token may not see it.
        case notFound
        /// The repository is there, and the branch is not.
        case branchGone
        /// It knows no such commit.
        case commitGone
        /// The commit has as many statuses as it may get.
        case exhausted
        /// It sends on to another address.
        case redirected
        /// What was sent is refused.
        case refused
        /// The answer is not that of the API.
        case malformed
    }

    /// The kind of failure.
    package var code: Code
    /// What happened, to what, and what to do next; without secrets.
    package var message: String
    /// For how many seconds it need not be asked again; nil where it asks for patience and does not say for how long.
    package var patience: Seconds?

    /// Makes a failure.
    package init(_ code: Code, _ message: String, patience: Seconds? = nil) {
        self.code = code
        self.message = message
        self.patience = patience
    }

    /// Whether somebody has to mend the configuration.
    package var isMisconfigured: Bool {
        [.credentials, .permission, .notFound, .redirected, .malformed].contains(code)
    }
}

extension ForgeFailure {
    /// The failure as something that an examination of the gate found.
    package func finding(_ subject: Finding.Subject) -> Finding {
        let code: FindingCode =
            switch self.code {
            case .credentials: .credentialsRefused
            case .permission: .scopeMissing
            case .notFound, .branchGone, .commitGone: .unknownRepository
            case .rateLimited: .rateLimited
            case .malformed: .notTheAPI
            case .redirected: .redirect
            case .unreachable, .unknown: .noConnection
            case .refused, .exhausted: .queryRefused
            }
        return Finding(
            .problem, code, subject, message, remedy: "Mend what is said of the gate, and run hotfix doctor again.")
    }
}
