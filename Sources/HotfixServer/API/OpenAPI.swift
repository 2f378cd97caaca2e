package import HotfixCore

/// The description of the API, made from the table of its routes.
package enum OpenAPI {
    /// An OpenAPI 3.0 document.
    package static var document: JSONObject {
        var paths: JSONObject = [:]
        for route in APIRoute.allCases {
            let key = JSONString(route.template)
            var item = paths[key]?.object ?? [:]
            item[JSONString(route.method.lowercased())] = operation(route)
            paths[key] = .object(item)
        }
        var components: JSONObject = ["problem": problem]
        for (name, shape) in schemas { components[JSONString(name)] = .object(shape.schema) }
        return [
            "openapi": JSONValue("3.0.3"),
            "info": .object([
                "title": JSONValue("hotfix"), "version": JSONValue(APIMark.version),
                "description": JSONValue(
                    "What a hotfix ledger holds, and what is stated to it. Times are ISO 8601 in UTC. A member or a state that is "
                        + "not known has to be taken for 'not ready'."),
            ]),
            "paths": .object(paths),
            "components": .object([
                "securitySchemes": .object([
                    "token": .object(["type": JSONValue("http"), "scheme": JSONValue("bearer")])
                ]),
                "schemas": .object(components),
            ]),
        ]
    }

    private static func operation(_ route: APIRoute) -> JSONValue {
        var answers: JSONObject = [:]
        answers[JSONString(String(route.success))] = answer(route)
        // What is recorded a second time makes nothing.
        if route == .record { answers["200"] = answer(route) }
        if route.hasTag {
            answers["304"] = .object([
                "description": JSONValue("The answer is the one whose tag was given by `If-None-Match`.")
            ])
        }
        answers["default"] = .object([
            "description": JSONValue("What went wrong, with what the command would end with."),
            "content": .object([
                "application/problem+json": .object([
                    "schema": .object(["$ref": JSONValue("#/components/schemas/problem")])
                ])
            ]),
        ])
        var operation: JSONObject = [
            "operationId": JSONValue(route.rawValue), "summary": JSONValue(route.summary),
            "parameters": .array(pathParameters(route) + route.parameters.map { parameter($0, of: route) }),
            "responses": .object(answers),
        ]
        if let members = route.members { operation["requestBody"] = body(members) }
        operation["security"] = .array(route.isOpen ? [] : [.object(["token": .array([])])])
        return .object(operation)
    }

    private static func answer(_ route: APIRoute) -> JSONValue {
        var content: JSONObject = [:]
        for type in route.mediaTypes {
            content[JSONString(type)] = .object([
                "schema": .object(type == "application/json" ? shape(route).schema : JSONShape.text.schema)
            ])
        }
        var answer: JSONObject = ["description": JSONValue("The answer."), "content": .object(content)]
        var headers: JSONObject = [:]
        if route.hasTag { headers["ETag"] = header("Another whenever the answer may be another.") }
        if route.parameters.contains(where: { $0.name == "cursor" }) {
            headers["Link"] = header("Where the next page is, as `rel=\"next\"`; absent on the last.")
        }
        if !headers.members.isEmpty { answer["headers"] = .object(headers) }
        return .object(answer)
    }

    private static func header(_ summary: String) -> JSONValue {
        .object(["description": JSONValue(summary), "schema": .object(["type": JSONValue("string")])])
    }

    private static func pathParameters(_ route: APIRoute) -> [JSONValue] {
        route.template.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            .object([
                "name": JSONValue(String(segment.dropFirst().dropLast())), "in": JSONValue("path"),
                "required": .boolean(true), "schema": .object(["type": JSONValue("string")]),
            ])
        }
    }

    private static func parameter(_ parameter: APIParameter, of route: APIRoute) -> JSONValue {
        var schema = JSONShape.text.schema
        switch parameter.name {
        case "limit": schema = ["type": JSONValue("integer"), "minimum": JSONValue(1), "maximum": JSONValue(1000)]
        case "format": schema = JSONShape.word(ExportQuery.Format.allCases.map(\.rawValue)).schema
        default: break
        }
        var description: JSONObject = [
            "name": JSONValue(parameter.name), "in": JSONValue("query"), "description": JSONValue(parameter.summary),
            "required": .boolean(parameter.isRequired),
        ]
        if route.mayRepeat(parameter.name) {
            schema = JSONShape.list(.text).schema
            description["style"] = JSONValue("form")
            description["explode"] = .boolean(true)
        }
        description["schema"] = .object(schema)
        return .object(description)
    }

    private static func body(_ members: (names: [String], required: [String])) -> JSONValue {
        var properties: JSONObject = [:]
        for name in members.names {
            let (shape, summary) = member(name)
            var described = shape.schema
            described["description"] = JSONValue(summary)
            properties[JSONString(name)] = .object(described)
        }
        var schema: JSONObject = [
            "type": JSONValue("object"), "properties": .object(properties), "additionalProperties": .boolean(false),
        ]
        // An empty list of what is required is not valid there.
        if !members.required.isEmpty { schema["required"] = .array(members.required.map { JSONValue($0) }) }
        return .object([
            "required": .boolean(true),
            "content": .object(["application/json": .object(["schema": .object(schema)])]),
        ])
    }

    private static var problem: JSONValue {
        let text = JSONValue.object(["type": JSONValue("string")])
        let number = JSONValue.object(["type": JSONValue("integer")])
        return .object([
            "type": JSONValue("object"),
            "properties": .object([
                "type": text, "title": text, "status": number, "detail": text, "exit_status": number,
            ]),
        ])
    }
}
