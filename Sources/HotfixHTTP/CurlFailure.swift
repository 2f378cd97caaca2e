import CCurl

/// Why curl gave up on a transfer.
struct CurlFailure {
    var code: CURLcode
    /// Curl's own words, free of secrets.
    var text: String
    /// Whether the request may have begun to leave.
    var wasSent: Bool
    var headArrived: Bool
    var overflowed: Bool

    /// The error to throw, with what to do next.
    func error(for plan: TransferPlan) -> HTTPError {
        let (kind, what, isTransient) = verdict(for: plan)
        let words = text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        return HTTPError(
            kind,
            "\(plan.subject): \(what)",
            cause: "curl \(code.rawValue): \(words)",
            isTransient: isTransient,
            isUnsent: code == CURLE_COULDNT_CONNECT || !wasSent
        )
    }

    private func verdict(for plan: TransferPlan) -> (HTTPError.Code, String, Bool) {
        if overflowed {
            return (.tooLarge, "the answer is larger than \(plan.bodyLimit) bytes. Ask for less at once.", false)
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return (.resolve, "the name can't be resolved. Check the host, the proxy and the resolver.", true)
        case CURLE_OPERATION_TIMEDOUT:
            return (.timedOut, "no full answer within the deadline. Check the server's load and the network.", true)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
            return (.tls, "the server's certificate is not trusted. Check its name, its dates and the CA file.", false)
        case CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CIPHER,
            CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED:
            return (.tls, "the TLS files can't be used. Check the CA, certificate and key files.", false)
        case CURLE_SSL_CONNECT_ERROR:
            let lost = text.contains("SSL_ERROR_SYSCALL") || text.contains("reset by peer")
            return (.tls, "the TLS handshake failed. Check that the port speaks TLS.", lost)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING:
            return (.protocolError, "the answer is not valid HTTP. Check what listens at that address.", false)
        case CURLE_PARTIAL_FILE:
            return (.truncated, "the answer ended early. Check the server and the proxies before it.", true)
        case CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_HTTP3:
            return (.protocolError, "the server broke off the request. Check its log.", true)
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_COULDNT_CONNECT, CURLE_PROXY,
            CURLE_INTERFACE_FAILED:
            return lostConnection()
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT:
            return (.resources, "libcurl is out of resources. Check the free memory.", false)
        default:
            return (.protocolError, "the request failed. Check what listens at that address.", false)
        }
    }

    private func lostConnection() -> (HTTPError.Code, String, Bool) {
        // With TLS 1.3 the refusal of a client certificate arrives after the handshake, as a read error.
        if text.contains("SSL"), text.contains("alert") {
            return (.tls, "the server refused the TLS connection. Check the client certificate.", false)
        }
        if text.contains("CONNECT tunnel failed") {
            let what = "the proxy refused the tunnel. Check the proxy, its credentials and what it allows."
            return (.unreachable, what, !text.contains("response 4"))
        }
        if headArrived {
            return (.truncated, "the answer ended early. Check the server and the proxies before it.", true)
        }
        if code == CURLE_COULDNT_CONNECT {
            return (.unreachable, "no connection. Check that the server runs and that the port is right.", true)
        }
        return (.unreachable, "the connection was lost before the answer. Check the server's log.", true)
    }
}
