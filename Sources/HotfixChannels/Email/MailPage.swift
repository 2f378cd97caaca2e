import HotfixCore

/// The text of a mail: words and figures, bars, links.
func mailText(_ text: MessageText, bars: String) -> String {
    let width = text.lines.map(\.label.count).max() ?? 0
    var blocks = [[text.title], [text.sentence].filter { !$0.isEmpty }]
    blocks.append(
        text.lines.map { line in
            line.label + String(repeating: " ", count: width - line.label.count + 2) + line.value
        })
    blocks.append(bars.split(whereSeparator: \.isNewline).prefix(10).map { clipped(oneLine(String($0)), units: 200) })
    blocks.append(links(text).map { "\($0.label): \($0.url)" })
    return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
}

/// The same as a page: no background of its own, so that it is read on dark and on light, and nothing loaded from elsewhere.
func mailPage(_ text: MessageText, picture: (cid: String, alternative: String)?) -> String {
    let figures = text.lines.map { line in
        """
        <tr><th scope="row" style="padding:2px 16px 2px 0;text-align:left;vertical-align:top;font-weight:normal;opacity:0.7">\
        \(escaped(line.label))</th><td style="padding:2px 0;vertical-align:top">\(escaped(line.value))</td></tr>
        """
    }
    let image = picture.map { picture in
        """
        <p style="margin:12px 0"><img src="cid:\(picture.cid)" alt="\(escaped(picture.alternative))" \
        width="640" style="max-width:100%;height:auto"></p>
        """
    }
    let pages = links(text).map { link in
        "<p style=\"margin:4px 0\"><a href=\"\(escaped(link.url))\">\(escaped(link.label))</a></p>"
    }
    let lines =
        [
            """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
            <meta name="supported-color-schemes" content="light dark"><title>\(escaped(text.title))</title></head>
            <body style="margin:0;padding:16px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;\
            font-size:15px;line-height:1.45">
            <div style="border-left:4px solid \(colour(text.tone));padding-left:14px;max-width:680px">
            <h1 style="font-size:18px;margin:0 0 8px 0">\(escaped(text.title))</h1>
            <p style="margin:0 0 12px 0\(text.isAsWritten ? ";white-space:pre-wrap" : "")">\(escaped(text.sentence))</p>
            <table style="border-collapse:collapse;font-size:14px">
            """
        ] + figures + ["</table>"] + [image].compactMap(\.self) + pages + ["</div></body></html>"]
    return lines.joined(separator: "\n") + "\n"
}

/// What a picture shows, for whoever does not see it.
func pictureWords(_ plot: Plot) -> String {
    let breaches = plot.spans(of: .breach).suffix(3).map { "breach from \($0.start) to \($0.end)" }
    let words = ["\(clipped(oneLine(plot.title), units: 200)) from \(plot.start) to \(plot.end)"] + breaches
    return words.joined(separator: "; ")
}

/// The pages that help, as many and as long as a mail bears.
private func links(_ text: MessageText) -> [MessageLink] {
    text.links.prefix(5).compactMap { link in
        let url = oneLine(link.url)
        guard url == link.url, url.utf8.count <= 1000, url.hasPrefix("https://") || url.hasPrefix("http://"),
            !url.contains(where: \.isWhitespace)
        else { return nil }
        return MessageLink(label: clipped(oneLine(link.label), units: 120), url: url)
    }
}

private func escaped(_ text: String) -> String {
    escaping(text, ["&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;", "'": "&#39;"])
}

private func colour(_ tone: MessageText.Tone) -> String {
    switch tone {
    case .bad: "#c62828"
    case .warning: "#c77700"
    case .good: "#2e7d32"
    case .neutral: "#607d8b"
    }
}
