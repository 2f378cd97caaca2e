import Foundation

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// An element of a document.
struct PageElement {
    var name: String
    var attributes: [String: String]
}

/// Reads a document strictly, as XML.
final class PageReader: NSObject, XMLParserDelegate {
    /// What is wrong with it.
    struct Broken: Error {
        var line: Int
        var message: String
    }

    private let text: String
    private var found: [PageElement] = []

    init(_ text: String) {
        self.text = text
    }

    func elements() throws -> [PageElement] {
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else {
            throw Broken(line: parser.lineNumber, message: "\(parser.parserError.map { "\($0)" } ?? "unknown")")
        }
        return found
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        found.append(PageElement(name: name, attributes: attributes))
    }
}
