package import HotfixCore

/// Tells messages as lines of text, one each, of an announcement each of its own: on standard error, in the journal, in a file.
package struct OutputChannel: Channel {
    /// How lines are written.
    package enum Style: Sendable, Hashable {
        /// The text alone.
        case plain
        /// The text after the priority that journald reads from the line's beginning: `<3>` an error, `<4>` a warning, `<5>` a
        /// notice, `<6>` for information.
        case journald
    }

    package let name: String
    private let style: Style
    private let write: @Sendable (String) -> Void

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - name: Its name in the configuration.
    ///   - style: How lines are written.
    ///   - write: Takes one line, without its end.
    package init(name: String, style: Style, write: @escaping @Sendable (String) -> Void) {
        self.name = name
        self.style = style
        self.write = write
    }

    package func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome {
        let text = MessageText(delivery.message, tense: delivery.tense)
        // Names were made harmless with the text; this holds whatever comes into it.
        for line in text.isAsWritten ? text.headline.split(separator: "\n") : [text.headline[...]] {
            let line = oneLine(String(line))
            switch style {
            case .plain: write(line)
            case .journald: write("<\(priority(text.tone))>\(line)")
            }
        }
        return .delivered(receipt: nil)
    }

    package func examine(at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        diagnosis.pass(
            .channel(name), style == .journald ? "messages go to the journal" : "messages are written as lines of text")
        return diagnosis
    }

    private func priority(_ tone: MessageText.Tone) -> Int {
        switch tone {
        case .bad: 3
        case .warning: 4
        case .good: 5
        case .neutral: 6
        }
    }
}
