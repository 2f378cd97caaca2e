/// How an alert stands at Alertmanager: what its display remembers of each thread that it fires there, as JSON.
package struct AlertmanagerStanding: Sendable, Hashable {
    /// A silence of Alertmanager's own that holds for the alert.
    package struct Silence: Sendable, Hashable {
        /// Its number there.
        package var id: String
        /// Who made it; nil where that could not be read.
        package var by: String?
        /// Why.
        package var comment: String?
        /// Until when.
        package var end: Instant?

        /// Makes a silence; what people wrote is cut to one line of bearable length.
        package init(id: String, by: String? = nil, comment: String? = nil, end: Instant? = nil) {
            self.id = clipped(oneLine(id), bytes: 36)
            self.by = by.map { clipped(oneLine($0), bytes: 40) }
            self.comment = comment.map { clipped(oneLine($0), bytes: 80) }
            self.end = end
        }
    }

    /// What the alert is known by; the same for as long as it is shown.
    package var labels: [String: String]
    /// When it began; the same for as long as it is shown.
    package var start: Instant
    /// When what it tells was over; nil while it is not.
    package var end: Instant?
    /// Alertmanager's own silences that keep it from telling anybody, as far as they could be read; at most two.
    package var silences: [Silence]

    /// Makes a standing; of the silences, the two that end last are kept.
    package init(labels: [String: String], start: Instant, end: Instant? = nil, silences: [Silence] = []) {
        self.labels = labels
        self.start = start
        self.end = end
        self.silences = Array(
            silences.sorted { ($0.end ?? .distantFuture, $0.id) > ($1.end ?? .distantFuture, $1.id) }.prefix(2))
    }
}

extension AlertmanagerStanding {
    /// Reads what was remembered; nil where it is nothing that this version wrote.
    package init?(text: String) {
        do {
            let reader = try JSONReader(try JSONParser.value(of: Array(text.utf8)), "the standing")
            let labels = try reader.objects("labels") { label throws(JSONContentError) in
                (try label.text("name"), try label.text("value"))
            }
            self.init(
                labels: Dictionary(labels, uniquingKeysWith: { $1 }), start: try reader.instant("start"),
                end: try reader.optionalInstant("end"),
                silences: try reader.objects("silences") { silence throws(JSONContentError) in
                    Silence(
                        id: try silence.text("id"), by: try silence.optionalText("by"),
                        comment: try silence.optionalText("comment"), end: try silence.optionalInstant("end"))
                })
        } catch {
            return nil
        }
    }

    /// The JSON that is remembered, on one line.
    package var text: String {
        let labels = labels.sorted { $0.key < $1.key }.map { label in
            JSONValue.object(["name": JSONValue(label.key), "value": JSONValue(label.value)])
        }
        let silences = silences.map { silence in
            JSONValue.object([
                "id": JSONValue(silence.id), "by": JSONValue(silence.by), "comment": JSONValue(silence.comment),
                "end": JSONValue(silence.end),
            ])
        }
        return JSONValue.object([
            "labels": .array(labels), "start": JSONValue(start), "end": JSONValue(end), "silences": .array(silences),
        ]).line
    }
}
