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
}
