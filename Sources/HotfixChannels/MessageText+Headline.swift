import HotfixCore

extension MessageText {
    /// What happened, with its figures, as one sentence that stands alone: `Breach: latency-p95 of checkout was 0.31 s …`.
    ///
    /// Of an announcement, title and text with an empty line between them.
    var headline: String {
        if isAsWritten { return [title, sentence].filter { !$0.isEmpty }.joined(separator: "\n\n") }
        return sentence.hasPrefix(topic) ? title + sentence.dropFirst(topic.count) : "\(title). \(sentence)"
    }

    /// The links that a browser opens, without characters that a receiver's notation could take for its own.
    ///
    /// - Parameter longest: The most UTF-16 units of an address; longer ones are left out, since no part of one leads anywhere.
    /// - Returns: The links in their order.
    func webLinks(longest: Int) -> [MessageLink] {
        links.compactMap { link in
            let url = escaping(link.url, ["<": "%3C", ">": "%3E", "|": "%7C", "\"": "%22", " ": "%20"])
            let isWeb = url.hasPrefix("https://") || url.hasPrefix("http://")
            guard isWeb, url.utf16.count <= longest, oneLine(url) == url else { return nil }
            return MessageLink(label: oneLine(link.label), url: url)
        }
    }
}
