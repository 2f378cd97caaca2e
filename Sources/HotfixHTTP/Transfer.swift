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
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var head = TransferHead()
    private var body: [UInt8] = []
    private var overflowed = false
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
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Turns curl's verdict into an answer or an error.
    func finish(_ code: CURLcode) -> Result<TransferResult, HTTPError> {
        // Curl takes a head that ends early for a whole one, and reads "1x" as a length of 1.
        let code = code == CURLE_OK && !head.isComplete ? CURLE_PARTIAL_FILE : code
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

    fileprivate func takeHead(_ bytes: UnsafeRawBufferPointer) { head.take(bytes, now: now) }

    fileprivate func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if let sink = plan.sink, sink.wants(HTTPHeaders(head.fields)) { return sink.take(Array(bytes)) }
        guard bytes.count <= plan.bodyLimit - body.count else {
            overflowed = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    fileprivate func markSent() { sentAt = now() }

    /// - Returns: The numbers of the options that curl refused.
    private func configure() -> [UInt32] {
        var refused: [UInt32] = []
        func check(_ option: CURLoption, _ code: CURLcode) {
            if code != CURLE_OK { refused.append(option.rawValue) }
        }
        func set(_ option: CURLoption, _ value: Int) { check(option, hotfix_setopt_long(handle, option, value)) }
        func set(_ option: CURLoption, _ value: String?) { check(option, hotfix_setopt_string(handle, option, value)) }

        let isTLS = plan.target.scheme == "https"
        let context = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_NOSIGNAL, 1)
        // A cancelled transfer must not hold up the others until its name is resolved.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_URL, plan.target.url)
        set(CURLOPT_FOLLOWLOCATION, 0)
        // What stays on this machine is nobody else's to see, whatever the environment says of proxies.
        set(CURLOPT_NOPROXY, plan.target.isLoopback ? "*" : nil as String?)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_HTTP_VERSION, isTLS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
        // Without TLS there is nothing to negotiate, and waiting would serialise the first requests to a host.
        set(CURLOPT_PIPEWAIT, isTLS ? 1 : 0)
        set(CURLOPT_ACCEPT_ENCODING, "")
        set(CURLOPT_USERAGENT, plan.agent)
        set(CURLOPT_TIMEOUT_MS, milliseconds(plan.deadline))
        set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(plan.connectDeadline))
        check(CURLOPT_ERRORBUFFER, hotfix_setopt_pointer(handle, CURLOPT_ERRORBUFFER, errorText))
        check(CURLOPT_PRIVATE, hotfix_setopt_pointer(handle, CURLOPT_PRIVATE, context))

        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let caFile = plan.tls.caFile {
            set(CURLOPT_CAINFO, caFile)
            set(CURLOPT_CAPATH, nil as String?)
        }
        if let certificate = plan.tls.certificateFile {
            set(CURLOPT_SSLCERT, certificate)
            set(CURLOPT_SSLKEY, plan.tls.keyFile ?? certificate)
            // Without any password OpenSSL would ask for one on the terminal.
            set(CURLOPT_KEYPASSWD, plan.tls.keyPassword ?? "")
        }

        check(CURLOPT_HEADERFUNCTION, hotfix_setopt_data_callback(handle, CURLOPT_HEADERFUNCTION, onHead))
        check(CURLOPT_HEADERDATA, hotfix_setopt_pointer(handle, CURLOPT_HEADERDATA, context))
        check(CURLOPT_WRITEFUNCTION, hotfix_setopt_data_callback(handle, CURLOPT_WRITEFUNCTION, onBody))
        check(CURLOPT_WRITEDATA, hotfix_setopt_pointer(handle, CURLOPT_WRITEDATA, context))
        check(CURLOPT_PREREQFUNCTION, hotfix_setopt_prerequest(handle, onSent))
        check(CURLOPT_PREREQDATA, hotfix_setopt_pointer(handle, CURLOPT_PREREQDATA, context))

        if plan.method == .head {
            set(CURLOPT_NOBODY, 1)
        } else if plan.body != nil || plan.method == .post {
            let bytes = plan.body ?? []
            check(
                CURLOPT_POSTFIELDSIZE_LARGE,
                hotfix_setopt_off(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
            )
            let code = bytes.withUnsafeBytes { raw in
                // Curl copies as many bytes as the size says; an empty array has no address to copy from.
                raw.baseAddress.map {
                    hotfix_setopt_pointer(handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0))
                } ?? hotfix_setopt_string(handle, CURLOPT_COPYPOSTFIELDS, "")
            }
            check(CURLOPT_COPYPOSTFIELDS, code)
        }
        if plan.method != .head { set(CURLOPT_CUSTOMREQUEST, plan.method.rawValue) }

        // The first line stops curl from waiting a second for a "100 Continue" that few servers send.
        for line in ["Expect:"] + plan.headers.map({ $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }) {
            guard let list = curl_slist_append(headerList, line) else {
                refused.append(CURLOPT_HTTPHEADER.rawValue)
                break
            }
            headerList = list
        }
        check(CURLOPT_HTTPHEADER, hotfix_setopt_list(handle, CURLOPT_HTTPHEADER, headerList))
        return refused
    }
}

/// Whole milliseconds as curl takes them: at least 1, since 0 would mean no limit.
private func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
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
