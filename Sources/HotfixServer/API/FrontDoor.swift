package import HotfixCore

/// Answers the calls to some of a server's addresses.
package protocol CallHandler: Sendable {
    /// Answers a call.
    ///
    /// - Parameter call: The call; nothing of it is believed yet but that it may be made by the name of the host.
    /// - Returns: The answer; nil where the address is none of this handler's.
    /// - Throws: ``APIProblem``, or an error that is told as one.
    func answer(_ call: APICall) async throws -> APIAnswer?

    /// Refuses a call for what its head alone says, before its body is read.
    ///
    /// - Throws: ``APIProblem`` where it is refused, whatever its body says.
    func refuse(_ head: APICall) throws
}

extension CallHandler {
    /// Refuses nothing before its body was read.
    package func refuse(_ head: APICall) throws {}
}

/// Where every call comes in, and every answer leaves: what holds for all addresses alike.
package struct FrontDoor: Sendable {
    /// Whatever a browser takes an answer for, it loads, runs and frames nothing.
    private static let contentPolicy =
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

    private let handlers: [any CallHandler]
    private let access: AccessRules
    private let now: @Sendable () -> Instant
    private let problem: @Sendable (any Error) -> APIProblem

    /// Makes a door.
    ///
    /// - Parameters:
    ///   - handlers: Who answers; asked in this order, until one does.
    ///   - access: Who may do what; here it is by which name of the host one may call.
    ///   - now: The clock that answers show.
    ///   - problem: How an error is told that is no ``APIProblem``.
    package init(
        _ handlers: [any CallHandler], access: AccessRules, now: @escaping @Sendable () -> Instant,
        problem: @escaping @Sendable (any Error) -> APIProblem
    ) {
        self.handlers = handlers
        self.access = access
        self.now = now
        self.problem = problem
    }

    /// Answers a call, whatever it is.
    package func answer(_ call: APICall) async -> APIAnswer {
        let answer: APIAnswer
        do {
            answer = try await answered(call)
        } catch {
            answer = (error as? APIProblem ?? problem(error)).answer
        }
        return finished(answer, to: call)
    }

    /// The answer to a call that is refused for what its head alone says; nil where its body matters.
    func refusal(_ head: APICall) -> APIAnswer? {
        do {
            try access.checkHost(head.headers)
            for handler in handlers { try handler.refuse(head) }
            return nil
        } catch {
            return finished((error as? APIProblem ?? problem(error)).answer, to: head)
        }
    }

    /// An answer with what all answers say.
    func finished(_ answer: APIAnswer, to call: APICall? = nil) -> APIAnswer {
        var answer = answer
        if let nonce = call?.headers[APIMark.nonceHeader.lowercased()], APIMark.isNonce(nonce) {
            answer.headers.append((APIMark.nonceHeader, nonce))
        }
        answer.headers += [(APIMark.header, APIMark.version), (APIMark.clockHeader, now().description)]
        let usual = [
            ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
            ("Content-Security-Policy", Self.contentPolicy), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Cache-Control", "no-store"),
        ]
        for (name, value) in usual where !answer.headers.contains(where: { $0.name == name }) {
            answer.headers.append((name, value))
        }
        return answer
    }

    private func answered(_ call: APICall) async throws -> APIAnswer {
        try access.checkHost(call.headers)
        for handler in handlers { if let answer = try await handler.answer(call) { return answer } }
        throw APIProblem(404, "There is nothing at this address. What there is: /api/v1/openapi.json")
    }
}
