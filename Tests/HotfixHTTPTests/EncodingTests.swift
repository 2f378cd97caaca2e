import HotfixHTTP
import Testing

@Suite("Encoding")
struct EncodingTests {
    @Test(
        "Only unreserved characters stay as they are",
        arguments: [
            ("abc-._~XYZ09", "abc-._~XYZ09"), ("1+1", "1%2B1"), ("a;b", "a%3Bb"), (" ", "%20"), ("é", "%C3%A9"),
            ("{a=~\"b|c\"}", "%7Ba%3D~%22b%7Cc%22%7D"), ("", ""),
        ]
    )
    func percentEncoding(text: String, expected: String) {
        #expect(percentEncoded(text) == expected)
    }

    @Test("A form keeps the order of its pairs")
    func form() {
        let body = formEncoded([("query", "le=\"+Inf\""), ("time", "1.5"), ("query", "&=")])
        #expect(String(decoding: body, as: UTF8.self) == "query=le%3D%22%2BInf%22&time=1.5&query=%26%3D")
    }
}
