import HotfixCore

/// Reads what a call proves itself with, where only one of two is given.
func credentials(bearer: Field?, basic: Field?, for use: SecretUse) -> SourceSettings.Credentials {
    let token = bearer?.secret(for: use)
    let pair = basic?.basic(for: use)
    if bearer != nil, pair != nil {
        basic?.report("'bearer' and 'basic' are both given.", "Keep one.")
    }
    return pair ?? token.map { .bearer($0) } ?? .none
}

/// Readers of how something is reached.
extension Field {
    /// User name and password.
    func basic(for use: SecretUse) -> SourceSettings.Credentials? {
        guard let keys = keyed(BasicKey.self) else { return nil }
        let username = keys.required(.username)?.text("a user name")
        if let username, username.text.contains(":") { keys[.username]?.report("must not have a colon in it.") }
        let password = keys.required(.password)?.secret(for: use)
        guard let username, let password else { return nil }
        return .basic(username: username.text, password: password)
    }

    /// Further headers; `Authorization` is not taken where there are credentials already.
    func headers(
        for use: SecretUse, besides credentials: SourceSettings.Credentials = .none
    ) -> [SourceSettings.Header] {
        let entries = entries() ?? []
        var headers: [SourceSettings.Header] = []
        for entry in entries {
            if let header = entry.header(for: use, besides: headers) { headers.append(header) }
        }
        if credentials != .none {
            for entry in entries where entry.name.lowercased() == "authorization" {
                entry.key.report("there are credentials already.", "Keep one of them.")
            }
        }
        return headers
    }

    /// Whom to trust.
    func tls(for use: SecretUse) -> SourceSettings.TLS? {
        guard let keys = keyed(TLSKey.self) else { return nil }
        let tls = SourceSettings.TLS(
            caFile: keys[.caFile]?.path(), certificateFile: keys[.certificateFile]?.path(),
            keyFile: keys[.keyFile]?.path(), keyPassword: keys[.keyPassword]?.secret(for: use))
        if keys[.certificateFile] == nil {
            keys.refuse([.keyFile, .keyPassword], because: "belongs to a certificate.", "Give 'certificate_file' too.")
        }
        return tls
    }
}

extension Entry {
    fileprivate func header(
        for use: SecretUse, besides others: [SourceSettings.Header]
    ) -> SourceSettings.Header? {
        let isToken =
            !name.isEmpty
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "!#$%&'*+-.^_`|~".contains($0)) }
        guard isToken else {
            key.report("'\(name)' cannot be the name of a header.")
            return nil
        }
        guard !others.contains(where: { $0.name.lowercased() == name.lowercased() }) else {
            key.report("'\(name)' is written more than once here.", "Keep one.")
            return nil
        }
        if isSecretHeader {
            return field.secret(for: use).map { SourceSettings.Header(name: name, value: $0) }
        }
        return field.text("the value of a header").map { .init(name: name, value: Secret($0.text)) }
    }

    /// Whether the name says that the value proves something.
    private var isSecretHeader: Bool {
        let name = name.lowercased()
        return ["auth", "cookie", "token", "secret", "password", "key"].contains(where: name.contains)
    }
}
