import HotfixCore

/// A small picture of a state: its word beside its colour.
struct Badge {
    /// How long it may be shown without asking anew, in seconds.
    static let shownFor: Seconds = 30

    private let word: String
    private let colour: String

    /// Makes the badge of a state; nil stands for one that is not known.
    init(_ state: Readiness.State?) {
        switch state {
        case .ready: (word, colour) = ("ready", "#1a7f37")
        case .counting: (word, colour) = ("counting", "#0969da")
        case .breaching: (word, colour) = ("breaching", "#cf222e")
        case .blind: (word, colour) = ("blind", "#9a6700")
        case .notDeployed: (word, colour) = ("not deployed", "#57606a")
        case nil: (word, colour) = ("unknown", "#57606a")
        }
    }

    /// The picture.
    var svg: String {
        let label = "hotfix"
        let (left, right) = (width(label), width(word))
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="20" role="img" aria-label="\(label): \(word)">\
            <title>\(label): \(word)</title>\
            <rect width="\(left)" height="20" fill="#24292f"/>\
            <rect x="\(left)" width="\(right)" height="20" fill="\(colour)"/>\
            <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">\
            <text x="\(left / 2)" y="14">\(label)</text><text x="\(left + right / 2)" y="14">\(word)</text></g></svg>

            """
    }

    /// About as wide as the text is in these fonts, with some room on both sides.
    private func width(_ text: String) -> Int { 7 * text.count + 12 }
}
