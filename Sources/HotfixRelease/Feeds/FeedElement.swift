import HotfixCore

/// An element of XML: its namespace and name, what it holds, and no more than an appcast needs.
struct FeedElement: Sendable {
    /// A name with the namespace it belongs to, empty where it belongs to none.
    struct Name: Sendable, Hashable {
        var namespace = ""
        var local: String
    }

    var name: Name
    var attributes: [Name: String] = [:]
    var children: [FeedElement] = []
    /// The text that stands directly in it.
    var text = ""

    /// The text without blanks at its ends; nil where there is nothing else.
    var words: String? {
        let trimmed = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// The first child of a name.
    func child(_ name: Name) -> FeedElement? { children.first { $0.name == name } }

    /// All children of a name.
    func all(_ name: Name) -> [FeedElement] { children.filter { $0.name == name } }
}

/// Why a text is no XML that is read here.
struct FeedSyntaxError: Error, Sendable, Hashable {
    /// The line, from 1.
    var line: Int
    /// What is wrong, as the end of a sentence.
    var message: String
}

/// Reads XML of UTF-8 with namespaces.
///
/// Entities that a document declares itself are refused, whatever they are: so nothing grows, and nothing is fetched.
struct FeedXMLReader {
    private let bytes: [UInt8]
    private var position = 0

    private static let depthLimit = 64
    private static let elementLimit = 200_000
    private static let attributeLimit = 1000
    private static let namespaceLimit = 100
    private var elements = 0

    /// Reads the root of a document.
    static func root(of bytes: [UInt8]) throws(FeedSyntaxError) -> FeedElement {
        var reader = FeedXMLReader(bytes: bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.position = 3 }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw reader.error("it is not UTF-8, the only encoding that is read here")
        }
        try reader.skipMarkup()
        guard reader.take("<") else { throw reader.error("no element begins here") }
        let root = try reader.element(["": "", "xml": "http://www.w3.org/XML/1998/namespace"], depth: 0)
        try reader.skipMarkup()
        guard reader.position == reader.bytes.count else { throw reader.error("more follows the end of the root") }
        return root
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func error(_ message: String) -> FeedSyntaxError {
        FeedSyntaxError(line: 1 + bytes[..<min(position, bytes.count)].count { $0 == 0x0A }, message: message)
    }

