import CCurl

/// What a mail server said to one command.
package struct SMTPReply: Sendable, Hashable {
    /// Its number: 200 and above for yes, 400 and above for not now, 500 and above for no.
    package var code: Int
    /// Its lines without the number.
    package var lines: [String]

    /// Creates a reply.
    package init(code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    /// The number and the lines as one, at most 300 characters: text from outside, control characters included.
    package var text: String { "\(code) \(lines.joined(separator: " ").prefix(300))" }
}

/// The replies of one transaction, put together line by line.
struct SMTPReplies: Sendable {
    private(set) var all: [SMTPReply] = []
    private var open: [String] = []

    /// Takes one line; the last of a reply has a space behind its number.
    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        var line = Substring(String(decoding: bytes.prefix(1000), as: UTF8.self))
        while line.last?.isNewline == true { line.removeLast() }
        guard let code = Int(line.prefix(3)), (200..<600).contains(code) else { return }
        // No honest server says more than this to one command.
        if open.count < 100 { open.append(String(line.dropFirst(4))) }
        guard line.dropFirst(3).first != "-" else { return }
        all.append(SMTPReply(code: code, lines: open))
        open = []
    }
}

/// How a transaction with a mail server went.
struct SMTPExchange: Sendable {
    var code: CURLcode
    /// Curl's own words, free of secrets.
    var text: String
    /// What the server said, free of secrets.
    var replies: [SMTPReply]
    /// How many replies there were when the mail had been handed over to its last byte; nil where it was not.
    var repliesBeforeEnd: Int?

    /// What the server said to the whole mail.
    var verdict: SMTPReply? { repliesBeforeEnd.flatMap { replies.dropFirst($0).first } }
}
