enum OTLPKey: String, KeySet {
    case type, scrape, bearer, basic, headers, tls, timeout, settle, recheck

    static let title = "otlpSource"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(SourceType.otlp.rawValue), "The kind of source.", isRequired: true)
        case .scrape:
            KeyEntry(
                .url,
                "A page of metrics in text form that `hotfix serve` reads every minute; without it, what is pushed to --otlp."
            )
        case .bearer: KeyEntry(.secret, "A bearer token for the page.")
        case .basic: KeyEntry(.keyed(BasicKey.self), "User name and password for the page.")
        case .headers: KeyEntry(.map([.text]), "Further headers of every request for the page.")
        case .tls: KeyEntry(.keyed(TLSKey.self), "A private authority, or a client's certificate.")
        case .timeout: KeyEntry(.duration, "How long the page may take; 10s by default.")
        case .settle: KeyEntry(.duration, "How long after its end a window is due; 90s by default.")
        case .recheck: KeyEntry(.duration, "Until what age a window is asked again; 15m by default.")
        }
    }
}
