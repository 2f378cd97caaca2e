/// What pages of the manual say beside what the command definitions do.
enum ManualFacts {
    /// A word with what it means, and the commands on whose pages it stands.
    struct Entry {
        var term: String
        var meaning: String
        /// The names of the commands; nil means all.
        var commands: Set<String>?

        func concerns(_ command: String) -> Bool {
            commands?.contains(command) ?? true
        }
    }

    /// What a command ends with.
    static let exitStatus: [Entry] = [
        Entry(term: "0", meaning: "Done."),
        Entry(
            term: "1",
            meaning: "The answer is no: not ready, the gate is closed, a window breached (check --fail-on-breach)."),
        Entry(term: "2", meaning: "The call or the configuration is wrong."),
        Entry(term: "3", meaning: "A source or a channel could not be reached, and work is left for the next run."),
        Entry(term: "4", meaning: "Another check is running."), Entry(term: "5", meaning: "The state is unusable."),
    ]

    /// What is said below those.
    static let exitNote = """
        Of several, the first of 5, 2, 4, 1 and 3 is taken. hotfix readiness --format nagios ends by the convention of \
        monitoring plugins instead: 0 ready, 1 counting, 2 breaching, 3 blind, not deployed or unknown.
        """

    /// Files that are read or written.
    static let files: [Entry] = [
        Entry(
            term: "./hotfix.yaml",
            meaning: "The configuration, where neither --config nor $HOTFIX_CONFIG names another."),
        Entry(
            term: "/etc/hotfix/hotfix.yaml", meaning: "The configuration, where there is none in the working directory."
        ),
        Entry(
            term: ".hotfix/ledger.db",
            meaning: "The ledger, beside the configuration, unless its key `state` names another place."),
        Entry(
            term: ".hotfix/ledger.db.lock", meaning: "What keeps two checks of one ledger apart.",
            commands: ["hotfix", "check"]),
        Entry(
            term: "docs/OPERATIONS/hotfix-status.json",
            meaning: "The tracker's status file, unless the key `tracker` or --status-file names another.",
            commands: ["hotfix", "check", "status", "uat", "observability"]),
        Entry(
            term: "docs/OPERATIONS/hotfix-outstanding-items.md",
            meaning: "The report of what is outstanding, unless the key `tracker` names another.",
            commands: ["hotfix", "check"]),
        Entry(
            term: "thresholds/*.yaml",
            meaning: "Policies; `make install` puts those that are shipped into share/hotfix/thresholds."),
    ]

    /// Variables of the environment.
    static let environment: [Entry] = [
        Entry(term: "HOTFIX_CONFIG", meaning: "The path of the configuration, where --config does not name one."),
        Entry(
            term: "CREDENTIALS_DIRECTORY",
            meaning: "Where `credential:NAME` in the configuration is looked up; systemd sets it for LoadCredential=."),
        Entry(
            term: "any other",
            meaning: "A string of the configuration may refer to one as ${NAME}; SENTRY_AUTH_TOKEN in the example."),
        Entry(
            term: "COLUMNS", meaning: "How wide a plot is, in characters.", commands: ["hotfix", "explain"]),
        Entry(
            term: "LC_ALL, LC_CTYPE, LANG",
            meaning: "The first that is set says by its ending whether UTF-8 can be shown.",
            commands: ["hotfix", "explain"]),
        Entry(
            term: "NO_COLOR, TERM",
            meaning: "Where the first is set and not empty, or the second is `dumb`, nothing is coloured.",
            commands: ["hotfix", "explain"]),
        Entry(
            term: "GITHUB_OUTPUT, GITHUB_STEP_SUMMARY",
            meaning: "The files that readiness --format github appends to; GitHub Actions sets them.",
            commands: ["hotfix", "readiness"]),
    ]
}
