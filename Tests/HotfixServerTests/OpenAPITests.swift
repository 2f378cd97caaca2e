import HotfixCore
import HotfixServer
import Testing

@Suite("The description of the API")
struct OpenAPITests {
    @Test("every route stands in it, and nothing else does")
    func routes() throws {
        let paths = try #require(OpenAPI.document["paths"]?.object)
        let described = paths.members.flatMap { path in
            (path.value.object?.members ?? []).map { "\($0.key.text.uppercased()) \(path.key.text)" }
        }
        #expect(Set(described) == Set(APIRoute.allCases.map { "\($0.method) \($0.template)" }))
        #expect(described.count == APIRoute.allCases.count)
    }

    @Test("every parameter of a route stands with it, those of the path too", arguments: APIRoute.allCases)
    func parameters(route: APIRoute) throws {
        let operation = OpenAPI.document["paths"]?.object?[JSONString(route.template)]?.object?[
            JSONString(route.method.lowercased())]
        let reader = try JSONReader(operation, "operation")
        let names = try reader.objects("parameters") { reader throws(JSONContentError) in try reader.text("name") }
        let inPath = route.template.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()) }
        #expect(names == inPath + route.parameters.map(\.name))
        #expect(reader.has("requestBody") == route.isWrite)
    }

    /// What OpenAPI 3.0 asks of a document, as far as this one makes use of it.
    @Test(
        "it is valid: operations have names of their own, references lead somewhere, and every answer has a description"
    )
    func valid() throws {
        let document = OpenAPI.document
        #expect(document["openapi"] == JSONValue("3.0.3"))
        let info = try JSONReader(document["info"], "info")
        #expect(try !info.text("title").isEmpty && !info.text("version").isEmpty)
        var names: [String] = []
        for path in try #require(document["paths"]?.object).members {
            #expect(path.key.text.hasPrefix("/"))
            for operation in try #require(path.value.object).members {
                let place = "\(operation.key.text) \(path.key.text)"
                #expect(["get", "post"].contains(operation.key.text), "\(place)")
                let reader = try JSONReader(operation.value, "operation")
                names.append(try reader.text("operationId"))
                let parameters = try reader.objects("parameters") { reader throws(JSONContentError) in
                    "\(try reader.text("in")) \(try reader.text("name"))"
                }
                #expect(Set(parameters).count == parameters.count, "\(place)")
                let answers = try #require(operation.value.object?["responses"]?.object).members
                #expect(answers.contains { $0.key.text == "default" }, "\(place)")
                for answer in answers {
                    let isStatus =
                        Int(answer.key.text).map { (100..<600).contains($0) } ?? (answer.key.text == "default")
                    #expect(isStatus, "\(place)")
                    #expect(try !JSONReader(answer.value, "answer").text("description").isEmpty, "\(place)")
                    let types = answer.value.object?["content"]?.object?.members ?? []
                    #expect(types.allSatisfy { $0.value.object?["schema"]?.object != nil }, "\(place)")
                }
            }
        }
        #expect(Set(names).count == names.count)
        #expect(
            try references(in: .object(document)).allSatisfy { reference in
                let steps = reference.split(separator: "/")
                try #require(steps.first == "#")
                return steps.dropFirst().reduce(JSONValue?.some(.object(document))) {
                    $0?.object?[JSONString(String($1))]
                } != nil
            })
    }

    private func references(in json: JSONValue) -> [String] {
        switch json {
        case .object(let object):
            object.members.flatMap { member -> [String] in
                if member.key.text == "$ref", case .string(let text) = member.value { return [text.text] }
                return references(in: member.value)
            }
        case .array(let elements): elements.flatMap(references)
        default: []
        }
    }
}
