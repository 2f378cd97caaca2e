import HotfixCore

/// What stands around every page: its head, the bar above, the way past it, and the foot.
struct PageShell {
    let title: String
    let tone: Tone
    let frame: PageFrame
    let now: Instant
    /// Whether the page is replaced when a window was judged.
    let isLive: Bool
    var isSignedOut = false
    /// Whether the page tries again by itself to show what it should.
    var isWaiting = false

    func html(_ parts: [HTML]) -> HTML {
        let mode = isSignedOut ? "signed-out" : isWaiting ? "waiting" : isLive ? "on" : "off"
        return .document(head, bar + [main(parts), foot], bodyAttributes: [.set(.dataEvents, mode)])
    }

    private var head: [HTML] {
        [
            .element(.meta, [.set(.charset, "utf-8")]),
            .element(
                .meta, [.set(.name, "viewport"), .set(.content, "width=device-width, initial-scale=1")]),
            .element(.meta, [.set(.name, "color-scheme"), .set(.content, "light dark")]),
            .element(.title, [], [HTML(title)]),
            .element(.link, [.set(.rel, "icon"), .href(icon(tone))]),
            .element(.link, [.set(.rel, "stylesheet"), .href(PageSheet.style.link)]),
            .element(.script, [.src(PageSheet.script.link), .flag(.defer)]),
        ]
    }

    private var bar: [HTML] {
        var content: [HTML] = [
            .element(.a, [.class("brand"), .href(.home)], ["hotfix"]),
            .element(.span, [.class("asof")], ["As of ", .time(now)]),
        ]
        if let proof = frame.formProof ?? (frame.isSignedIn ? "" : nil) {
            content.append(
                .element(
                    .form, [.set(.method, "post"), .action(PageLink(["sign-out"]))],
                    [
                        .element(.input, [.set(.type, "hidden"), .set(.name, "proof"), .set(.value, proof)]),
                        .element(.button, [.class("plain"), .set(.type, "submit")], ["Sign out"]),
                    ]))
        } else if frame.isWritable {
            content.append(.link("Sign in", to: .signIn(next: frame.path)))
        }
        var bar: [HTML] = [.element(.a, [.class("skip"), .href(PageLink(fragment: "main"))], ["Skip to the content"])]
        if let banner = frame.banner { bar.append(.element(.div, [.class("banner")], [HTML(banner)])) }
        bar.append(.element(.header, [.class("top")], content))
        bar.append(
            .element(
                .div,
                [.class("lost"), .set(.role, "alert"), .set(.dataIcon, icon(.calm).text), .flag(.hidden)],
                ["The server has not said for a minute how it stands: this page may be out of date."]))
        guard isLive else { return bar }
        // What changed is said to whoever does not see it; it has to be there before it says something.
        bar.append(.element(.p, [.class("told"), .set(.role, "status")]))
        bar.append(
            .element(
                .noscript, [],
                [
                    .element(
                        .p, [.class("banner")],
                        [
                            "Without JavaScript this page stays as it was at ", .time(now),
                            ": load it again to see how it is.",
                        ])
                ]))
        return bar
    }

    private func main(_ parts: [HTML]) -> HTML {
        .element(.main, [.id("main"), .set(.tabindex, "-1"), .set(.dataMark, frame.mark)], parts)
    }

    private var foot: HTML {
        .element(
            .footer, [],
            [
                .p(
                    "Times are UTC. A window without a value never counts as clean. ",
                    .link("The API", to: PageLink(["api", "v1", "openapi.json"])), ".")
            ])
    }

    private func icon(_ tone: Tone) -> PageLink {
        switch tone {
        case .good:
            .picture(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='#1a7f37'/><path d='M4 8l3 3 5-6' fill='none' stroke='#fff' stroke-width='2'/></svg>"
            )
        case .bad:
            .picture(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path d='M8 0l8 8-8 8-8-8z' fill='#b42318'/></svg>"
            )
        case .warn:
            .picture(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path d='M8 1l7 14H1z' fill='#b54708'/></svg>"
            )
        case .busy:
            .picture(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='6' fill='none' stroke='#0b5cad' stroke-width='3'/></svg>"
            )
        case .calm:
            .picture(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect x='2' y='2' width='12' height='12' fill='#6e7781'/></svg>"
            )
        }
    }
}
