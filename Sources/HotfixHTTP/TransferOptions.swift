import CCurl

/// The options of one curl handle while they are set, and those that curl refused.
struct TransferOptions {
    let handle: UnsafeMutableRawPointer
    /// The numbers of the options that curl refused.
    private(set) var refused: [UInt32] = []
    /// The lists that curl reads during the transfer; whoever keeps the handle frees them after it.
    private(set) var lists: [UnsafeMutablePointer<curl_slist>] = []

    init(_ handle: UnsafeMutableRawPointer) {
        self.handle = handle
    }

    mutating func check(_ option: CURLoption, _ code: CURLcode) {
        if code != CURLE_OK { refused.append(option.rawValue) }
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        check(option, hotfix_setopt_long(handle, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: String?) {
        check(option, hotfix_setopt_string(handle, option, value))
    }

    mutating func set(_ option: CURLoption, _ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                refused.append(option.rawValue)
                break
            }
            list = longer
        }
        check(option, hotfix_setopt_list(handle, option, list))
        if let list { lists.append(list) }
    }

    mutating func set(_ tls: HTTPTLS) {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let caFile = tls.caFile {
            set(CURLOPT_CAINFO, caFile)
            set(CURLOPT_CAPATH, nil as String?)
        }
        if let certificate = tls.certificateFile {
            set(CURLOPT_SSLCERT, certificate)
            set(CURLOPT_SSLKEY, tls.keyFile ?? certificate)
            // Without any password OpenSSL would ask for one on the terminal.
            set(CURLOPT_KEYPASSWD, tls.keyPassword ?? "")
        }
    }

    /// Sets what is particular to HTTP.
    mutating func setHTTP(_ plan: TransferPlan) {
        let isTLS = plan.target.scheme == "https"
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, isTLS ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
        // Without TLS there is nothing to negotiate, and waiting would serialise the first requests to a host.
        set(CURLOPT_PIPEWAIT, isTLS ? 1 : 0)
        // Curl itself makes a request again whose connection, used before, is lost without an answer: also a POST that was taken.
        set(CURLOPT_FRESH_CONNECT, plan.isRepeatable ? 0 : 1)
        set(CURLOPT_ACCEPT_ENCODING, "")
        set(CURLOPT_USERAGENT, plan.agent)
        if plan.method == .head {
            set(CURLOPT_NOBODY, 1)
        } else if plan.body != nil || plan.method == .post {
            setBody(plan.body ?? [])
        }
        if plan.method != .head { set(CURLOPT_CUSTOMREQUEST, plan.method.rawValue) }
        // The first line stops curl from waiting a second for a "100 Continue" that few servers send.
        set(
            CURLOPT_HTTPHEADER,
            ["Expect:"] + plan.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" })
    }

    private mutating func setBody(_ bytes: [UInt8]) {
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
}
