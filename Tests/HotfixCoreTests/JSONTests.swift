import Testing

@testable import HotfixCore

/// What is read and written again is the same, apart from white space.
@Suite struct JSONTests {
    @Test(
        "A number keeps its spelling",
        arguments: [
            "0", "-0", "1.0", "1.50", "-12.30e+04", "1E400", "1e-400", "12345678901234567890",
            "0.1000000000000000055511",
        ])
    func numberKeepsItsSpelling(_ spelling: String) throws {
        #expect(try JSONParser.value(of: Array(" \(spelling)\n".utf8)) == .number(spelling))
        #expect(JSONValue.number(spelling).text == spelling)
    }

    @Test(
        "A string is escaped as JSON.stringify does",
        arguments: [
            (#""a\/b""#, #""a/b""#), (#""\u0041\u00e9\u00E9""#, #""Aéé""#), (#""\ud83d\ude80""#, #""🚀""#),
            (#""cut \ud83d off""#, #""cut \ud83d off""#), (#""\uDE80\uD83D""#, #""\ude80\ud83d""#),
            (#""\b\f\n\r\t\u0000\u001F\u007f""#, "\"\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}\""),
            (#""\u2028 \"q\" \\""#, "\"\u{2028} \\\"q\\\" \\\\\""), ("\"e\u{301}\"", "\"e\u{301}\""),
        ])
    func stringIsEscaped(_ read: String, _ written: String) throws {
        #expect(try JSONParser.value(of: Array(read.utf8)).text.utf8.elementsEqual(written.utf8))
    }

    @Test(
        "A number is spelled as JavaScript does",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1, "1"), (0.252, "0.252"), (-0.1, "-0.1"), (1e21, "1e+21"),
            (123_456_789_012_345_683_968, "123456789012345680000"), (1e-6, "0.000001"), (1.5e-7, "1.5e-7"),
            (1e-7, "1e-7"), (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
            (134_217_728, "134217728"), (1234.5, "1234.5"), (-1.25e22, "-1.25e+22"), (.nan, "null"),
            (.infinity, "null"),
        ])
    func numberIsSpelledAsInJavaScript(_ number: Double, _ spelling: String) {
        #expect(JSONValue(number).text == spelling)
    }

    @Test("Empty arrays and objects stand on one line, others on many")
    func layout() throws {
        let text = #"{"a":[],"b":{},"c":[1,[2,{"d":null}]],"e":{"f":true}}"#
        let expected = """
            {
              "a": [],
              "b": {},
              "c": [
                1,
                [
                  2,
                  {
                    "d": null
                  }
                ]
              ],
              "e": {
                "f": true
              }
            }
            """
        #expect(try JSONParser.value(of: Array(text.utf8)).text == expected)
        #expect(try JSONParser.value(of: Array(expected.utf8)).text == expected)
    }

    @Test("Keys that differ only in how an accent is composed are two keys")
    func keysAreCodeUnits() throws {
        let text = "{\n  \"\u{e9}\": 1,\n  \"e\u{301}\": 2\n}"
        let value = try JSONParser.value(of: Array(text.utf8))
        #expect(value.text.utf8.elementsEqual(text.utf8))
        #expect(value.object?["e\u{301}"] == JSONValue(2))
    }

    @Test("Nesting is read down to its limit and no further")
    func depth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try JSONParser.value(of: nested(128)) }
        #expect(
            throws: JSONSyntaxError(line: 1, column: 129, message: "arrays and objects nest deeper than 128 levels")
        ) { try JSONParser.value(of: nested(129)) }
    }

    @Test("A new key comes after the last of its predecessors, or first; a known one stays")
    func placeOfKeys() {
        var object: JSONObject = ["a": JSONValue(1), "b": JSONValue(2), "z": JSONValue(3)]
        object.set("c", JSONValue(4), after: ["b", "a"])
        object.set("z", JSONValue(5), after: ["a"])
        object.set("d", JSONValue(6), after: ["missing"])
        #expect(
            object
                == ["d": JSONValue(6), "a": JSONValue(1), "b": JSONValue(2), "c": JSONValue(4), "z": JSONValue(5)])
    }
}
