enum ReleaseKey: String, KeySet {
    case artifacts, workflow, prerelease, feeds

    static let title = "release"

    var entry: KeyEntry {
        switch self {
        case .artifacts:
            KeyEntry(.list(.text), "The names of the files of a release, with {version}, {tag} and * for anything.")
        case .workflow:
            KeyEntry(.text, "The file of the workflow that builds a release, such as release.yml; any where not given.")
        case .prerelease: KeyEntry(.boolean, "Whether releases are marked as prereleases; false by default.")
        case .feeds:
            KeyEntry(.list(.any(FeedType.allCases.map { .keyed($0.keys) })), "The update feeds that clients ask.")
        }
    }
}

extension FeedType {
    var keys: any KeySet.Type {
        switch self {
        case .sparkle: SparkleFeedKey.self
        case .electron: ElectronFeedKey.self
        case .tauri: TauriFeedKey.self
        }
    }
}

enum SparkleFeedKey: String, KeySet {
    case type, url
    case publicKey = "public_key"

    static let title = "sparkleFeed"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(FeedType.sparkle.rawValue), "Whose feed it is.", isRequired: true)
        case .url: KeyEntry(.url, "The address of the appcast.", isRequired: true)
        case .publicKey: KeyEntry(.text, "SUPublicEDKey of the app, in base64.", isRequired: true)
        }
    }
}

enum ElectronFeedKey: String, KeySet {
    case type, url

    static let title = "electronFeed"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(FeedType.electron.rawValue), "Whose feed it is.", isRequired: true)
        case .url: KeyEntry(.url, "The address of latest.yml, latest-mac.yml or their like.", isRequired: true)
        }
    }
}

enum TauriFeedKey: String, KeySet {
    case type, url
    case publicKey = "public_key"
    case platforms

    static let title = "tauriFeed"

    var entry: KeyEntry {
        switch self {
        case .type: KeyEntry(.constant(FeedType.tauri.rawValue), "Whose feed it is.", isRequired: true)
        case .url:
            KeyEntry(
                .url, "The address of latest.json, or of a server, with {{target}}, {{arch}} and {{current_version}}.",
                isRequired: true)
        case .publicKey: KeyEntry(.text, "The updater's pubkey of tauri.conf.json.", isRequired: true)
        case .platforms:
            KeyEntry(.list(.text), "The platforms that it has to serve, such as darwin-aarch64.")
        }
    }
}
