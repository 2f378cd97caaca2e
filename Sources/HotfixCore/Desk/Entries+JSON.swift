extension DeploymentEntry {
    /// The entry; what is not said is left out.
    package var json: JSONValue {
        object([
            ("commit", JSONValue(commit)), ("branch", JSONValue(branch)), ("version", JSONValue(version)),
            ("beside", list(beside)), ("at", JSONValue(at)), ("services", list(services)),
            ("incident", JSONValue(incident)), ("no_incident", noIncident ? .boolean(true) : .null),
            ("new_baseline", newBaseline ? .boolean(true) : .null), ("reason", JSONValue(reason)),
        ])
    }

    /// The members that an entry may have.
    package static let members = [
        "commit", "branch", "version", "beside", "at", "services", "incident", "no_incident", "new_baseline", "reason",
    ]

    /// Reads an entry.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        let services = reader.has("services") ? try reader.texts("services") : []
        // Who names none of several may have found none; who means all leaves the member out.
        guard !reader.has("services") || !services.isEmpty else {
            throw reader.wrong("services", "a list with a name in it; leave it out for all services")
        }
        self.init(
            commit: try reader.text("commit"), branch: try reader.optionalText("branch"),
            version: try reader.optionalText("version"), beside: reader.has("beside") ? try reader.texts("beside") : [],
            at: try reader.optionalText("at"), services: services,
            incident: try reader.optionalText("incident"),
            noIncident: reader.has("no_incident") ? try reader.flag("no_incident") : false,
            newBaseline: reader.has("new_baseline") ? try reader.flag("new_baseline") : false,
            reason: try reader.optionalText("reason"))
    }
}

extension ExclusionEntry {
    /// The entry; what is not said is left out.
    package var json: JSONValue {
        object([
            ("interval", JSONValue(interval)), ("service", JSONValue(service)), ("reason", JSONValue(reason)),
            ("by", JSONValue(by)),
        ])
    }

    /// The members that an entry may have.
    package static let members = ["interval", "service", "reason", "by"]

    /// Reads an entry.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            interval: try reader.text("interval"), service: try reader.optionalText("service"),
            reason: try reader.text("reason"), by: try reader.optionalText("by"))
    }
}

extension AcceptanceEntry {
    /// The entry; what is not said is left out.
    package var json: JSONValue { object([("reason", JSONValue(reason)), ("by", JSONValue(by))]) }

    /// The members that an entry may have.
    package static let members = ["reason", "by"]

    /// Reads an entry.
    package init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(reason: try reader.text("reason"), by: try reader.optionalText("by"))
    }
}

extension ExcusalEntry {
    /// The entry without the episode, which the address names.
    package var json: JSONValue { object([("reason", JSONValue(reason)), ("by", JSONValue(by))]) }

    /// The members that an entry may have.
    package static let members = ["reason", "by"]

    /// Reads an entry.
    package init(_ reader: JSONReader, episode: String) throws(JSONContentError) {
        self.init(episode: episode, reason: try reader.text("reason"), by: try reader.text("by"))
    }
}

extension TakingBackEntry {
    /// The entry without the deployment, which the address names.
    package var json: JSONValue { object([("reason", JSONValue(reason))]) }

    /// The members that an entry may have.
    package static let members = ["reason"]

    /// Reads an entry.
    package init(_ reader: JSONReader, deployment: Int) throws(JSONContentError) {
        self.init(deployment: deployment, reason: try reader.text("reason"))
    }
}

/// An object of what is said: members that are null are left out.
func object(_ members: [(JSONString, JSONValue)]) -> JSONValue {
    .object(JSONObject(members: members.filter { $1 != .null }.map { JSONObject.Member(key: $0, value: $1) }))
}

private func list(_ texts: [String]) -> JSONValue {
    texts.isEmpty ? .null : .array(texts.map { JSONValue($0) })
}
