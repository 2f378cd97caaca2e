import HotfixCore

/// Which services there are; of many, those that are not ready come first, and the list has parts.
struct ServicesPart {
    let readiness: Readiness
    let shown: Set<String>
    let now: Instant
    /// Which part of the list, from 1.
    let listing: Int

    /// How many services a part of the list has.
    private static let most = 50

    var html: HTML {
        let all = readiness.services
        let isLong = all.count > Self.most
        let parts = max(1, (all.count + Self.most - 1) / Self.most)
        let part = min(listing, parts)
        let first = isLong ? (part - 1) * Self.most : 0
        let listed = isLong ? Array(PageContents.worstFirst(all)[first..<min(all.count, first + Self.most)]) : all
        let caption =
            isLong
            ? "State of each service, the worst first: \(first + 1) to \(first + listed.count) of \(all.count)"
            : "State of each service"
        let table = HTML.table(
            caption,
            [
                TableHead("Service", .text), "State", "Proven", TableHead("Ready at the earliest", .when),
                TableHead("Judged until", .when),
            ], listed.map(row))
        return .part(
            "services", "Services", (isLong ? [summary] : []) + [table] + (isLong ? [leaves(part, of: parts)] : []))
    }

    private func row(_ service: ServiceReadiness) -> [HTML] {
        // What was possible once says nothing of when it will be.
        let earliest = service.earliestReady.flatMap { service.state == .ready || $0 > now ? $0 : nil }
        return [
            // What the configuration no longer has, has no page.
            shown.contains(service.name) || readiness.services.count > PageContents.mostServices
                ? HTML.link(service.name, to: .service(service.name)) : HTML(service.name),
            .word(service.state.shownWord, service.state.tone),
            HTML("\(hours(service.provenSeconds)) of \(hours(service.requiredSeconds))"),
            .time(earliest), .time(service.evaluatedUntil),
        ]
    }

    private var summary: HTML {
        let counts = Readiness.State.allCases.compactMap { state -> String? in
            let number = readiness.services.count { $0.state == state }
            return number == 0 ? nil : "\(number) \(state.shownWord)"
        }
        return .p(
            HTML(
                "Of \(count(readiness.services.count, "service")): \(counts.joined(separator: ", ")). "
                    + "The worst are shown below; each has a page of its own."))
    }

    private func leaves(_ part: Int, of parts: Int) -> HTML {
        .element(
            .nav, [.set(.ariaLabel, "Parts of the list of services")],
            [
                .element(
                    .ul, [],
                    (1...parts).map { number in
                        let link = PageLink(query: [(name: "services", value: String(number))], fragment: "services")
                        let here: [HTMLAttribute] = number == part ? [.set(.ariaCurrent, "page")] : []
                        let label = HTMLAttribute.set(.ariaLabel, "Part \(number) of the list of services")
                        return .element(.li, [], [.element(.a, [.href(link), label] + here, [HTML(String(number))])])
                    })
            ])
    }
}
