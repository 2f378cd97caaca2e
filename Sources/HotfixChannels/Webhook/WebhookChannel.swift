import HotfixCalls
package import HotfixCore
package import HotfixHTTP

/// Tells messages to any receiver that takes CloudEvents by HTTP, signed as Standard Webhooks says.
///
/// What is sent has the same `id` in every attempt, so that the receiver can tell a repeat; time and signature are those of the attempt.
package struct WebhookChannel: Channel {
    package let name: String
    private let url: String
    private let secret: Secret?
    private let previousSecret: Secret?
    private let headers: [(name: String, value: Secret)]
    private let tls: HTTPTLS
    private let client: HTTPClient

    /// Makes a channel.
    ///
    /// - Parameters:
    ///   - name: Its name in the configuration.
    ///   - url: Where messages go: https, and http only on this machine.
    ///   - secret: What they are signed with, `whsec_` and Base64; without one they are not signed.
    ///   - previousSecret: The secret before it, with which they are signed too until every receiver knows the new one.
    ///   - headers: More headers, such as `Authorization`.
    ///   - tls: Whom to trust.
    ///   - client: Who makes the requests.
    package init(
        name: String, url: String, secret: Secret? = nil, previousSecret: Secret? = nil,
        headers: [(name: String, value: Secret)] = [], tls: HTTPTLS = .init(), client: HTTPClient
    ) {
        self.name = name
        self.url = url
        self.secret = secret
        self.previousSecret = previousSecret
        self.headers = headers
        self.tls = tls
        self.client = client
    }

    package func deliver(_ delivery: Delivery, at now: Instant) async -> DeliveryOutcome {
        let fault: Fault
        do throws(Fault) {
            try checkAddress()
            let event = WebhookEvent(delivery)
            var fields = plainHeaders
            fields.append((name: "webhook-id", value: event.id))
            fields.append((name: "webhook-timestamp", value: String(now.seconds)))
            let signatures = try keys().map { $0.signature(id: event.id, timestamp: now, body: event.body) }
            if !signatures.isEmpty {
                fields.append((name: "webhook-signature", value: signatures.joined(separator: " ")))
            }
            let call = call(
                .post, .bytes(event.body, type: "application/cloudevents+json; charset=utf-8"), headers: fields)
            return await call.outcome(through: client) { outcome($0, of: call) }
        } catch {
            fault = error
        }
        return .misconfigured(reason: fault.what, remedy: fault.remedy)
    }

    package func examine(at now: Instant) async -> Diagnosis {
        var diagnosis = Diagnosis()
        let subject = Finding.Subject.channel(name)
        do throws(Fault) {
            try checkAddress()
            let keys = try keys()
            examine(keys, &diagnosis)
        } catch {
            diagnosis.findings.append(Finding(.problem, error.code, subject, error.what, remedy: error.remedy))
            return diagnosis
        }
        let call = call(.head, nil, headers: plainHeaders)
        do throws(ReceiverFailure) {
            _ = try await call.send(through: client)
            diagnosis.pass(subject, "\(call.receiver) can be reached")
        } catch {
            switch error.code {
            // Whoever takes only POST may answer anything to HEAD.
            case .serverFailed, .rateLimited: diagnosis.pass(subject, "\(call.receiver) can be reached")
            default: diagnosis.findings.append(error.finding(about: subject))
            }
        }
        diagnosis.leaveOut(
            subject, "whether the webhook takes messages, since it can be asked nothing without being told something",
            remedy: "Run `hotfix alerts test` to send it a test message.")
        return diagnosis
    }

    private func examine(_ keys: [WebhookSecret], _ diagnosis: inout Diagnosis) {
        let subject = Finding.Subject.channel(name)
        if keys.isEmpty {
            diagnosis.findings.append(
                Finding(
                    .note, .unsigned, subject,
                    "Messages are not signed, so the receiver cannot tell who sent them.",
                    remedy: "Give the channel a secret that the receiver knows, or protect the receiver otherwise."))
        } else if !keys.allSatisfy(\.isOfUsualLength) {
            diagnosis.findings.append(
                Finding(
                    .warning, .unusableSecret, subject,
                    "A secret is not 24 to 64 bytes long, so receivers may refuse it.",
                    remedy: "Make one by: echo whsec_$(head -c 32 /dev/urandom | base64)"))
        } else {
            diagnosis.pass(subject, keys.count == 1 ? "the secret is well-formed" : "both secrets are well-formed")
        }
    }
}

