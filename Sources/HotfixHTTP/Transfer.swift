import CCurl

/// What a transfer brought.
struct TransferResult: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: [UInt8]
    var sentAt: Double
    var headArrivedAt: Double
    /// From leaving the queue to the last byte.
    var spent: Duration
    /// How a mail went, whatever came of it; nil for anything else.
    var mail: SMTPExchange?
}

/// One curl handle at work, with all memory that curl reads or writes meanwhile.
///
/// Lives on the transfer thread alone. Curl holds an unretained pointer to it, so the loop keeps it until the
/// handle has left the multi handle.
final class Transfer {
    let plan: TransferPlan
    let handle: UnsafeMutableRawPointer
    private let now: @Sendable () -> Double
    private let errorText: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private var head = TransferHead()
    private var replies = SMTPReplies()
    private var given = 0
    private var repliesBeforeEnd: Int?
    private var body: [UInt8] = []
    private var overflowed = false
    private var isCut = false
    private var sentAt: Double?
    private let startedAt: Double

    init(_ plan: TransferPlan, now: @escaping @Sendable () -> Double) throws(HTTPError) {
        guard let handle = curl_easy_init() else {
            throw HTTPError(.resources, "libcurl could not allocate a transfer. Check the free memory.")
        }
        self.plan = plan
        self.handle = handle
        self.now = now
        startedAt = now()
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let refused = configure()
        guard refused.isEmpty else {
            throw HTTPError(
                .resources,
                "libcurl refused to set up \(plan.subject). Check that it is 7.88 or newer and built with OpenSSL.",
                cause: "options \(refused.map(String.init).joined(separator: ", "))"
            )
        }
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
        errorText.deallocate()
    }

    /// Turns curl's verdict into an answer or an error.
    func finish(_ code: CURLcode) -> Result<TransferResult, HTTPError> {
        if plan.mail != nil { return .success(mailResult(code)) }
        // Curl takes a head that ends early for a whole one, and reads "1x" as a length of 1.
        var code = code == CURLE_OK && !head.isComplete ? CURLE_PARTIAL_FILE : code
        if isCut, head.isComplete, code == CURLE_WRITE_ERROR { code = CURLE_OK }
        guard code == CURLE_OK, head.hasValidLength else {
            let failure = CurlFailure(
                code: code == CURLE_OK ? CURLE_WEIRD_SERVER_REPLY : code,
                text: plan.secrets.scrubbed(String(cString: errorText)),
                wasSent: sentAt != nil,
                headArrived: head.isComplete,
                overflowed: overflowed
            )
            return .failure(failure.error(for: plan))
        }
        var status = 0
        var microseconds: curl_off_t = 0
        _ = hotfix_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
        _ = hotfix_getinfo_off(handle, CURLINFO_TOTAL_TIME_T, &microseconds)
        return .success(
            TransferResult(
                status: status,
                headers: HTTPHeaders(head.fields),
                body: body,
                sentAt: sentAt ?? startedAt,
                headArrivedAt: head.arrivedAt ?? now(),
                spent: .microseconds(Int64(microseconds))
            )
        )
    }

    private func mailResult(_ code: CURLcode) -> TransferResult {
        let replies = replies.all.map { reply in
            SMTPReply(code: reply.code, lines: reply.lines.map(plan.secrets.scrubbed))
        }
        let text = plan.secrets.scrubbed(String(cString: errorText))
        return TransferResult(
            status: replies.last?.code ?? 0, headers: HTTPHeaders([]), body: [], sentAt: startedAt,
            headArrivedAt: now(), spent: .zero,
            mail: SMTPExchange(code: code, text: text, replies: replies, repliesBeforeEnd: repliesBeforeEnd))
    }

    fileprivate func takeHead(_ bytes: UnsafeRawBufferPointer) {
        if plan.mail == nil { head.take(bytes, now: now) } else { replies.take(bytes) }
    }

    /// Copies the next bytes of the mail; none left is its end.
    func giveMail(_ room: UnsafeMutableRawBufferPointer) -> Int {
        let next = plan.mail?.mail?.dropFirst(given).prefix(room.count) ?? []
        room.copyBytes(from: next)
        given += next.count
        // Curl knows the size and asks for no end once it has it all.
        if given == plan.mail?.mail?.count, repliesBeforeEnd == nil { repliesBeforeEnd = replies.all.count }
        return next.count
    }

    fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if let sink = plan.sink {
            var status = 0
            _ = hotfix_getinfo_long(handle, CURLINFO_RESPONSE_CODE, &status)
            if sink.wants(status, HTTPHeaders(head.fields)) { return sink.take(Array(bytes)) }
        }
        guard bytes.count <= plan.bodyLimit - body.count else {
            isCut = plan.cutsBody
            overflowed = !plan.cutsBody
            if isCut { body.append(contentsOf: bytes.prefix(plan.bodyLimit - body.count)) }
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    fileprivate func markSent() { sentAt = now() }

    /// - Returns: The numbers of the options that curl refused.
    private func configure() -> [UInt32] {
        var options = TransferOptions(handle)
        let context = Unmanaged.passUnretained(self).toOpaque()
        options.set(CURLOPT_NOSIGNAL, 1)
        // A cancelled transfer must not hold up the others until its name is resolved.
        options.set(CURLOPT_QUICK_EXIT, 1)
        options.set(CURLOPT_URL, plan.target.url)
        // What stays on this machine is nobody else's to see, whatever the environment says of proxies.
        options.set(CURLOPT_NOPROXY, plan.target.isLoopback ? "*" : nil as String?)
        options.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        options.set(CURLOPT_TIMEOUT_MS, milliseconds(plan.deadline))
        options.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(plan.connectDeadline))
        options.check(CURLOPT_ERRORBUFFER, hotfix_setopt_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        options.check(CURLOPT_PRIVATE, hotfix_setopt_pointer(handle, CURLOPT_PRIVATE, context))
        options.check(CURLOPT_HEADERFUNCTION, hotfix_setopt_data_callback(handle, CURLOPT_HEADERFUNCTION, onHead))
        options.check(CURLOPT_HEADERDATA, hotfix_setopt_pointer(handle, CURLOPT_HEADERDATA, context))
        options.check(CURLOPT_WRITEFUNCTION, hotfix_setopt_data_callback(handle, CURLOPT_WRITEFUNCTION, onBody))
        options.check(CURLOPT_WRITEDATA, hotfix_setopt_pointer(handle, CURLOPT_WRITEDATA, context))
        options.check(CURLOPT_PREREQFUNCTION, hotfix_setopt_prerequest(handle, onSent))
        options.check(CURLOPT_PREREQDATA, hotfix_setopt_pointer(handle, CURLOPT_PREREQDATA, context))
        options.set(plan.tls)
        if let mail = plan.mail { options.set(mail, in: context) } else { options.setHTTP(plan) }
        lists = options.lists
        return options.refused
    }
}

/// Whole milliseconds as curl takes them: at least 1, since 0 would mean no limit.
private func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
}

func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private let onHead: hotfix_data_callback = { data, size, count, context in
    transfer(context)?.takeHead(UnsafeRawBufferPointer(start: data, count: size * count))
    return size * count
}

private let onBody: hotfix_data_callback = { data, size, count, context in
    let bytes = UnsafeRawBufferPointer(start: data, count: size * count)
    return transfer(context)?.takeBody(bytes) == true ? bytes.count : hotfix_write_error
}

private let onSent: hotfix_prerequest_callback = { context, _, _, _, _ in
    transfer(context)?.markSent()
    return hotfix_prerequest_ok
}