    private func isAt(_ text: StaticString) -> Bool {
        bytes.dropFirst(position).starts(with: text.bytes)
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard isAt(text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    /// Moves behind the next occurrence of a text, and gives what stands before it.
    private mutating func taking(upTo end: StaticString, _ what: String) throws(FeedSyntaxError) -> ArraySlice<UInt8> {
        let begin = position
        let first = end.bytes[0]
        while let next = bytes[position...].firstIndex(of: first) {
            position = next
            if take(end) { return bytes[begin..<next] }
            position = next + 1
        }
        position = bytes.count
        throw error("it ends within \(what)")
    }

    /// Passes over white space, comments, processing instructions and a document type without declarations.
    private mutating func skipMarkup() throws(FeedSyntaxError) {
        while true {
            skipSpace()
            if take("<?") {
                _ = try taking(upTo: "?>", "a processing instruction")
            } else if take("<!--") {
                _ = try taking(upTo: "-->", "a comment")
            } else if take("<!DOCTYPE") {
                let declaration = try taking(upTo: ">", "its document type")
                guard !declaration.contains(UInt8(ascii: "[")) else {
                    throw error("its document type declares something, such as entities, which is refused")
                }
            } else {
                return
            }
        }
    }

    /// Reads an element whose `<` was taken.
    private mutating func element(_ outer: [String: String], depth: Int) throws(FeedSyntaxError) -> FeedElement {
        elements += 1
        guard depth < Self.depthLimit, elements <= Self.elementLimit else {
            throw error("its elements nest too deep, or are too many")
        }
        let tag = try name()
        let raw = try attributes()
        var namespaces = outer
        for (key, value) in raw {
            if key == "xmlns" { namespaces[""] = value }
            if key.hasPrefix("xmlns:") { namespaces[String(key.dropFirst(6))] = value }
        }
        guard namespaces.count <= Self.namespaceLimit else { throw error("it declares too many namespaces") }
        var element = FeedElement(name: try resolved(tag, namespaces, isAttribute: false))
        for (key, value) in raw where key != "xmlns" && !key.hasPrefix("xmlns:") {
            element.attributes[try resolved(key, namespaces, isAttribute: true)] = value
        }
        if take("/>") { return element }
        guard take(">") else { throw error("the tag '\(shown(tag))' is not closed") }
        try content(of: &element, tag, namespaces, depth)
        return element
    }

    private mutating func content(
        of element: inout FeedElement, _ tag: String, _ namespaces: [String: String], _ depth: Int
    ) throws(FeedSyntaxError) {
        var text: [UInt8] = []
        while position < bytes.count {
            if take("</") {
                guard try name() == tag else { throw error("'\(shown(tag))' is closed by another tag") }
                skipSpace()
                guard take(">") else { throw error("the end of '\(shown(tag))' is not closed") }
                element.text = String(decoding: text, as: UTF8.self)
                return
            } else if take("<![CDATA[") {
                text += try taking(upTo: "]]>", "a CDATA section")
            } else if take("<!--") {
                _ = try taking(upTo: "-->", "a comment")
            } else if take("<?") {
                _ = try taking(upTo: "?>", "a processing instruction")
            } else if take("<") {
                element.children.append(try self.element(namespaces, depth: depth + 1))
            } else if bytes[position] == UInt8(ascii: "&") {
                text += try reference()
            } else {
                text.append(bytes[position])
                position += 1
            }
        }
        throw error("it ends within '\(shown(tag))'")
    }

    private mutating func name() throws(FeedSyntaxError) -> String {
        let begin = position
        while position < bytes.count {
            let byte = bytes[position]
            let isEnd = byte <= 0x20 || "<>/=\"'&!?".utf8.contains(byte)
            if isEnd { break }
            position += 1
        }
        guard position > begin, position - begin < 500 else { throw error("no name stands here") }
        return String(decoding: bytes[begin..<position], as: UTF8.self)
    }

    private mutating func attributes() throws(FeedSyntaxError) -> [(String, String)] {
        var attributes: [(String, String)] = []
        var keys: Set<String> = []
        while true {
            skipSpace()
            if position >= bytes.count || isAt(">") || isAt("/>") { return attributes }
            let key = try name()
            skipSpace()
            guard take("=") else { throw error("the attribute '\(shown(key))' has no value") }
            skipSpace()
            guard position < bytes.count, bytes[position] == 0x22 || bytes[position] == 0x27 else {
                throw error("the value of '\(shown(key))' is not in quotes")
            }
            guard keys.insert(key).inserted else { throw error("the attribute '\(shown(key))' is written twice") }
            guard keys.count <= Self.attributeLimit else { throw error("an element has too many attributes") }
            attributes.append((key, try quotedValue()))
        }
    }

    private mutating func quotedValue() throws(FeedSyntaxError) -> String {
        let quote = bytes[position]
        position += 1
        var value: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            if byte == quote {
                position += 1
                return String(decoding: value, as: UTF8.self)
            } else if byte == UInt8(ascii: "&") {
                value += try reference()
            } else if byte == UInt8(ascii: "<") {
                throw error("a value of an attribute holds '<'")
            } else {
                value.append(byte)
                position += 1
            }
        }
        throw error("it ends within a value")
    }

    private mutating func reference() throws(FeedSyntaxError) -> [UInt8] {
        position += 1
        let rest = bytes[position...].prefix(12)
        guard let end = rest.firstIndex(of: UInt8(ascii: ";")) else { throw error("'&' begins no reference") }
        let word = String(decoding: bytes[position..<end], as: UTF8.self)
        let known = ["lt": "<", "gt": ">", "amp": "&", "quot": "\"", "apos": "'"]
        if let text = known[word] {
            position = end + 1
            return Array(text.utf8)
        }
        guard let scalar = scalar(of: word) else { throw error("the entity '&\(shown(word));' is not known") }
        position = end + 1
        return Array(String(Character(scalar)).utf8)
    }

    /// The character that a reference such as `#x41` or `#65` is of; nil where XML has none such.
    private func scalar(of word: String) -> Unicode.Scalar? {
        guard word.hasPrefix("#") else { return nil }
        let isHexadecimal = word.hasPrefix("#x")
        let digits = word.dropFirst(isHexadecimal ? 2 : 1)
        // Swift's numbers may have a sign, XML's have none.
        guard let first = digits.first, first != "+", first != "-",
            let number = UInt32(digits, radix: isHexadecimal ? 16 : 10), let scalar = Unicode.Scalar(number)
        else { return nil }
        let isCharacter = number >= 0x20 ? number != 0xFFFE && number != 0xFFFF : [0x09, 0x0A, 0x0D].contains(number)
        return isCharacter ? scalar : nil
    }

    private func resolved(
        _ name: String, _ namespaces: [String: String], isAttribute: Bool
    ) throws(FeedSyntaxError) -> FeedElement.Name {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            return FeedElement.Name(namespace: isAttribute ? "" : namespaces[""] ?? "", local: name)
        }
        guard let namespace = namespaces[parts[0]] else {
            throw error("the prefix '\(shown(parts[0]))' is bound to no namespace")
        }
        return FeedElement.Name(namespace: namespace, local: parts[1])
    }

    private func shown(_ text: String) -> String { clipped(oneLine(text), bytes: 100) }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
