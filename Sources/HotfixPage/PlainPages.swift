package import HotfixCore

/// The page that asks for a token.
package struct SignInPage: Sendable {
    /// Why whoever reads is asked.
    package enum Occasion: Sendable, Hashable {
        /// They may not read without.
        case reading
        /// They want to write.
        case writing
        /// The token that they gave is none.
        case refused
        /// Too many tokens were tried.
        case tooMany
    }

    private let occasion: Occasion
    private let next: String
    private let frame: PageFrame
    private let now: Instant

    /// Makes the page.
    ///
    /// - Parameters:
    ///   - occasion: Why.
    ///   - next: The path that it leads to then.
    ///   - frame: Whom it is for.
    ///   - now: The instant that it is of.
    package init(_ occasion: Occasion, next: String, in frame: PageFrame, now: Instant) {
        self.occasion = occasion
        self.next = next
        self.frame = frame
        self.now = now
    }

    /// The document.
    package var html: HTML {
        let form = HTML.element(
            .form,
            [.class("entry"), .set(.method, "post"), .action(PageLink(["sign-in"])), .set(.ariaLabel, "Sign in")],
            [
                .element(.input, [.set(.type, "hidden"), .set(.name, "next"), .set(.value, next)]),
                .element(
                    .label, [.set(.for, "token")],
                    [
                        "Token",
                        .element(
                            .input,
                            [
                                .id("token"), .set(.type, "password"), .set(.name, "token"),
                                .set(.autocomplete, "current-password"), .flag(.required),
                            ]),
                    ]),
                .element(.button, [.set(.type, "submit")], ["Sign in"]),
            ])
        return PageShell(
            title: "Sign in · hotfix", tone: .calm, frame: frame, now: now, isLive: false,
            isSignedOut: occasion == .reading
        ).html([
            .element(
                .section, [.id("sign-in"), .set(.ariaLabelledBy, "sign-in-title")],
                [
                    .element(.h1, [.id("sign-in-title")], ["Sign in"]), .p(HTML(text)), form,
                    .muted(
                        "Whoever runs the server knows its tokens: ", .code("serve.read_token"), " reads, ",
                        .code("serve.write_token"), " also acknowledges and silences."),
                ])
        ])
    }

    private var text: String {
        switch occasion {
        case .reading: "This server shows its pages to whoever has one of its tokens."
        case .writing: "To acknowledge and to silence here, give the server's write token."
        case .refused: "That is none of the server's tokens."
        case .tooMany: "Too many tokens were tried. Wait a minute, and try again."
        }
    }
}

/// The page that tells why something could not be shown or done.
package struct ProblemPage: Sendable {
    private let title: String
    private let text: String
    private let isQuestion: Bool
    private let isPassing: Bool
    private let frame: PageFrame
    private let now: Instant

    /// Makes the page.
    ///
    /// - Parameters:
    ///   - title: What is the matter, in a few words.
    ///   - text: What happened, to what, and what to do next.
    ///   - isQuestion: Whether something was to be shown, and nothing to be done.
    ///   - isPassing: Whether what was to be shown may be shown later, so that the page waits for it.
    ///   - frame: Whom it is for.
    ///   - now: The instant that it is of.
    package init(
        _ title: String, _ text: String, isQuestion: Bool = false, isPassing: Bool = false, in frame: PageFrame,
        now: Instant
    ) {
        self.title = title
        self.text = text
        self.isQuestion = isQuestion
        self.isPassing = isPassing
        self.frame = frame
        self.now = now
    }

    /// The document.
    package var html: HTML {
        PageShell(
            title: "\(title) · hotfix", tone: .warn, frame: frame, now: now, isLive: false, isWaiting: isPassing
        ).html([
            .element(
                .section, [.id("problem"), .class("state is-warn"), .set(.ariaLabelledBy, "problem-title")],
                [
                    .element(
                        .h1, [.id("problem-title")],
                        [.word(isQuestion ? "not shown" : "not done", .warn), .element(.span, [], [HTML(title)])]),
                    .p(HTML(text)), .p(.link("To the hotfix", to: .home)),
                ])
        ])
    }
}
