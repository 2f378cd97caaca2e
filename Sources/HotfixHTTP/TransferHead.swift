/// The head of an answer, put together line by line.
struct TransferHead {
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var arrivedAt: Double?

    /// Whether the head of the final answer is there.
    var isComplete: Bool { arrivedAt != nil }

    /// Whether the answer gives one length, a whole number, or none.
    var hasValidLength: Bool {
        let lengths = Set(HTTPHeaders(fields).all("Content-Length"))
        return lengths.count <= 1 && lengths.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// Takes one line; the blank one ends the head.
    mutating func take(_ bytes: UnsafeRawBufferPointer, now: () -> Double) {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // An interim answer, such as 103, is followed by another head.
            fields = []
            arrivedAt = nil
            return
        }
        guard arrivedAt == nil else { return }  // a trailer
        guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            if line.allSatisfy(\.isWhitespace) { arrivedAt = now() }
            return
        }
        let value = line.utf8[line.utf8.index(after: colon)...]
        fields.append((name: String(line[..<colon]), value: trimmed(Substring(value))))
    }

    private func trimmed(_ text: Substring) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }
}
