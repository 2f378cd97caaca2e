import HotfixCommands
import HotfixCore
import HotfixHTTP
import HotfixServer
import Testing

/// Holds values against the schemas of a description, as OpenAPI 3.0 reads them.
private struct SchemaReader {
    let document: JSONValue

    /// What of a value is not as a schema says, one line each; members that it does not know among them, unless they may be there.
    func faults(_ value: JSONValue, _ schema: JSONObject, at place: String, isOpen: Bool) -> [String] {
        if case .string(let reference)? = schema["$ref"] {
            return faults(value, resolved(reference.text), at: place, isOpen: isOpen)
        }
        if value == .null {
            return schema["nullable"] == .boolean(true) || schema.members.isEmpty ? [] : ["\(place) is null"]
        }
        if case .array(let all)? = schema["allOf"] {
            return all.flatMap { faults(value, $0.object ?? [:], at: place, isOpen: isOpen) }
        }
        if case .array(let words)? = schema["enum"], !words.contains(value) { return ["\(place) is no word of it"] }
        guard case .string(let type)? = schema["type"] else { return [] }
        switch (type.text, value) {
        case ("string", .string(let text)):
            let isTime = schema["format"] == JSONValue("date-time")
            return !isTime || Instant(text: text.text) != nil ? [] : ["\(place) is no time"]
        case ("integer", .number(let spelling)): return Int(spelling) != nil ? [] : ["\(place) is not whole"]
        case ("number", .number), ("boolean", .boolean): return []
        case ("array", .array(let elements)):
            return elements.flatMap {
                faults($0, schema["items"]?.object ?? [:], at: "\(place)[]", isOpen: isOpen)
            }
        case ("object", .object(let object)):
            return self.faults(object, schema, at: place, isOpen: isOpen)
        default: return ["\(place) is no \(type.text)"]
        }
    }

    private func faults(_ object: JSONObject, _ schema: JSONObject, at place: String, isOpen: Bool) -> [String] {
        let properties = schema["properties"]?.object
        var faults: [String] = []
        if case .array(let names)? = schema["required"] {
            for case .string(let name) in names where object[name] == nil {
                faults.append("\(place) has no \(name.text)")
            }
        }
        for member in object.members {
            guard let shape = properties?[member.key]?.object else {
                if properties != nil, !isOpen { faults.append("\(place) has \(member.key.text)") }
                continue
            }
            faults += self.faults(member.value, shape, at: "\(place).\(member.key.text)", isOpen: isOpen)
        }
        return faults
    }

    private func resolved(_ reference: String) -> JSONObject {
        reference.split(separator: "/").dropFirst().reduce(JSONValue?.some(document)) {
            $0?.object?[JSONString(String($1))]
        }?.object ?? [:]
    }
}

@Suite("What a server answers is what its description says")
struct ServerSchemaTests {
    private func json(_ answer: HTTPAnswer) throws -> JSONValue { try JSONParser.value(of: answer.body) }

    /// The schema of an answer.
    private func schema(_ document: JSONValue, _ route: APIRoute, _ status: Int) throws -> JSONObject {
        let steps = [
            "paths", route.template, route.method.lowercased(), "responses", String(status), "content",
            "application/json", "schema",
        ]
        let found = steps.reduce(JSONValue?.some(document)) { $0?.object?[JSONString($1)] }
        return try #require(found?.object, "\(route) \(status)")
    }

    private func expect(_ answer: HTTPAnswer, of route: APIRoute, _ document: JSONValue) throws {
        #expect((200...299).contains(answer.status), "\(route) \(String(decoding: answer.body, as: UTF8.self))")
        // What an explanation and an overview say in detail is theirs, and of no program's concern.
        let isOpen = [.explanation, .explanations, .overview].contains(route)
        let faults = SchemaReader(document: document).faults(
            try json(answer), try schema(document, route, answer.status), at: route.rawValue, isOpen: isOpen)
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test("to every question that is answered in JSON")
    func questions() async throws {
        try await withServer { lab in
            let document = try json(try await lab.send(.get, "/api/v1/openapi.json"))
            await lab.here.run("silence", "--service", "checkout", "--for", "2h", "--reason", "x", "--by", "ann")
            let queries: [APIRoute: String] = [
                .gate: "?commit=\(commit)", .export: "?format=json", .explanations: "?at=2026-11-20T12:07:00Z",
            ]
            for route in APIRoute.allCases
            where !route.isWrite && ![.openAPI, .explain, .metrics, .badge].contains(route) {
                let path = route.path(["service": "checkout", "guardrail": "error-rate"]) + (queries[route] ?? "")
                try expect(try await lab.send(.get, path, token: readToken), of: route, document)
            }
            let empty = try json(try await lab.send(.get, "/api/v1/episodes", token: readToken))
            #expect(empty.object?["episodes"] != .array([]), "An episode stands in what was compared.")
        }
    }

    @Test("to every statement, and a deployment that was recorded before is answered with 200")
    func statements() async throws {
        try await withServer { lab in
            let document = try json(try await lab.send(.get, "/api/v1/openapi.json"))
            let deployment = #"{"commit": "\#(commit)", "at": "2026-11-20T12:05:00Z", "no_incident": true}"#
            let statements: [(route: APIRoute, names: [String: String], body: String, status: Int)] = [
                (.record, [:], deployment, 201), (.record, [:], deployment, 200),
                (.takeBack, ["deployment": "2"], #"{"reason": "x"}"#, 200),
                (
                    .exclude, [:],
                    #"{"interval": "2026-11-19T10:00:00Z/2026-11-19T11:00:00Z", "reason": "x", "by": "ann"}"#, 201
                ), (.silence, [:], #"{"service": "checkout", "for": "2h", "reason": "x", "by": "ann"}"#, 201),
                (.lift, ["silence": "1"], #"{"by": "ann"}"#, 200),
                (
                    .excuse, ["episode": "checkout/error-rate/2026-11-20T12:05:00Z"],
                    #"{"reason": "x", "by": "ann"}"#, 200
                ), (.close, [:], "{}", 200),
            ]
            for (route, names, body, status) in statements {
                let answer = try await lab.send(.post, route.path(names), token: writeToken, body: body)
                #expect(answer.status == status, "\(route) \(String(decoding: answer.body, as: UTF8.self))")
                try expect(answer, of: route, document)
            }
        }
    }

    @Test("what may be repeated is a list, and every member that is sent has a type")
    func parameters() throws {
        let document = JSONValue.object(OpenAPI.document)
        for route in APIRoute.allCases {
            let operation = document.object?["paths"]?.object?[JSONString(route.template)]?.object?[
                JSONString(route.method.lowercased())]?.object
            guard case .array(let parameters)? = operation?["parameters"] else { continue }
            for parameter in parameters {
                guard case .string(let name)? = parameter.object?["name"] else { continue }
                let type = parameter.object?["schema"]?.object?["type"]
                let repeats = name.text == "service" && [.readiness, .badge, .overview].contains(route)
                #expect((type == JSONValue("array")) == repeats, "\(route) \(name.text)")
            }
            let body = operation?["requestBody"]?.object?["content"]?.object?["application/json"]?.object
            for member in body?["schema"]?.object?["properties"]?.object?.members ?? [] {
                #expect(member.value.object?["type"] != nil, "\(route) \(member.key.text)")
            }
        }
    }
}
