/// The HTTP client of the process: one for its life, so that connections are reused.
///
/// All transfers run on one thread of its own, which sleeps while there is nothing to do and starts with the
/// first call.
package final class HTTPClient: Sendable {
    private let mailbox: TransferMailbox
    private let agent: String
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Creates a client; nothing starts before the first call.
    ///
    /// - Parameters:
    ///   - limits: How much it does at once.
    ///   - agent: What it calls itself in `User-Agent`: `hotfix/VERSION`.
    ///   - wallClock: The time in seconds of unix time, called from any thread.
    ///   - sleep: How it waits between attempts.
    package init(
        limits: HTTPLimits = .init(),
        agent: String = "hotfix",
        wallClock: @escaping @Sendable () -> Double = systemWallClock,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        mailbox = TransferMailbox(limits: limits, now: wallClock)
        self.agent = agent
        self.sleep = sleep
    }

    deinit {
        mailbox.close()
    }

    /// Makes a call, with its retries and redirects.
    ///
    /// - Returns: The answer, whatever its status; after the last attempt also one that a retry was meant for.
    /// - Throws: ``HTTPError`` when there is no answer, `CancellationError` when the task is cancelled.
    package func send(_ call: HTTPCall) async throws -> HTTPAnswer {
        let target = try HTTPTarget(call.url)
        let clock = ContinuousClock()
        var spent = Duration.zero
        var attempt = 1
        while true {
            try Task.checkCancellation()
            let start = clock.now
            let outcome = try await outcome(
                of: call, at: target, within: min(call.deadline, max(call.retry.budget, call.deadline) - spent))
            spent += clock.now - start

            let answer = try? outcome.get()
            let wait = call.retry.wait(after: answer, attempt: attempt, jitter: .random(in: 0..<1))
            guard call.mayRepeat, attempt < call.retry.attempts, isTransient(outcome, call.retry),
                spent + wait < call.retry.budget
            else {
                var last = try outcome.get()
                last.attempts = attempt
                return last
            }
            try await sleep(wait)
            spent += wait
            attempt += 1
        }
    }

    /// Gives up all calls under way and ends the client's thread; returns when everything is freed.
    package func shutDown() async {
        mailbox.close()
        await mailbox.closed()
    }

    private func isTransient(_ outcome: Result<HTTPAnswer, HTTPError>, _ retry: HTTPRetry) -> Bool {
        switch outcome {
        case .success(let answer): retry.isTransient(answer)
        case .failure(let error): error.isTransient
        }
    }

    private func outcome(
        of call: HTTPCall,
        at target: HTTPTarget,
        within deadline: Duration
    ) async throws -> Result<HTTPAnswer, HTTPError> {
        do {
            let first = try TransferPlan(call, at: target, deadline: deadline, agent: agent)
            return .success(try await follow(first, mayFollow: call.mayFollow))
        } catch let error as HTTPError {
            return .failure(error)
        }
    }

    private func follow(_ first: TransferPlan, mayFollow: Bool) async throws -> HTTPAnswer {
        var plan = first
        var hops = 0
        while true {
            let result = try await mailbox.run(plan)
            guard mayFollow, [301, 302, 303, 307, 308].contains(result.status),
                let location = result.headers["Location"]
            else { return HTTPAnswer(result, from: plan.target) }
            hops += 1
            plan = try redirect(plan, to: location, hop: hops, spent: result.spent)
        }
    }

    private func redirect(
        _ plan: TransferPlan,
        to location: String,
        hop: Int,
        spent: Duration
    ) throws(HTTPError) -> TransferPlan {
        guard hop <= 5 else {
            throw HTTPError(
                .redirectRefused,
                "\(plan.subject): more than 5 redirects. Configure the address that answers."
            )
        }
        let next = try plan.target.redirected(to: location)
        guard plan.target.scheme != "https" || next.scheme == "https" else {
            throw HTTPError(
                .redirectRefused,
                "\(plan.subject): the redirect to '\(next.redacted)' would leave https."
                    + " Configure the https address that answers."
            )
        }
        return plan.redirected(to: next, deadline: plan.deadline - spent)
    }
}

extension HTTPAnswer {
    fileprivate init(_ result: TransferResult, from target: HTTPTarget) {
        self.init(
            status: result.status,
            headers: result.headers,
            body: result.body,
            url: target.redacted,
            sentAt: result.sentAt,
            headArrivedAt: result.headArrivedAt
        )
    }
}
