import HotfixCore

/// What pages there are.
enum PageRoute: Hashable {
    case home, events, signIn, signOut, acknowledge, silence
    case service(String)
    case verdict(Pair)
    case sheet(String)

    /// The page of an address; nil where it is none.
    init?(_ target: APITarget) {
        let path = target.path
        switch path.count {
        case 1:
            switch path[0] {
            case "": self = .home
            case "events": self = .events
            case "sign-in": self = .signIn
            case "sign-out": self = .signOut
            case "ack": self = .acknowledge
            case "silence": self = .silence
            case "services":
                // Names that are no segment of a path for everybody stand in the query.
                func name(_ parameter: String) -> String? {
                    target.query.first { $0.name == parameter }.flatMap { $0.value.isEmpty ? nil : $0.value }
                }
                guard let service = name("service") else { return nil }
                self = name("guardrail").map { .verdict(Pair(service, $0)) } ?? .service(service)
            case let name where name.hasPrefix("page.") && (name.hasSuffix(".css") || name.hasSuffix(".js")):
                self = .sheet(name)
            default: return nil
            }
        case 2 where path[0] == "services" && !path[1].isEmpty: self = .service(path[1])
        case 4 where path[0] == "services" && path[2] == "guardrails" && !path[1].isEmpty && !path[3].isEmpty:
            self = .verdict(Pair(path[1], path[3]))
        default: return nil
        }
    }

    /// How it may be called.
    var methods: [String] {
        switch self {
        case .signIn: ["GET", "POST"]
        case .signOut, .acknowledge, .silence: ["POST"]
        default: ["GET"]
        }
    }
}
