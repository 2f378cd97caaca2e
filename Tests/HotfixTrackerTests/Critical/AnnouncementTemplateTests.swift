import HotfixCore
import Testing

@testable import HotfixTracker

private let values: [String: AnnouncementTemplate.Value] = [
    "version": .init("v1.0.1-hotfix1", origin: "'hotfix release'"), "fix": .init(nil, origin: "--fix"),
    "issue": .init("{version} } and {nothing}", origin: "--issue"),
    "long": .init(String(repeating: "é", count: 4001), origin: "--long"),
    "lines": .init("a\nb", origin: "--lines"),
]

@Suite("The template of an announcement")
struct AnnouncementTemplateTests {
    private func filled(_ text: String) throws -> Announcement {
        try AnnouncementTemplate(text, file: "note.md").filled(with: values)
    }

    @Test("places are filled once, and what is filled in is not looked at again")
    func filling() throws {
        #expect(
            try filled("Upgrade to {version}\n\n\nWhat: {issue}\nSee {{this}}.\n\n")
                == Announcement(
                    title: "Upgrade to v1.0.1-hotfix1", text: "What: {version} } and {nothing}\nSee {this}."))
    }

    @Test("the marks and line ends of Windows are none of the text")
    func windows() throws {
        #expect(try filled("\u{FEFF}Title\r\n\r\none\r\ntwo\r\n") == Announcement(title: "Title", text: "one\ntwo"))
        #expect(try filled("Title") == Announcement(title: "Title", text: ""))
    }

    @Test(
        "what is wrong is named with its line",
        arguments: [
            ("", "note.md:1: the first line is empty. It is the title: say there what this is about."),
            ("\n \nx", "note.md:1: the first line is empty. It is the title: say there what this is about."),
            (
                "T\n\n{Version}",
                "note.md:3: '{Version}' is no placeholder. There are: fix, issue, lines, long, version; write {{ where a brace itself is meant."
            ),
            (
                "T\n{ version }",
                "note.md:2: '{ version }' is no placeholder. There are: fix, issue, lines, long, version; write {{ where a brace itself is meant."
            ),
            ("T\n{fix}", "note.md:2: nothing is known for '{fix}'. Give it by --fix."),
            ("T\na { b", "note.md:2: a brace stands alone. Write {{ or }} where a brace itself is meant."),
            ("T\na } b", "note.md:2: a brace stands alone. Write {{ or }} where a brace itself is meant."),
            (
                "T {lines}",
                "note.md:1: the title is empty or has a line break once it is filled in. Shorten what is filled in."
            ),
            ("{long}", "note.md:1: the title is longer than 200 characters. Shorten it."),
            (
                "T\n{long}",
                "note.md:2: the announcement is longer than 8000 bytes, so not every channel could tell it whole. Shorten it, and link to the rest."
            ),
        ])
    func faults(text: String, expected: String) {
        #expect(throws: AnnouncementTemplate.Fault(description: expected)) { try filled(text) }
    }
}
