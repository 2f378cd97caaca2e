import HotfixCore

extension DisplayReader {
    func gate(_ field: Field) -> GateSettings? {
        guard let type: GateType = field.type(of: "gate") else { return nil }
        switch type {
        case .github:
            guard let keys = field.keyed(GitHubGateKey.self) else { return nil }
            let comments = keys[.comments].map { $0.boolean() } ?? true
            var settings = gate(
                type, repository: keys.required(.repository).flatMap { $0.gitHubRepository() },
                token: keys.required(.token)?.secret(forAnyOf: gateUses), context: keys[.context],
                url: keys[.url], usualURL: "https://api.github.com")
            settings?.comments = comments ?? true
            return settings
        case .gitlab:
            guard let keys = field.keyed(GitLabGateKey.self) else { return nil }
            return gate(
                type, repository: keys.required(.project).flatMap(project),
                token: keys.required(.token)?.secret(for: .channels), context: keys[.context],
                url: keys[.url], usualURL: "https://gitlab.com")
        }
    }

    private func gate(
        _ type: GateType, repository: String?, token: Secret?, context: Field?, url: Field?, usualURL: String
    ) -> GateSettings? {
        let url = url.map { $0.receiverURL() } ?? usualURL
        let context = context.map(statusContext) ?? GateSettings.usualContext
        guard let repository, let token, let url, let context else { return nil }
        return GateSettings(type: type, repository: repository, token: token, context: context, url: url)
    }

    private func statusContext(_ field: Field) -> String? {
        guard let text = field.text("what the status is called") else { return nil }
        guard text.text.utf8.count <= 255 else {
            field.report("must not have more than 255 bytes.")
            return nil
        }
        return text.text
    }

    /// The number of a project, or its path with all its groups.
    private func project(_ field: Field) -> String? {
        guard let text = field.text("a project") else { return nil }
        let parts = text.text.split(separator: "/", omittingEmptySubsequences: false)
        let isNumber = text.text.allSatisfy { $0.isASCII && $0.isNumber }
        guard isNumber || parts.count >= 2 && parts.allSatisfy(isPathPart), text.text.utf8.count <= 500 else {
            field.report("\(text.quoted) is not a project.", "Write its number, or its path such as acme/shop.")
            return nil
        }
        return text.text
    }
}

extension Field {
    /// `OWNER/NAME`, as GitHub lets them be called.
    func gitHubRepository() -> String? {
        guard let text = text("a repository, OWNER/NAME") else { return nil }
        let parts = text.text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(isPathPart) else {
            report("\(text.quoted) is not a repository.", "Write OWNER/NAME, such as acme/shop.")
            return nil
        }
        return text.text
    }
}

private func isPathPart(_ part: Substring) -> Bool {
    !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
        && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
}
