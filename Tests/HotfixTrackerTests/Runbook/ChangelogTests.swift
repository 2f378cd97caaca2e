import HotfixTestSupport
import Testing

@testable import HotfixTracker

@Suite("An entry of the changelog")
struct ChangelogTests {
    private func adding(_ entry: String = "New", to text: String) -> String {
        var changelog = Changelog(text)
        changelog.add(entry)
        return changelog.text
    }

    @Test("goes below Fixed of what is not released, behind the entries there")
    func fixed() {
        let text = """
            # Changelog

            ## [Unreleased]

            ### Added

            - A door

            ### Fixed

            - A window
              with two panes

            ## [1.0.0]

            ### Fixed

            - A wall

            """
        let expected = text.replacing("  with two panes\n", with: "  with two panes\n- New\n")
        #expect(adding(to: text) == expected)
    }

    @Test("makes that heading where there are others, and a list where there is none")
    func makes() {
        #expect(
            adding(to: "# C\n\n## Unreleased\n\n### Added\n\n- A\n\n## 1.0\n\n- B\n")
                == "# C\n\n## Unreleased\n\n### Added\n\n- A\n\n### Fixed\n\n- New\n\n## 1.0\n\n- B\n")
        #expect(adding(to: "# C\n\n## Unreleased\n\n## 1.0\n") == "# C\n\n## Unreleased\n\n- New\n\n## 1.0\n")
        #expect(adding(to: "# C\n\n## Unreleased\n") == "# C\n\n## Unreleased\n\n- New\n")
    }

    @Test("goes into the first section where none is called unreleased, and to the end without sections")
    func other() {
        #expect(adding(to: "# C\n\n## 1.0\n\n- A\n\n## 0.9\n") == "# C\n\n## 1.0\n\n- A\n- New\n\n## 0.9\n")
        #expect(adding(to: "# C\n") == "# C\n\n- New\n")
        #expect(adding(to: "- A\n") == "- A\n- New\n")
        #expect(adding(to: "\n") == "- New\n")
    }

    @Test("keeps the ends of lines as they are, and is found again")
    func endings() {
        let text = adding(to: "# C\r\n\r\n## Unreleased\r\n\r\n- A\r\n")
        #expect(text == "# C\r\n\r\n## Unreleased\r\n\r\n- A\r\n- New\r\n")
        #expect(Changelog(text).holds("New"))
        #expect(Changelog(text).holds("A"))
        #expect(!Changelog(text).holds("N"))
    }

    @Test("means nothing in Markdown, whatever a subject holds")
    func hostile() {
        #expect(
            changelogEntry(" Fix\n## [x](http://e.example) <b>`a`</b> a_b*c & \u{1B}[31m|~ ")
                == "Fix ## \\[x\\](http://e.example) &lt;b&gt;\\`a\\`&lt;/b&gt; a\\_b\\*c &amp; \u{FFFD}\\[31m\\|\\~")
        #expect(changelogEntry(String(repeating: "a", count: 5000)).utf8.count <= 1000)
    }

    @Test("is committed as git is set to commit: not at all where it could not be signed")
    func signed() async throws {
        try await withRepository { lab in
            let head = try await lab.files.commit("Keep a changelog", ["CHANGELOG.md": "# C\n\n## Unreleased\n"])
            let name = try branch("hotfix/x")
            try await lab.files.git("config", "commit.gpgSign", "true")
            try await lab.files.git("config", "gpg.program", "/bin/false")
            let error = try await gitError {
                try await lab.git.commit(changelogEntry: "New", upon: head, for: name)
            }
            #expect(error?.reason.contains("Mend what signs") == true, "\(error.map { $0.reason } ?? "")")
            try await lab.files.git("config", "commit.gpgSign", "false")
            let made = try await lab.git.commit(changelogEntry: "New", upon: head, for: name)
            #expect(try await lab.files.git("show", "\(made):CHANGELOG.md") == "# C\n\n## Unreleased\n\n- New")
            #expect(
                try await lab.files.git("log", "-1", "--format=%P %s", made)
                    == "\(head) Say in the changelog what hotfix/x mends")
        }
    }
}
