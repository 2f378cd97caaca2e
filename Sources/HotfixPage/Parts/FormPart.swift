import HotfixCore

/// The forms by which something is stated, and the commands that state the same.
struct FormPart {
    let frame: PageFrame

    /// The form that acknowledges an episode.
    func acknowledge(_ episode: Episode) -> HTML {
        let id = "ack-\(slug(episode.id))"
        return entry(
            "Acknowledge", to: PageLink(["ack"]), command: "hotfix ack \(quotedForShell(episode.id)) --by NAME",
            fields: [
                hidden("episode", episode.id),
                input("by", "Your name", id: "\(id)-by", isRequired: true, complete: "name"),
                input("note", "Note (optional)", id: "\(id)-note"),
            ], label: "Acknowledge the episode of \(episode.pair)")
    }

    /// The form that silences messages.
    func silence(_ services: [String], _ guardrails: [String]) -> HTML {
        func choices(_ names: [String], all: String) -> [HTML] {
            [.element(.option, [.set(.value, "")], [HTML(all)])]
                + names.map { .element(.option, [.set(.value, $0)], [HTML($0)]) }
        }
        func select(_ name: String, _ label: String, _ options: [HTML]) -> HTML {
            .element(
                .label, [.set(.for, "silence-\(name)")],
                [HTML(label), .element(.select, [.id("silence-\(name)"), .set(.name, name)], options)])
        }
        return entry(
            "Silence", to: PageLink(["silence"]),
            command: "hotfix silence --service NAME --for 2h --reason TEXT --by NAME",
            fields: [
                select("service", "Service", choices(services, all: "all services")),
                select("guardrail", "Guardrail", choices(guardrails, all: "all guardrails")),
                input("for", "For how long (30m, 2h, 1d)", id: "silence-for", isRequired: true),
                input("reason", "Reason", id: "silence-reason", isRequired: true),
                input("by", "Your name", id: "silence-by", isRequired: true, complete: "name"),
            ], label: "Silence messages")
    }

    /// A form, or where whoever reads may not write, what they can do instead.
    private func entry(_ title: String, to action: PageLink, command: String, fields: [HTML], label: String) -> HTML {
        guard let proof = frame.formProof else {
            let way: [HTML] =
                frame.isWritable
                ? [
                    .link("Sign in", to: .signIn(next: frame.path)),
                    HTML(" with the server's write token to do this here, or run "),
                ] : [HTML("To do this, run ")]
            return .element(.p, [.class("muted small")], way + [.code(command)])
        }
        return .element(
            .form, [.class("entry"), .set(.method, "post"), .action(action), .set(.ariaLabel, label)],
            [hidden("proof", proof)] + fields + [.element(.button, [.set(.type, "submit")], [HTML(title)])])
    }

    private func hidden(_ name: String, _ value: String) -> HTML {
        .element(.input, [.set(.type, "hidden"), .set(.name, name), .set(.value, value)])
    }

    private func input(
        _ name: String, _ label: String, id: String, isRequired: Bool = false, complete: String = "off"
    ) -> HTML {
        let attributes: [HTMLAttribute] =
            [
                .id(id), .set(.type, "text"), .set(.name, name), .set(.maxlength, "500"),
                .set(.autocomplete, complete),
            ] + (isRequired ? [.flag(.required)] : [])
        return .element(.label, [.set(.for, id)], [HTML(label), .element(.input, attributes)])
    }
}
