import HotfixCore
import Testing

@testable import HotfixSources

@Suite("PromQL texts")
struct PromQLTests {
    private let values = PromQLTemplate.Values(service: "a.b\"c\\", environment: "prod\n1", window: 300)

    @Test(
        "placeholders become escaped strings",
        arguments: [
            ("x{s=\"{service}\",e='{environment}'}[{window}]", "x{s=\"a.b\\\"c\\\\\",e='prod\\n1'}[300s]"),
            ("x{s=~\"{service}-.*\"}", "x{s=~\"a\\\\.b\\\"c\\\\\\\\-.*\"}"),
            ("x{s !~ '{service}'}", "x{s !~ 'a\\\\.b\"c\\\\\\\\'}"),
            ("x{s=`{service}`}", "x{s=`a.b\"c\\`}"),
            ("x # {service} and \"\n+ y{e=\"\\\"{environment}\"}\n", "x # {service} and \"\n+ y{e=\"\\\"prod\\n1\"}"),
            ("  x{a=\"#\",s=\"{service}\"}  ", "x{a=\"#\",s=\"a.b\\\"c\\\\\"}"),
            ("x{l=\"{other}\"}", "x{l=\"{other}\"}"),
        ])
    func filled(_ text: String, _ expected: String) throws {
        #expect(try PromQLTemplate(text, values).query == expected)
    }

    @Test(
        "a placeholder that can't be filled is refused",
        arguments: ["x{s={service}}", "{environment}", "x{s=\"\"}{service}"])
    func outside(_ text: String) {
        #expect(throws: SourceError.self) { try PromQLTemplate(text, values) }
    }

    @Test("no environment and no backquote can be made up")
    func impossible() {
        #expect(throws: SourceError.self) {
            try PromQLTemplate("x{e=\"{environment}\"}", .init(service: "a", environment: nil, window: 300))
        }
        #expect(throws: SourceError.self) {
            try PromQLTemplate("x{e=`{service}`}", .init(service: "a`b", environment: nil, window: 300))
        }
    }

    @Test("a name can't leave its quotes")
    func property() throws {
        let alphabet: [Unicode.Scalar] = [
            "\"", "\\", "\n", "'", "`", "{", "}", "#", "a", ".", "|", "\u{301}", "é", "\u{2028}", "\r",
        ]
        for _ in 0..<2000 {
            var name = ""
            for _ in 0..<Int.random(in: 0...8) { name.unicodeScalars.append(alphabet.randomElement() ?? "a") }
            for quote in ["\"", "'"] {
                let query = try PromQLTemplate(
                    "x{s=\(quote){service}\(quote)}", .init(service: name, environment: nil, window: 300)
                ).query
                #expect(unquoted(query, after: "x{s=", before: "}") == name)
            }
            let literal = unquoted(quoted(regexLiteral(name)), after: "", before: "")
            let pattern = try #require(literal)
            #expect(withoutBackslashes(pattern) == name)
        }
    }

    /// Reads a literal as Prometheus does: what stands between the quotes, provided that nothing else follows.
    private func unquoted(_ text: String, after prefix: String, before suffix: String) -> String? {
        var rest = Array(text.unicodeScalars)
        guard rest.starts(with: prefix.unicodeScalars) else { return nil }
        rest.removeFirst(prefix.unicodeScalars.count)
        let quote = rest.removeFirst()
        var result = ""
        while !rest.isEmpty {
            let scalar = rest.removeFirst()
            if scalar == quote { return rest.elementsEqual(suffix.unicodeScalars) ? result : nil }
            guard scalar != "\n" else { return nil }
            guard scalar == "\\", !rest.isEmpty else {
                result.unicodeScalars.append(scalar)
                continue
            }
            switch rest.removeFirst() {
            case "n": result += "\n"
            case let next where next == quote || next == "\\": result.unicodeScalars.append(next)
            default: return nil
            }
        }
        return nil
    }

    private func withoutBackslashes(_ pattern: String) -> String {
        var result = ""
        var scalars = pattern.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            result.unicodeScalars.append(scalar == "\\" ? scalars.next() ?? scalar : scalar)
        }
        return result
    }

    @Test("a built-in query is narrowed to few services, and left alone for many or for long names")
    func narrowing() {
        let query = "sum by (service_name) (rate(x{service_name!=\"\",e=\"service_name!=\\\"\\\"\"}[300s]))"
        let anchor = "service_name!=\"\""
        #expect(
            narrowed(query, anchor: anchor, label: "service_name", to: ["a"])
                == "sum by (service_name) (rate(x{service_name=\"a\",e=\"service_name!=\\\"\\\"\"}[300s]))")
        #expect(
            narrowed(query, anchor: anchor, label: "service_name", to: ["b.c", "a"])
                == "sum by (service_name) (rate(x{service_name=~\"a|b\\\\.c\",e=\"service_name!=\\\"\\\"\"}[300s]))")
        #expect(narrowed(query, anchor: anchor, label: "service_name", to: Set((0..<51).map { "s\($0)" })) == query)
        #expect(
            narrowed(query, anchor: anchor, label: "service_name", to: [String(repeating: "x", count: 9000)]) == query)
    }
}
