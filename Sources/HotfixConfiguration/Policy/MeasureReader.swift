import HotfixCore

extension GuardrailReader {
    /// Reads what is asked: a built-in measure or an own query, exactly one.
    func measure(_ keys: KeyedFields<GuardrailKey>, sourceType: String?) -> Measure? {
        if keys[.measure] != nil, let query = keys[.query] {
            query.report("'measure' and 'query' are both given.", "Keep one.")
            return nil
        }
        if let field = keys[.measure] {
            keys.refuse([.by, .events], because: "is for own queries only.", "Remove it.")
            return builtIn(field, sourceType: sourceType).map(Measure.builtIn)
        }
        guard let field = keys[.query] else {
            keys.field.report("neither 'measure' nor 'query' is given.", "Give one.")
            return nil
        }
        if sourceType == SourceType.sentry.rawValue {
            field.report("an own query is PromQL, and this source is Sentry.", "Name a measure instead.")
            return nil
        }
        if sourceType == SourceType.otlp.rawValue {
            field.report(
                "an own query is PromQL, and this source holds received points, which nothing queries.",
                "Name a measure instead, or ask a source of type prometheus.")
            return nil
        }
        return query(field, keys).map(Measure.query)
    }

    private func builtIn(_ field: Field, sourceType: String?) -> BuiltInMeasure? {
        guard let name = field.text("the name of a measure")?.text, let sourceType,
            SourceType(rawValue: sourceType) != nil
        else { return nil }
        if let measure = BuiltInMeasure(name: name, sourceType: sourceType) { return measure }
        let names = BuiltInMeasure.known(to: sourceType).map(\.name)
        field.report(
            "a source of type '\(sourceType)' has no measure '\(name)'.",
            suggestion(for: name, in: names, called: "It has"))
        return nil
    }

    private func query(_ field: Field, _ keys: KeyedFields<GuardrailKey>) -> OwnQuery? {
        guard let text = field.text("a query", allowsLines: true)?.text, checkPlaceholders(field, text) else {
            return nil
        }
        let namesService = text.contains("{service}")
        var query = OwnQuery(text: text)
        if let by = keys[.by] {
            query.by = by.text("the name of a label")?.text
            if namesService { by.report("'by' and '{service}' are both given.", "Keep one.") }
        } else if !namesService {
            field.report(
                "the query does not say which service it is about.",
                "Put \"{service}\" into it, or name the label that tells services apart by 'by'.")
        }
        if let events = keys[.events], let eventsText = events.text("a query", allowsLines: true)?.text {
            query.events = eventsText
            if checkPlaceholders(events, eventsText), eventsText.contains("{service}") != namesService {
                events.report(
                    "'{service}' must be in both 'query' and 'events', or in neither.",
                    "Both are asked in the same way.")
            }
        }
        return query
    }

    /// Placeholders must be known, and those that become strings must stand inside quotes.
    private func checkPlaceholders(_ field: Field, _ query: String) -> Bool {
        let known = ["{service}", "{environment}", "{window}"]
        var isSound = true
        for found in placeholders(in: query) {
            let written = "{\(found.name)}"
            if !known.contains(written) {
                // Inside quotes braces may belong to a regular expression.
                if found.quote == nil {
                    field.report(
                        "unknown placeholder '\(written)'.", suggestion(for: written, in: known, called: "Known"))
                    isSound = false
                }
            } else if written == "{window}" ? found.quote != nil : found.quote == nil || found.quote == "`" {
                let remedy = written == "{window}" ? "Write [{window}]." : "Write \"\(written)\"."
                let place = written == "{window}" ? "outside quotes" : "inside double or single quotes"
                field.report("'\(written)' must stand \(place).", remedy)
                isSound = false
            }
        }
        return isSound
    }

    /// Words in braces, with the kind of quotes around them.
    private func placeholders(in query: String) -> [(name: String, quote: Character?)] {
        var found: [(name: String, quote: Character?)] = []
        var quote: Character?
        var rest = query[...]
        while let character = rest.popFirst() {
            switch character {
            case "\\" where quote != nil && quote != "`": _ = rest.popFirst()
            case "\"", "'", "`":
                if quote == nil { quote = character } else if quote == character { quote = nil }
            case "#" where quote == nil: rest = rest.drop { !$0.isNewline }
            case "{":
                let name = rest.prefix { $0.isASCII && ($0.isLetter || $0 == "_") }
                if !name.isEmpty, rest.dropFirst(name.count).first == "}" { found.append((String(name), quote)) }
            default: break
            }
        }
        return found
    }
}
