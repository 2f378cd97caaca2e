extension VersionReadiness {
    /// What is known of the running version, in a readiness.
    var json: JSONValue {
        .object([
            "deployed": JSONValue(deployed), "beside": .array(beside.map { JSONValue($0) }),
            "watched": .array(
                watched.map { source in
                    .object([
                        "source": JSONValue(source.source), "window_start": JSONValue(source.windowStart),
                        "seen": .array(source.seen.map { JSONValue($0) }), "as_deployed": .boolean(source.isAsDeployed),
                    ])
                }),
            "not_watched": .array(
                unwatched.map { .object(["source": JSONValue($0.source), "reason": JSONValue($0.reason)]) }
                    + unfound.map { .object(["source": JSONValue($0), "reason": .null]) }),
        ])
    }

    init(_ reader: JSONReader) throws(JSONContentError) {
        deployed = try reader.text("deployed")
        beside = try reader.texts("beside")
        watched = try reader.objects("watched") { (reader) throws(JSONContentError) in
            Watched(
                source: try reader.text("source"), windowStart: try reader.optionalInstant("window_start"),
                seen: try reader.texts("seen"), isAsDeployed: try reader.flag("as_deployed"))
        }
        unwatched = []
        unfound = []
        let others = try reader.objects("not_watched") { (reader) throws(JSONContentError) in
            (source: try reader.text("source"), reason: try reader.optionalText("reason"))
        }
        for other in others {
            if let reason = other.reason {
                unwatched.append(Unwatched(source: other.source, reason: reason))
            } else {
                unfound.append(other.source)
            }
        }
    }
}

extension UnrecordedDeploy {
    /// The roll-out, in a readiness and in the report of a check.
    package var json: JSONValue {
        .object([
            "service": JSONValue(service), "source": JSONValue(source), "version": JSONValue(version),
            "at": JSONValue(at),
        ])
    }

    init(_ reader: JSONReader) throws(JSONContentError) {
        self.init(
            service: try reader.text("service"), source: try reader.text("source"),
            version: try reader.text("version"), at: try reader.instant("at"))
    }
}
