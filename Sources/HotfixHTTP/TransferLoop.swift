import CCurl

/// Drives all transfers on one thread: the sole owner of every curl handle.
///
/// It is not `Sendable` and is created on its thread, so the compiler keeps the handles there.
final class TransferLoop {
    private struct Running {
        let transfer: Transfer
        let order: TransferOrder
    }

    private let mailbox: TransferMailbox
    private let limits: HTTPLimits
    private let now: @Sendable () -> Double
    private var admission: Admission<TransferOrder>
    private var running: [UnsafeMutableRawPointer: Running] = [:]
    private var handles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]

    init(mailbox: TransferMailbox, limits: HTTPLimits, now: @escaping @Sendable () -> Double) {
        self.mailbox = mailbox
        self.limits = limits
        self.now = now
        admission = Admission(perOrigin: limits.inFlightPerHost, total: limits.total)
    }

    /// Runs until the mailbox closes; idle, it sleeps in `curl_multi_poll`.
    func run() {
        let multi = isCurlReady ? curl_multi_init() : nil
        if let multi {
            _ = hotfix_multi_setopt_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
            _ = hotfix_multi_setopt_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, limits.perHost)
            _ = hotfix_multi_setopt_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limits.total)
            _ = hotfix_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, limits.total)
            mailbox.open(multi)
            while turn(multi) {}
            mailbox.forget()
            giveUpAll(multi)
            curl_multi_cleanup(multi)
        } else {
            mailbox.close()
            for case .start(let order) in mailbox.take().messages {
                order.continuation.resume(
                    throwing: HTTPError(.resources, "libcurl could not be set up. Check the free memory and files.")
                )
            }
        }
        mailbox.finish()
    }

    /// One turn of the loop.
    ///
    /// - Returns: Whether there is to be another.
    private func turn(_ multi: UnsafeMutableRawPointer) -> Bool {
        let (messages, isClosing) = mailbox.take()
        for message in messages {
            switch message {
            case .start(let order): admission.enqueue(order, for: order.plan.target.origin)
            case .cancel(let ticket): cancel(ticket, multi)
            }
        }
        if isClosing { return false }
        admit(multi)
        var active: Int32 = 0
        _ = curl_multi_perform(multi, &active)
        if collect(multi) { return true }
        // A wake-up between taking the messages and here makes the poll return at once.
        _ = curl_multi_poll(multi, nil, 0, 60_000, nil)
        return true
    }

    private func admit(_ multi: UnsafeMutableRawPointer) {
        while let order = admission.next() {
            do {
                if order.ticket.isWithdrawn { throw CancellationError() }
                let transfer = try Transfer(order.plan, now: now)
                guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
                    throw HTTPError(.resources, "libcurl could not take \(order.plan.subject). Check the free memory.")
                }
                running[transfer.handle] = Running(transfer: transfer, order: order)
                handles[ObjectIdentifier(order.ticket)] = transfer.handle
            } catch {
                admission.leave(order.plan.target.origin)
                order.continuation.resume(throwing: error)
            }
        }
    }

    /// - Returns: Whether any transfer ended.
    private func collect(_ multi: UnsafeMutableRawPointer) -> Bool {
        var any = false
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            // The message is gone once its handle leaves the multi handle.
            let code = message.pointee.data.result
            guard let ended = end(handle, multi) else { continue }
            any = true
            ended.order.continuation.resume(with: ended.transfer.finish(code).mapError { $0 as any Error })
        }
        return any
    }

    private func cancel(_ ticket: TransferTicket, _ multi: UnsafeMutableRawPointer) {
        let order =
            handles[ObjectIdentifier(ticket)].flatMap { end($0, multi)?.order }
            ?? admission.withdraw { $0.ticket === ticket }
        order?.continuation.resume(throwing: CancellationError())
    }

    private func end(_ handle: UnsafeMutableRawPointer, _ multi: UnsafeMutableRawPointer) -> Running? {
        guard let ended = running.removeValue(forKey: handle) else { return nil }
        handles[ObjectIdentifier(ended.order.ticket)] = nil
        admission.leave(ended.order.plan.target.origin)
        _ = curl_multi_remove_handle(multi, handle)
        return ended
    }

    private func giveUpAll(_ multi: UnsafeMutableRawPointer) {
        let orders = running.keys.compactMap { end($0, multi)?.order } + admission.withdrawAll()
        for order in orders { order.continuation.resume(throwing: shutDownError(order.plan)) }
    }
}

private let isCurlReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
