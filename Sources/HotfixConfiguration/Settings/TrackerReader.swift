import HotfixCore

/// Reads what `hotfix.yaml` says of the tracker's branches, approvals and repository.
struct TrackerReader {
    /// The most approvals that can be asked for.
    private static let mostApprovals = 10

    func read(_ keys: KeyedFields<TrackerKey>, into settings: inout TrackerSettings) {
        if let name = keys[.main].flatMap(branch) { settings.main = name }
        if let name = keys[.develop].flatMap(branch) { settings.develop = name }
        if let pattern = keys[.releaseBranches].flatMap(pattern) { settings.releaseBranches = pattern }
        if let number = keys[.approvals].flatMap(approvals) { settings.approvals = number }
        settings.forge = keys[.github].flatMap(forge)
        if keys[.main] != nil, let field = keys[.develop], settings.main == settings.develop {
            field.report("'main' and 'develop' are the same branch.", "Name two, or leave 'develop' out.")
        }
    }

    /// The name of a branch at origin.
    private func branch(_ field: Field) -> String? {
        named(field, "the name of a branch") { $0 }
    }

    /// A name of branches that may hold `*`.
    private func pattern(_ field: Field) -> String? {
        named(field, "a pattern of branches such as release/*") { $0.replacing("*", with: "x") }
    }

    private func named(_ field: Field, _ expected: String, _ example: (String) -> String) -> String? {
        guard let text = field.text(expected) else { return nil }
        if let objection = objection(toName: example(text.text)) {
            field.report("\(text.quoted) is not \(expected): \(objection).")
            return nil
        }
        for prefix in ["origin/", "refs/"] where text.text.hasPrefix(prefix) {
            field.report(
                "\(text.quoted) begins with '\(prefix)'.", "Write the name that the branch has at origin, such as main."
            )
            return nil
        }
        return text.text
    }

    private func approvals(_ field: Field) -> Int? {
        guard let number = field.count() else { return nil }
        guard number <= Self.mostApprovals else {
            field.report("'\(number)' is more than \(Self.mostApprovals).", "Write how many people have to approve.")
            return nil
        }
        return number
    }

    private func forge(_ field: Field) -> TrackerSettings.ForgeAccess? {
        guard let keys = field.keyed(TrackerForgeKey.self) else { return nil }
        let repository = keys.required(.repository).flatMap { $0.gitHubRepository() }
        let token = keys.required(.token)?.secret(for: .forge)
        let url = keys[.url].map { $0.receiverURL() } ?? TrackerSettings.ForgeAccess.usualURL
        guard let repository, let token, let url else { return nil }
        return TrackerSettings.ForgeAccess(repository: repository, token: token, url: url)
    }
}

extension GateSettings {
    /// The repository at GitHub that the gate is at; nil where it is elsewhere.
    var forge: TrackerSettings.ForgeAccess? {
        guard type == .github else { return nil }
        return TrackerSettings.ForgeAccess(repository: repository, token: token, url: url)
    }
}
