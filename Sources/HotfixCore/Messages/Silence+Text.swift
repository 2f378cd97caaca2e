extension Silence {
    /// What it is about.
    package var subject: String {
        switch (service, guardrail) {
        case (let service?, let guardrail?): Pair(service, guardrail).description
        case (let service?, nil): service
        case (nil, let guardrail?): "\(guardrail) of all services"
        case (nil, nil): "everything"
        }
    }

    /// What is silenced, until when, by whom and why, with texts from outside as they are.
    ///
    /// - Parameter end: How its end is written.
    /// - Returns: A text that may hold whatever people wrote.
    package func text(until end: String) -> String { "\(subject) until \(end), by \(by): \(reason) (silence \(id))" }
}

extension Acknowledgement {
    /// Who has seen the episode, and what they said, with texts from outside as they are.
    package var text: String { "acknowledged by \(by)" + (note.map { ": \($0)" } ?? "") }
}
