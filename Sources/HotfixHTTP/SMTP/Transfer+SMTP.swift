import CCurl

/// What is said to a mail server once it is reached.
struct SMTPTransaction: Sendable {
    var envelope: SMTPEnvelope
    /// The mail with CR LF at the end of each line; nil to ask no more than whether the sender may send.
    var mail: [UInt8]?
    var username: String?
    var password: String?
    var isEncrypted: Bool
    var replyDeadline: Duration
}

extension TransferOptions {
    /// Sets what is particular to mail.
    mutating func set(_ mail: SMTPTransaction, in transfer: UnsafeMutableRawPointer) {
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // Curl lends a connection without looking whether it is encrypted as this mail wants it.
        set(CURLOPT_FRESH_CONNECT, 1)
        set(CURLOPT_FORBID_REUSE, 1)
        set(CURLOPT_USE_SSL, Int((mail.isEncrypted ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
        set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, Int(mail.replyDeadline.components.seconds)))
        if let username = mail.username {
            set(CURLOPT_USERNAME, username)
            set(CURLOPT_PASSWORD, mail.password ?? "")
            // Else curl takes Kerberos where a server offers it, and gives up where there is no ticket.
            set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
        }
        guard let bytes = mail.mail else {
            // The sender is said and the connection ended: nothing is sent to anybody.
            set(CURLOPT_CUSTOMREQUEST, "MAIL FROM:<\(mail.envelope.from)>")
            return
        }
        set(CURLOPT_UPLOAD, 1)
        set(CURLOPT_MAIL_FROM, mail.envelope.from)
        set(CURLOPT_MAIL_RCPT, [mail.envelope.to])
        check(
            CURLOPT_INFILESIZE_LARGE,
            hotfix_setopt_off(handle, CURLOPT_INFILESIZE_LARGE, curl_off_t(bytes.count)))
        check(CURLOPT_READFUNCTION, hotfix_setopt_data_callback(handle, CURLOPT_READFUNCTION, onMailWanted))
        check(CURLOPT_READDATA, hotfix_setopt_pointer(handle, CURLOPT_READDATA, transfer))
    }
}

private let onMailWanted: hotfix_data_callback = { data, size, count, context in
    transfer(context)?.giveMail(UnsafeMutableRawBufferPointer(start: data, count: size * count)) ?? 0
}