extension WebhookChannel {
    /// What is wrong with the configuration.
    private struct Fault: Error {
        let code: FindingCode
        let what: String
        let remedy: String
    }

    private var plainHeaders: [(name: String, value: String)] { headers.map { ($0.name, $0.value.value) } }

    private func call(
        _ method: HTTPCall.Method, _ body: ReceiverCall.Body?, headers: [(name: String, value: String)]
    ) -> ReceiverCall {
        ReceiverCall(
            method, url, body, headers: headers, tls: tls,
            hiding: self.headers.map(\.value) + [secret, previousSecret].compactMap(\.self))
    }

    private func checkAddress() throws(Fault) {
        guard let origin = shownOrigin(of: url) else {
            throw Fault(
                code: .notTheAPI,
                what: "The webhook's address is not an http or https address.",
                remedy: "Give the channel a full https address.")
        }
        guard origin.hasPrefix("https://") || isThisMachine(origin) else {
            throw Fault(
                code: .notTheAPI,
                what:
                    "The webhook's address \(origin) is not https, so anybody on the way could read and change messages.",
                remedy: "Give the channel an https address; http is taken for this machine only.")
        }
    }

    private func isThisMachine(_ origin: String) -> Bool {
        let host = origin.drop { $0 != "/" }.dropFirst(2)
        return host.wholeMatch(of: /(localhost|\[::1\]|127(\.\d{1,3}){3})(:\d+)?/) != nil
    }

    /// What is signed with, the newest first.
    private func keys() throws(Fault) -> [WebhookSecret] {
        var keys: [WebhookSecret] = []
        for secret in [secret, previousSecret].compactMap(\.self) {
            guard let key = WebhookSecret(secret) else {
                throw Fault(
                    code: .unusableSecret, what: "A secret of the webhook is not `whsec_` and Base64.",
                    remedy: "Copy the secret again from where the receiver shows it.")
            }
            keys.append(key)
        }
        return keys
    }

    /// Whether whoever answers shows people a page; many a receiver calls a plain word HTML too.
    private func isLogin(_ answer: HTTPAnswer) -> Bool {
        let start = String(decoding: answer.body.prefix(1000), as: UTF8.self).lowercased()
            .drop { $0.isWhitespace || $0 == "\u{FEFF}" }
        let isHTML = answer.contentType?.lowercased().hasPrefix("text/html") == true
        return start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || isHTML && start.hasPrefix("<")
    }

    private func outcome(_ answer: HTTPAnswer, of call: ReceiverCall) -> DeliveryOutcome {
        let said = call.shown(answer)
        switch answer.status {
        case 200..<300 where !isLogin(answer): return .delivered(receipt: nil)
        case 200..<300:
            return .misconfigured(
                reason: "\(said). That is a web page, such as a login.",
                remedy: "Configure the receiver's own address, and let hotfix pass what stands before it.")
        case 401, 403:
            return .misconfigured(
                reason: "\(said).",
                remedy:
                    "Give the channel the secret and the headers that the receiver wants, and see that both clocks are right."
            )
        case 404, 405:
            return .misconfigured(
                reason: "\(said).", remedy: "Correct the channel's address: it takes no messages.")
        case 410:
            return .misconfigured(
                reason: "\(said). The receiver wants no more messages.",
                remedy: "Remove the channel, or give it the receiver's new address.")
        case 415:
            return .misconfigured(
                reason: "\(said).", remedy: "Have the receiver take CloudEvents: application/cloudevents+json.")
        default: return .refused(reason: "\(said).")
        }
    }
}
